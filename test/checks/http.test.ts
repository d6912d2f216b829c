import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { http } from '../../src/checks/http.ts';
import { readOptions } from '../fakes/read-options.ts';
import { makeCertificates } from '../servers/certificates.ts';
import { closedPort, type Listening, listen, tcpServer } from '../servers/listen.ts';
import { createNetworkHost } from '../servers/network-host.ts';
import { startNginx } from '../servers/nginx.ts';
import type { RunningProgram } from '../servers/program.ts';
import { lookOnce, readingOf, reasonOf } from './look-once.ts';

const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

describe('nginx', () => {
  let nginx: RunningProgram;
  beforeAll(async () => {
    nginx = await startNginx(`
      location = /health { default_type application/json; return 200 '{"status":"ok","db":{"pool":[{"state":"up"}]}}'; }
      location = /plain  { default_type text/plain; return 200 'all well'; }
      location = /broken { add_header Set-Cookie "session=abc123" always; add_header X-Api-Key k3y always; return 503 'out of order'; }
      location = /old    { return 301 /plain; }
      location = /closed { auth_basic "x"; auth_basic_user_file /dev/null; }
      location = /drop   { return 444; }
    `);
  });
  afterAll(() => nginx.stop());
  const url = (path: string) => `http://127.0.0.1:${nginx.port}${path}`;

  it('is measured', async () => {
    const reading = readingOf(await lookOnce(http, url('/health')));
    expect(reading).toMatchObject({
      status: 200,
      json: { status: 'ok', db: { pool: [{ state: 'up' }] } },
      body_size: 46,
      truncated: false,
      redirects: 0,
      url: url('/health'),
    });
    expect(reading.header).toMatchObject({ 'content-type': 'application/json' });
    expect(Number(reading.connect_time)).toBeLessThanOrEqual(Number(reading.first_byte));
    expect(Number(reading.first_byte)).toBeLessThanOrEqual(Number(reading.latency));
    expect(reading).not.toHaveProperty('certificate_expires_in');
  });

  it('gives only the readings that somebody looks at, where they are large', async () => {
    const some = readingOf(await lookOnce(http, url('/health'), { wanted: new Set(['status']) }));
    expect(some).not.toHaveProperty('body');
    expect(some).not.toHaveProperty('json');
    expect(readingOf(await lookOnce(http, url('/plain'), { wanted: new Set(['body']) })).body).toBe(
      'all well',
    );
  });

  it('shows what it answered, without secrets', async () => {
    const result = await lookOnce(http, url('/broken'));
    expect(readingOf(result).status).toBe(503);
    const exhibit = result.outcome === 'read' ? result.exhibit : undefined;
    expect(exhibit?.title).toBe(`answer of 127.0.0.1:${nginx.port}/broken`);
    expect(exhibit?.text).toMatch(/^HTTP 503\n/);
    expect(exhibit?.text).toContain('set-cookie: (left out)');
    expect(exhibit?.text).toContain('x-api-key: (left out)');
    expect(exhibit?.text).toMatch(/\n\nout of order$/);
    expect(exhibit?.text).not.toMatch(/abc123|k3y/);
  });

  it('is followed only where told', async () => {
    expect(readingOf(await lookOnce(http, url('/old'))).status).toBe(301);
    const followed = readingOf(await lookOnce(http, `{ url: "${url('/old')}", redirects: 3 }`));
    expect(followed).toMatchObject({ status: 200, redirects: 1, url: url('/plain') });
  });

  it('refuses, or closes without a word', async () => {
    expect(readingOf(await lookOnce(http, url('/closed'))).status).toBe(401);
    expect(reasonOf(await lookOnce(http, url('/drop')))).toMatch(/closed the connection without an answer$/);
  });

  it('answers to nobody once it is stopped', async () => {
    const other = await startNginx('return 200 here;');
    const address = `http://127.0.0.1:${other.port}/`;
    expect(readingOf(await lookOnce(http, address)).status).toBe(200);
    await other.stop();
    expect(reasonOf(await lookOnce(http, address))).toBe(
      `connection to 127.0.0.1:${other.port} refused: nothing listens there`,
    );
  });
});

