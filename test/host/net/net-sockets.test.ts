import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSockets } from '../../../src/host/net/net-sockets.ts';
import type { SocketOutcome } from '../../../src/host/sockets.ts';
import { type Certificates, makeCertificates } from '../../servers/certificates.ts';
import { closedPort, type Listening, listen, tcpServer } from '../../servers/listen.ts';

const sockets = createSockets();
const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function tcp(behave: Parameters<typeof tcpServer>[0]): Promise<{ host: string; port: number }> {
  const server = await tcpServer(behave);
  open.push(server);
  return { host: '127.0.0.1', port: server.port };
}

function failed(outcome: SocketOutcome) {
  if (outcome.ok) throw new Error(`expected a failure, got '${outcome.received}'`);
  return outcome;
}

function good(outcome: SocketOutcome) {
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome;
}

describe('connect', () => {
  it('tells address and time, and closes', async () => {
    let closed: () => void = () => {};
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const target = await tcp((socket) => socket.resume().once('close', () => closed()));
    const outcome = good(await sockets.connect(target, 5000));
    expect(outcome.address).toBe('127.0.0.1');
    expect(outcome.connectMs).toBeLessThanOrEqual(outcome.totalMs);
    await gone;
  });

  it('reaches a unix socket, and says what is wrong with a path', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'watcher-sockets-'));
    const server = createServer((socket) => socket.end('hello'));
    await new Promise<void>((resolve) => server.listen(join(folder, 'x'), resolve));
    try {
      expect(
        good(await sockets.converse({ path: join(folder, 'x') }, [{ expect: 'lo' }], 5000)).received,
      ).toBe('hello');
      expect(failed(await sockets.connect({ path: join(folder, 'y') }, 5000)).code).toBe('ENOENT');
    } finally {
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    }
  });

  it('fails in words', async () => {
    const port = await closedPort();
    expect(failed(await sockets.connect({ host: '127.0.0.1', port }, 5000))).toMatchObject({
      phase: 'connect',
      code: 'ECONNREFUSED',
      reason: `connection to 127.0.0.1:${port} refused: nothing listens there`,
    });
    expect(failed(await sockets.connect({ host: 'nowhere.invalid', port }, 5000)).phase).toBe('dns');
    expect(failed(await sockets.connect({ host: '127.0.0.1', port, family: 6 }, 5000)).phase).toBe('dns');
    expect(failed(await sockets.connect({ host: '127.0.0.1', port }, 5000, AbortSignal.abort())).phase).toBe(
      'aborted',
    );
  });
});

