import { createServer } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTls } from '../../src/host/node-tls.ts';
import { type Certificates, makeCertificates } from '../servers/certificates.ts';
import { closedPort, type Listening, listen, tcpServer } from '../servers/listen.ts';

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