describe('the request', () => {
  async function echo(): Promise<string> {
    const server = await listen(
      createServer(async (request, response) => {
        let body = '';
        for await (const chunk of request) body += String(chunk);
        response.end(JSON.stringify({ method: request.method, headers: request.headers, body }));
      }),
    );
    open.push(server);
    return `http://127.0.0.1:${server.port}/`;
  }

  it('carries method, headers, body and login', async () => {
    const url = await echo();
    const yaml = `{ url: "${url}", method: PUT, body: hello, headers: { X-A: 1 }, login: { user: me, password: pw } }`;
    const { json } = readingOf(await lookOnce(http, yaml));
    expect(json).toMatchObject({
      method: 'PUT',
      body: 'hello',
      headers: { 'x-a': '1', authorization: `Basic ${Buffer.from('me:pw').toString('base64')}` },
    });
  });

  it('carries JSON and a token', async () => {
    const yaml = `{ url: "${await echo()}", method: POST, json: { a: [1, true] }, bearer: t0ken }`;
    expect(readingOf(await lookOnce(http, yaml)).json).toMatchObject({
      body: '{"a":[1,true]}',
      headers: { 'content-type': 'application/json', authorization: 'Bearer t0ken' },
    });
  });
});

describe('failing and not knowing are told apart', () => {
  it('a silent server fails', async () => {
    const server = await tcpServer(() => {});
    open.push(server);
    const reason = reasonOf(await lookOnce(http, `http://127.0.0.1:${server.port}/`, { timeout: 150 }));
    expect(reason).toMatch(/^connected to 127\.0\.0\.1:\d+ in [\d.]+ ms, but no answer within 150 ms$/);
  });

  it('a probe that was called off says nothing of the service', async () => {
    const url = `http://127.0.0.1:${await closedPort()}/`;
    expect(reasonOf(await lookOnce(http, url, { signal: AbortSignal.abort() }), 'unknown')).toContain(
      'called off',
    );
  });

  it('a file of certificates that cannot be read is the trouble of the watcher', async () => {
    const reason = reasonOf(
      await lookOnce(http, '{ url: https://127.0.0.1:1/, tls: { ca: /none.pem } }'),
      'unknown',
    );
    expect(reason).toBe('ca of tls: /none.pem does not exist');
  });

  it('used-up descriptors are the trouble of the watcher', async () => {
    const host = createNetworkHost({
      http: {
        request: async () => ({
          ok: false,
          phase: 'connect',
          code: 'EMFILE',
          reason: 'no descriptors',
          timings: { total: 0 },
        }),
      },
    });
    expect(reasonOf(await lookOnce(http, 'http://127.0.0.1:1/', { host }), 'unknown')).toBe('no descriptors');
  });
});

it('tells how long the certificate lasts, with the authority from a file', async () => {
  const certificates = makeCertificates();
  const server = await listen(createTlsServer(certificates.good, (_request, response) => response.end()));
  open.push(server);
  const host = createNetworkHost();
  host.files.put('/ca.pem', certificates.ca);
  const yaml = `{ url: "https://localhost:${server.port}/", tls: { ca: /ca.pem } }`;
  const left = Number(readingOf(await lookOnce(http, yaml, { host })).certificate_expires_in);
  expect(left / 86_400_000).toBeGreaterThan(9.9);
  expect(left / 86_400_000).toBeLessThanOrEqual(10);
  expect(reasonOf(await lookOnce(http, `https://localhost:${server.port}/`))).toContain('is not known here');
});

it('knows what depends on the network beyond this host', () => {
  const target = (yaml: string) => http.target(readOptions(http, yaml));
  expect(target('http://127.0.0.1:3000/')).toBeUndefined();
  expect(target('http://localhost/')).toBeUndefined();
  expect(target('http://[::1]:80/')).toBeUndefined();
  expect(target('{ url: "http://docker/", unix: /run/docker.sock }')).toBeUndefined();
  expect(target('https://api.example.com/')).toBe('api.example.com');
});