describe('a conversation', () => {
  it('takes its turns, and each looks only at what is new', async () => {
    const target = await tcp((socket) => {
      socket.write('220 ready\r\n');
      socket.on('data', (data) => socket.write(String(data) === 'A' ? '250 first\r\n' : '250 second\r\n'));
    });
    const script = [
      { expect: /^220/ },
      { send: 'A' },
      { expect: '250' },
      { send: Buffer.from('B') },
      { expect: /^250 second/m },
    ];
    const outcome = good(await sockets.converse(target, script, 5000));
    expect(outcome.received).toBe('220 ready\r\n250 first\r\n250 second\r\n');
    expect(Buffer.from(outcome.bytes ?? []).toString()).toBe(outcome.received);
  });

  it('joins what comes in pieces, also in the middle of a character', async () => {
    const bytes = Buffer.from('größer');
    const target = await tcp((socket) => {
      socket.write(bytes.subarray(0, 3));
      setImmediate(() => socket.write(bytes.subarray(3)));
    });
    expect(good(await sockets.converse(target, [{ expect: 'größer' }], 5000)).received).toBe('größer');
  });

  it('says what was expected and what came', async () => {
    const target = await tcp((socket) => {
      socket.write('-ERR unknown\r\n');
    });
    const late = failed(await sockets.converse(target, [{ expect: /^[+]PONG/ }], 150));
    expect(late).toMatchObject({ phase: 'expect', code: 'TIMEOUT', received: '-ERR unknown\r\n' });
    expect(late.reason).toMatch(/but only '-ERR unknown' came, and not '\^\[\+\]PONG', within 150 ms$/);
    const full = failed(await sockets.converse(target, [{ expect: 'PONG', maxBytes: 5 }], 5000));
    expect(full).toMatchObject({ phase: 'expect', code: 'MISMATCH' });
  });

  it('ends when nothing comes, when the other side closes, and when it is called off', async () => {
    const silent = await tcp(() => {});
    expect(failed(await sockets.converse(silent, [{ expect: 'x' }], 100)).reason).toMatch(
      /but no answer within 100 ms$/,
    );
    const closing = await tcp((socket) => socket.end('bye'));
    const closed = failed(await sockets.converse(closing, [{ expect: 'x' }], 5000));
    expect(closed).toMatchObject({ phase: 'expect', code: 'CLOSED' });
    expect(closed.reason).toContain("closed the connection: expected 'x', got 'bye'");
    const controller = new AbortController();
    const aborting = await tcp(() => controller.abort());
    expect(failed(await sockets.converse(aborting, [{ expect: 'x' }], 5000, controller.signal)).phase).toBe(
      'aborted',
    );
  });

  it('does not fill the memory when the other side pours', async () => {
    const target = await tcp((socket) => {
      const more = () => {
        while (!socket.destroyed && socket.write('x'.repeat(65_536)));
      };
      socket.on('drain', more);
      more();
    });
    const outcome = failed(await sockets.converse(target, [{ expect: 'y' }], 5000));
    expect(outcome.code).toBe('MISMATCH');
    expect(outcome.received?.length).toBeLessThan(1_000_000);
  });

  describe('in TLS', () => {
    let certificates: Certificates;
    beforeAll(() => {
      certificates = makeCertificates();
    });

    it('from the start', async () => {
      const server = await listen(createTlsServer(certificates.good, (socket) => socket.end('inside')));
      open.push(server);
      const target = { host: 'localhost', port: server.port, tls: true, ca: certificates.ca };
      expect(good(await sockets.converse(target, [{ expect: 'inside' }], 5000)).received).toBe('inside');
      expect(failed(await sockets.converse({ ...target, ca: certificates.good.cert }, [], 5000)).phase).toBe(
        'tls',
      );
      expect(
        good(
          await sockets.converse(
            { host: 'localhost', port: server.port, tls: true, verify: false },
            [],
            5000,
          ),
        ).ok,
      ).toBe(true);
    });

    it('from a turn on', async () => {
      const target = await tcp((socket) => {
        socket.write('220 plain\r\n');
        socket.once('data', () => {
          socket.write('220 go on\r\n');
          const secure = new TLSSocket(socket, { isServer: true, ...certificates.good });
          secure.on('error', () => {});
          secure.write('250 inside\r\n');
        });
      });
      const script = [
        { expect: /220 plain/ },
        { send: 'STARTTLS\r\n' },
        { expect: /go on\r\n/ },
        { startTls: true },
        { expect: /250 inside/ },
      ] as const;
      const outcome = good(await sockets.converse({ ...target, ca: certificates.ca }, script, 5000));
      expect(outcome.received).toBe('220 plain\r\n220 go on\r\n250 inside\r\n');
      const distrusted = failed(await sockets.converse(target, script, 5000));
      expect(distrusted.phase).toBe('tls');
    });
  });
});

describe('a datagram', () => {
  it('is answered', async () => {
    const server = createSocket('udp4');
    server.on('message', (data, from) => server.send(`got ${data}`, from.port, from.address));
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
    try {
      const target = { host: '127.0.0.1', port: server.address().port };
      const outcome = await sockets.exchange(target, Buffer.from('hi'), 5000);
      expect(outcome.ok && Buffer.from(outcome.bytes).toString()).toBe('got hi');
    } finally {
      server.close();
    }
  });

  it('is refused, or lost in silence', async () => {
    const server = createSocket('udp4');
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
    const target = { host: '127.0.0.1', port: server.address().port };
    expect(await sockets.exchange(target, Buffer.from('hi'), 100)).toMatchObject({
      ok: false,
      phase: 'expect',
      code: 'TIMEOUT',
    });
    await new Promise<void>((resolve) => server.close(() => resolve()));
    expect(await sockets.exchange(target, Buffer.from('hi'), 5000)).toMatchObject({
      ok: false,
      phase: 'expect',
      code: 'ECONNREFUSED',
    });
    expect(await sockets.exchange({ host: 'x.invalid', port: 1 }, Buffer.from('hi'), 5000)).toMatchObject({
      phase: 'dns',
    });
  });
});
