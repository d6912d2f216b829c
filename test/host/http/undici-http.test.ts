import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../../src/host/http/undici-http.ts';
import type { HttpOutcome, HttpRequest } from '../../../src/host/http.ts';
import { type Certificates, makeCertificates, type Pair } from '../../servers/certificates.ts';
import { closedPort, type Listening, listen, tcpServer } from '../../servers/listen.ts';

const client = createHttpClient();
const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function http(listener: RequestListener, host?: string): Promise<number> {
  const server = await listen(createServer(listener), host);
  open.push(server);
  return server.port;
}

async function tcp(behave: Parameters<typeof tcpServer>[0]): Promise<number> {
  const server = await tcpServer(behave);
  open.push(server);
  return server.port;
}

function get(url: string, more: Partial<HttpRequest> = {}): Promise<HttpOutcome> {
  return client.request({
    url,
    method: 'GET',
    headers: {},
    timeouts: { connect: 5000, headers: 5000, total: 5000 },
    maxBodyBytes: 1024 * 1024,
    redirects: 0,
    ...more,
  });
}

function failed(outcome: HttpOutcome) {
  if (outcome.ok) throw new Error(`expected a failure, got ${outcome.status}`);
  return outcome;
}

function answered(outcome: HttpOutcome) {
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome;
}

const hurried = { timeouts: { connect: 5000, headers: 150, total: 5000 } };

describe('an answer', () => {
  it('comes with status, headers, body, size and the time of each phase', async () => {
    const port = await http((request, response) => {
      response.writeHead(201, {
        'X-Seen': request.headers['user-agent'] ?? '',
        'Set-Cookie': ['a=1', 'b=2'],
      });
      response.end(`${request.method} ${request.url} ${request.headers.connection}`);
    });
    const outcome = answered(await get(`http://127.0.0.1:${port}/path?q=1#part`));
    expect(outcome).toMatchObject({
      status: 201,
      body: 'GET /path?q=1 close',
      bodyBytes: 19,
      truncated: false,
      redirects: 0,
      url: `http://127.0.0.1:${port}/path?q=1#part`,
    });
    expect(outcome.headers).toMatchObject({ 'x-seen': 'watcher', 'set-cookie': 'a=1, b=2' });
    const { dns, connect, firstByte, total } = outcome.timings;
    expect([dns, connect, firstByte, total]).toEqual(
      [dns, connect, firstByte, total].toSorted((a, b) => Number(a) - Number(b)),
    );
  });

  it('is asked for over a fresh connection each time', async () => {
    const ports = new Set<number | undefined>();
    const port = await http((request, response) => {
      ports.add(request.socket.remotePort);
      response.end();
    });
    for (let i = 0; i < 3; i += 1) await get(`http://127.0.0.1:${port}/`);
    expect(ports.size).toBe(3);
  });

  it('takes method, body and headers, and the login of the address without repeating it', async () => {
    const port = await http(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      response.end(`${request.method} ${request.headers.authorization} ${request.headers['x-a']} ${body}`);
    });
    const outcome = answered(
      await get(`http://me:p%40ss@127.0.0.1:${port}/`, {
        method: 'POST',
        body: 'hello',
        headers: { 'X-A': '1' },
      }),
    );
    expect(outcome.body).toBe(`POST Basic ${Buffer.from('me:p@ss').toString('base64')} 1 hello`);
    expect(outcome.url).toBe(`http://127.0.0.1:${port}/`);
  });

  it('may have no body', async () => {
    const port = await http((_request, response) => {
      response.setHeader('content-length', '5000');
      response.end();
    });
    expect(answered(await get(`http://127.0.0.1:${port}/`, { method: 'HEAD' }))).toMatchObject({
      status: 200,
      body: '',
      bodyBytes: 0,
    });
  });

  it('is read no further than the limit, and its whole size is told where the server tells it', async () => {
    const port = await http((request, response) => {
      if (request.url === '/endless') {
        const more = () => {
          while (response.write('x'.repeat(16_384))) if (response.destroyed) return;
          response.once('drain', more);
        };
        more();
        return;
      }
      response.end('x'.repeat(300_000));
    });
    const outcome = answered(await get(`http://127.0.0.1:${port}/`, { maxBodyBytes: 1000 }));
    expect(outcome).toMatchObject({ truncated: true, bodyBytes: 300_000 });
    expect(outcome.body).toHaveLength(1000);
    expect(answered(await get(`http://127.0.0.1:${port}/endless`, { maxBodyBytes: 0 }))).toMatchObject({
      truncated: true,
      body: '',
    });
    expect(answered(await get(`http://127.0.0.1:${port}/endless`, { maxBodyBytes: 50 })).body).toHaveLength(
      50,
    );
  });

  it('is unpacked and decoded as its headers say', async () => {
    const port = await http((request, response) => {
      if (request.url === '/gzip') {
        response.setHeader('content-encoding', 'gzip');
        response.end(gzipSync('packed'));
      } else if (request.url === '/bomb') {
        response.setHeader('content-encoding', 'gzip');
        response.end(gzipSync(Buffer.alloc(50_000_000)));
      } else {
        response.setHeader('content-type', 'text/plain; charset=iso-8859-1');
        response.end(Buffer.from([0xe4]));
      }
    });
    expect(answered(await get(`http://127.0.0.1:${port}/gzip`)).body).toBe('packed');
    expect(answered(await get(`http://127.0.0.1:${port}/latin`)).body).toBe('ä');
    expect(answered(await get(`http://127.0.0.1:${port}/bomb`)).body.length).toBeLessThan(1_000_000);
  });

  it('comes from a unix socket as well', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'watcher-http-'));
    const path = join(folder, 'x.sock');
    const server = createServer((request, response) => response.end(request.headers.host));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    try {
      expect(answered(await get('http://docker/info', { socketPath: path })).body).toBe('docker');
      const gone = failed(await get('http://docker/info', { socketPath: join(folder, 'none.sock') }));
      expect(gone).toMatchObject({
        phase: 'connect',
        code: 'ENOENT',
        reason: `no such socket: ${folder}/none.sock`,
      });
    } finally {
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    }
  });

  it('comes from localhost when the server listens on one family only', async () => {
    const port = await http((_request, response) => response.end('six'), '::1');
    expect(answered(await get(`http://localhost:${port}/`)).body).toBe('six');
    expect(answered(await get(`http://[::1]:${port}/`)).body).toBe('six');
    expect(failed(await get(`http://localhost:${port}/`, { family: 4 })).code).toBe('ECONNREFUSED');
  });
});

