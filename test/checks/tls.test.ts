import { createServer } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { tls } from '../../src/checks/tls.ts';
import { readOptions } from '../fakes/read-options.ts';
import { type Certificates, makeCertificates } from '../servers/certificates.ts';
import { closedPort, type Listening, listen } from '../servers/listen.ts';
import { createNetworkHost } from '../servers/network-host.ts';
import { lookOnce, readingOf, reasonOf } from './look-once.ts';

let certificates: Certificates;
const open: Listening[] = [];
beforeAll(() => {
  certificates = makeCertificates();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function look(which: 'good' | 'expired' | 'otherName' | 'selfSigned', more = '') {
  const server = await listen(createServer(certificates[which], (socket) => socket.end()));
  open.push(server);
  const host = createNetworkHost();
  host.files.put('/ca.pem', certificates.ca);
  return lookOnce(tls, `{ address: "localhost:${server.port}", ca: /ca.pem ${more} }`, { host });
}

describe('a certificate', () => {
  it('is measured', async () => {
    const reading = readingOf(await look('good'));
    expect(reading).toMatchObject({
      trusted: true,
      distrust: '',
      days: 9,
      names: ['localhost', '127.0.0.1'],
      subject: 'localhost',
      issuer: 'Test authority',
      protocol: 'TLSv1.3',
    });
    expect(Number(reading.expires_in)).toBeLessThan(10 * 86_400_000);
    expect(Number(reading.expires_at) - Number(reading.valid_from)).toBe(10 * 86_400_000);
  });

  it('is measured also when it is bad, with the reason', async () => {
    const expired = readingOf(await look('expired'));
    expect(expired.trusted).toBe(false);
    expect(Number(expired.expires_in)).toBeLessThan(0);
    expect(expired.distrust).toContain('has expired');
    const other = await look('otherName');
    expect(readingOf(other).distrust).toContain('is for other.example, and not for localhost');
    expect(other.outcome === 'read' && other.exhibit?.text).toContain('other.example');
    expect(readingOf(await look('otherName', ', server_name: other.example')).trusted).toBe(true);
    expect(readingOf(await look('selfSigned')).trusted).toBe(false);
  });

  it('cannot be seen when nothing listens', async () => {
    expect(reasonOf(await lookOnce(tls, `127.0.0.1:${await closedPort()}`))).toContain('refused');
  });
});

it('has port 443 unless told otherwise', () => {
  expect(readOptions(tls, 'api.example.com').address).toEqual({ host: 'api.example.com', port: 443 });
  expect(tls.target(readOptions(tls, 'api.example.com'))).toBe('api.example.com');
});
