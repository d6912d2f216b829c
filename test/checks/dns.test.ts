import { afterEach, expect, it } from 'vitest';
import { dns } from '../../src/checks/dns.ts';
import { readOptions } from '../fakes/read-options.ts';
import { type DnsAnswer, startDns } from '../servers/dns.ts';
import { lookOnce, readingOf, reasonOf } from './look-once.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function look(answer: DnsAnswer, timeout = 5000) {
  const server = await startDns(() => answer);
  open.push(server);
  return lookOnce(dns, `{ name: api.example.com, server: "127.0.0.1:${server.port}" }`, { timeout });
}

it('measures records', async () => {
  const reading = readingOf(
    await look([
      { type: 1, data: Buffer.from([192, 0, 2, 2]) },
      { type: 1, data: Buffer.from([192, 0, 2, 1]) },
    ]),
  );
  expect(reading).toMatchObject({
    records: ['192.0.2.1', '192.0.2.2'],
    answer: '192.0.2.1, 192.0.2.2',
    count: 2,
  });
  expect(Number(reading.latency)).toBeGreaterThan(0);
});

it('says what the name server did', async () => {
  expect(reasonOf(await look('NXDOMAIN'))).toContain('there is no name api.example.com');
  expect(reasonOf(await look([]))).toContain('has no A record');
  expect(reasonOf(await look('SERVFAIL'))).toContain('SERVFAIL');
  expect(reasonOf(await look('silent', 200))).toContain('no A answer');
});

it('knows what is remote', () => {
  expect(dns.target(readOptions(dns, 'example.com'))).toBe('/etc/resolv.conf');
  expect(dns.target(readOptions(dns, '{ name: example.com, server: "127.0.0.1:53" }'))).toBeUndefined();
});