describe('redirects', () => {
  async function hopping(): Promise<number> {
    return http((request, response) => {
      const hop = /^\/hop(\d)$/.exec(request.url ?? '');
      if (hop !== null) {
        const next = Number(hop[1]) === 0 ? '/end' : `/hop${Number(hop[1]) - 1}`;
        response.writeHead(302, { location: next }).end('moved');
      } else response.end(`${request.method} ${request.headers['x-key'] ?? 'no key'}`);
    });
  }

  it('are not followed unless asked', async () => {
    const outcome = answered(await get(`http://127.0.0.1:${await hopping()}/hop0`));
    expect(outcome).toMatchObject({ status: 302, redirects: 0, body: 'moved' });
  });

  it('are followed and counted, and a circle is told', async () => {
    const port = await hopping();
    const outcome = answered(
      await get(`http://127.0.0.1:${port}/hop2`, {
        redirects: 3,
        method: 'POST',
        body: 'x',
        headers: { 'X-Key': 'k' },
      }),
    );
    expect(outcome).toMatchObject({
      status: 200,
      redirects: 3,
      body: 'GET k',
      url: `http://127.0.0.1:${port}/end`,
    });
    const circle = failed(await get(`http://127.0.0.1:${port}/hop2`, { redirects: 2 }));
    expect(circle).toMatchObject({ phase: 'headers', code: 'TOO_MANY_REDIRECTS' });
    expect(circle.reason).toBe(
      `followed 2 redirects, and 127.0.0.1:${port} still redirects; raise the number or check for a circle`,
    );
  });

  it('take no secret header to another origin', async () => {
    const seen: unknown[] = [];
    const other = await http((request, response) => {
      seen.push(request.headers.authorization, request.headers['x-key'], request.headers.cookie);
      response.end('there');
    });
    const port = await http((_request, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${other}/` }).end(),
    );
    const headers = { 'X-Key': 'k', Cookie: 'c', Authorization: 'a' };
    expect(answered(await get(`http://127.0.0.1:${port}/`, { redirects: 1, headers })).body).toBe('there');
    expect(seen).toEqual([undefined, undefined, undefined]);
  });

  it('to something that is no HTTP address are a failure', async () => {
    const port = await http((_request, response) => response.writeHead(302, { location: 'ftp://x/' }).end());
    expect(failed(await get(`http://127.0.0.1:${port}/`, { redirects: 1 })).code).toBe('BAD_REDIRECT');
  });
});

describe('a failure says how far it came', () => {
  it('nothing listens', async () => {
    const port = await closedPort();
    expect(failed(await get(`http://127.0.0.1:${port}/`))).toMatchObject({
      phase: 'connect',
      code: 'ECONNREFUSED',
      reason: `connection to 127.0.0.1:${port} refused: nothing listens there`,
    });
    expect(failed(await get(`http://localhost:${port}/`)).reason).toBe(
      `connection to localhost:${port} refused: nothing listens there (tried 127.0.0.1 and ::1)`,
    );
  });

  it('the name does not exist', async () => {
    const outcome = failed(await get('http://no-such-name.invalid/'));
    expect(outcome.phase).toBe('dns');
    expect(outcome.reason).toContain("'no-such-name.invalid'");
  });

  it('the address cannot be read', async () => {
    expect(failed(await get('ftp://x/')).code).toBe('BAD_URL');
    expect(failed(await get('nonsense')).code).toBe('BAD_URL');
  });

  it('accepts and never answers', async () => {
    const port = await tcp(() => {});
    const outcome = failed(await get(`http://127.0.0.1:${port}/`, hurried));
    expect(outcome).toMatchObject({ phase: 'headers', code: 'TIMEOUT' });
    expect(outcome.reason).toMatch(
      new RegExp(`^connected to 127\\.0\\.0\\.1:${port} in [\\d.]+ ms, but no answer within 150 ms$`),
    );
  });

  it('sends half of the headers', async () => {
    const port = await tcp((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Ty'));
    expect(failed(await get(`http://127.0.0.1:${port}/`, hurried))).toMatchObject({
      phase: 'headers',
      code: 'TIMEOUT',
    });
  });

  it('drips the body without end', async () => {
    const port = await http((_request, response) => {
      response.write('some');
    });
    const outcome = failed(
      await get(`http://127.0.0.1:${port}/`, { timeouts: { connect: 5000, headers: 5000, total: 200 } }),
    );
    expect(outcome).toMatchObject({ phase: 'body', code: 'TIMEOUT' });
    expect(outcome.reason).toMatch(
      /answered 200 after [\d.]+ ms, but the body did not end within 200 ms \(4 B came\)$/,
    );
  });

  it('closes without an answer, resets, or breaks off in the body', async () => {
    const closing = await tcp((socket) => socket.once('data', () => socket.end()));
    const closed = failed(await get(`http://127.0.0.1:${closing}/`));
    expect(closed.phase).toBe('headers');
    expect(closed.reason).toMatch(/but it closed the connection without an answer$/);
    const resetting = await tcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(failed(await get(`http://127.0.0.1:${resetting}/`))).toMatchObject({
      phase: 'headers',
      code: 'ECONNRESET',
    });
    const breaking = await tcp((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')),
    );
    const broken = failed(await get(`http://127.0.0.1:${breaking}/`));
    expect(broken.phase).toBe('body');
    expect(broken.reason).toContain('4 B');
  });

  it('does not speak HTTP', async () => {
    const port = await tcp((socket) => socket.write('220 mail.example ESMTP\r\n'));
    const outcome = failed(await get(`http://127.0.0.1:${port}/`));
    expect(outcome.phase).toBe('headers');
    expect(outcome.reason).toContain('what came back is not HTTP');
  });

  it('has headers without end', async () => {
    const port = await tcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const more = () => {
        while (!socket.destroyed && socket.write(`X-${'a'.repeat(1000)}: b\r\n`));
      };
      socket.on('drain', more);
      more();
    });
    expect(failed(await get(`http://127.0.0.1:${port}/`)).phase).toBe('headers');
  });

  it('cannot be sent', async () => {
    const port = await http((_request, response) => response.end());
    const outcome = failed(await get(`http://127.0.0.1:${port}/`, { headers: { 'x-a': 'two\r\nlines' } }));
    expect(outcome.reason).toContain('cannot be sent');
  });

  it('was called off, before and in the middle', async () => {
    const controller = new AbortController();
    const port = await tcp((socket) => socket.once('data', () => controller.abort()));
    expect(failed(await get(`http://127.0.0.1:${port}/`, { signal: controller.signal }))).toMatchObject({
      phase: 'aborted',
      code: 'ABORTED',
    });
    expect(failed(await get(`http://127.0.0.1:${port}/`, { signal: AbortSignal.abort() })).phase).toBe(
      'aborted',
    );
  });

  it('is told even when the whole time is shorter than the parts', async () => {
    const port = await tcp(() => {});
    const outcome = failed(
      await get(`http://127.0.0.1:${port}/`, { timeouts: { connect: 5000, headers: 5000, total: 100 } }),
    );
    expect(outcome.reason).toContain('no answer within 100 ms');
  });
});

describe('TLS', () => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = makeCertificates();
  });

  async function https(pair: Pair): Promise<number> {
    const server = await listen(
      createTlsServer(pair, (request, response) => response.end(request.headers.host)),
    );
    open.push(server);
    return server.port;
  }

  it('is verified, and the end of the certificate is told', async () => {
    const port = await https(certificates.good);
    const outcome = answered(
      await get(`https://localhost:${port}/`, { tls: { verify: true, ca: certificates.ca } }),
    );
    const days = ((outcome.certificateExpiresAt ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(9);
    expect(days).toBeLessThan(10.1);
    expect(outcome.timings.tls).toBeGreaterThan(outcome.timings.connect ?? 0);
  });

  it.each([
    ['selfSigned', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'the certificate is self-signed'],
    ['expired', 'CERT_HAS_EXPIRED', 'has expired'],
    ['otherName', 'ERR_TLS_CERT_ALTNAME_INVALID', 'is for other.example, and not for localhost'],
  ] as const)('refuses %s, and takes it when told to', async (which, code, words) => {
    const port = await https(certificates[which]);
    const ca = which === 'selfSigned' ? {} : { ca: certificates.ca };
    const outcome = failed(await get(`https://localhost:${port}/`, { tls: { verify: true, ...ca } }));
    expect(outcome).toMatchObject({ phase: 'tls', code });
    expect(outcome.reason).toContain(words);
    expect(answered(await get(`https://localhost:${port}/`, { tls: { verify: false } })).status).toBe(200);
  });

  it('is verified without being asked', async () => {
    const port = await https(certificates.good);
    const outcome = failed(await get(`https://localhost:${port}/`));
    expect(outcome.reason).toContain("the issuer 'Test authority' is not known here");
  });

  it('asks for the name of the Host header or the given one', async () => {
    const port = await https(certificates.otherName);
    const tls = { verify: true, ca: certificates.ca };
    const byHeader = await get(`https://127.0.0.1:${port}/`, { tls, headers: { Host: 'other.example' } });
    expect(answered(byHeader).body).toBe('other.example');
    const byName = await get(`https://127.0.0.1:${port}/`, { tls: { ...tls, serverName: 'other.example' } });
    expect(answered(byName).status).toBe(200);
  });

  it('says when there is none on the other side', async () => {
    const port = await http((_request, response) => response.end());
    const outcome = failed(await get(`https://127.0.0.1:${port}/`));
    expect(outcome.phase).toBe('tls');
    expect(outcome.reason).toBe(`connected to 127.0.0.1:${port}, but it does not speak TLS there`);
    const silent = await listen(createNetServer(() => {}));
    open.push(silent);
    const late = failed(
      await get(`https://127.0.0.1:${silent.port}/`, {
        timeouts: { connect: 150, headers: 5000, total: 5000 },
      }),
    );
    expect(late).toMatchObject({ phase: 'tls', code: 'TIMEOUT' });
    expect(late.reason).toMatch(/but the TLS handshake did not end within 150 ms$/);
  });

  it('says when the given certificate cannot be read', async () => {
    const port = await https(certificates.good);
    const outcome = failed(
      await get(`https://localhost:${port}/`, { tls: { verify: true, cert: 'nonsense', key: 'nonsense' } }),
    );
    expect(outcome).toMatchObject({ phase: 'tls', code: 'BAD_CERTIFICATE_FILE' });
  });
});
