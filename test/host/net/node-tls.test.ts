import { createServer, TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTls } from '../../../src/host/net/node-tls.ts';
import { type Certificates, makeCertificates } from '../../servers/certificates.ts';
import { closedPort, type Listening, listen, tcpServer } from '../../servers/listen.ts';

const tls = createTls();
const open: Listening[] = [];
let certificates: Certificates;
beforeAll(() => {
  certificates = makeCertificates();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function look(which: 'good' | 'otherName' | 'expired' | 'selfSigned', ca = true) {
  const server = await listen(createServer(certificates[which], (socket) => socket.end()));
  open.push(server);
  const target = { host: 'localhost', port: server.port, ...(ca ? { ca: certificates.ca } : {}) };
  const outcome = await tls.inspect(target, 5000);
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome;
}

describe('a certificate', () => {
  it('is read', async () => {
    const seen = await look('good');
    expect(seen).toMatchObject({
      subject: 'localhost',
      issuer: 'Test authority',
      names: ['localhost', '127.0.0.1'],
      protocol: 'TLSv1.3',
    });
    expect(seen.distrust).toBeUndefined();
    expect(seen.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(seen.validUntil - seen.validFrom).toBe(10 * 86_400_000);
  });

  it('is read also when it is not trusted, with the reason', async () => {
    expect((await look('selfSigned')).distrust).toContain('self-signed');
    expect((await look('expired')).distrust).toContain('has expired');
    expect((await look('otherName')).distrust).toBe(
      'the certificate is for other.example, and not for localhost',
    );
    expect((await look('good', false)).distrust).toContain("the issuer 'Test authority' is not known here");
  });

  it('is not there when nothing or something else listens', async () => {
    const target = { host: '127.0.0.1', port: await closedPort() };
    expect(await tls.inspect(target, 5000)).toMatchObject({
      ok: false,
      phase: 'connect',
      code: 'ECONNREFUSED',
    });
    const plain = await tcpServer((socket) => socket.end('hello\r\n'));
    open.push(plain);
    expect(await tls.inspect({ host: '127.0.0.1', port: plain.port }, 5000)).toMatchObject({
      ok: false,
      phase: 'tls',
    });
    const silent = await tcpServer(() => {});
    open.push(silent);
    expect(await tls.inspect({ host: '127.0.0.1', port: silent.port }, 150)).toMatchObject({
      ok: false,
      phase: 'tls',
      code: 'TIMEOUT',
    });
    expect(await tls.inspect(target, 5000, AbortSignal.abort())).toMatchObject({
      ok: false,
      phase: 'aborted',
    });
  });
});

describe('a certificate behind STARTTLS', () => {
  const talks = {
    smtp: ['220-hello\r\n220 ready\r\n', '250-x\r\n250 STARTTLS\r\n', '220 go\r\n'],
    imap: ['* OK ready\r\n', 'a OK go\r\n'],
    pop3: ['+OK ready\r\n', '+OK go\r\n'],
    ftp: ['220 ready\r\n', '234 go\r\n'],
    postgres: ['', 'S'],
  } as const;

  it.each(Object.entries(talks))('of %s is read', async (protocol, lines) => {
    const server = await tcpServer((socket) => {
      const rest = [...lines];
      const next = () => {
        socket.write(rest.shift() ?? '');
        if (rest.length > 0) socket.once('data', next);
        else new TLSSocket(socket, { isServer: true, ...certificates.good }).on('error', () => {});
      };
      next();
    });
    open.push(server);
    const target = {
      host: 'localhost',
      port: server.port,
      ca: certificates.ca,
      starttls: protocol as 'smtp',
    };
    const seen = await tls.inspect(target, 5000);
    expect(seen).toMatchObject({ ok: true, subject: 'localhost' });
    expect(seen).not.toHaveProperty('distrust');
  });

  it('is not there when the server refuses or is silent', async () => {
    const refusing = await tcpServer((socket) => socket.write('554 no service\r\n'));
    const silent = await tcpServer(() => {});
    open.push(refusing, silent);
    const look = (port: number) => tls.inspect({ host: '127.0.0.1', port, starttls: 'smtp' }, 300);
    expect(await look(refusing.port)).toMatchObject({ ok: false, phase: 'tls', code: 'MISMATCH' });
    expect(await look(silent.port)).toMatchObject({ ok: false, phase: 'tls', code: 'TIMEOUT' });
  });
});
