import { afterEach, describe, expect, it } from 'vitest';
import type { DnsQuery } from '../../../src/host/dns.ts';
import { createDns } from '../../../src/host/net/node-dns.ts';
import { type DnsAnswer, dnsName, startDns } from '../../servers/dns.ts';

const dns = createDns();
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function ask(
  query: Partial<DnsQuery>,
  answer: (name: string, type: number) => DnsAnswer,
  timeout = 5000,
  signal?: AbortSignal,
) {
  const server = await startDns(answer);
  open.push(server);
  const full = { name: 'api.example.com', type: 'A' as const, server: `127.0.0.1:${server.port}`, ...query };
  return dns.resolve(full, timeout, signal);
}

const address = (...bytes: number[]) => ({ type: 1, data: Buffer.from(bytes) });
const short = (...numbers: number[]) =>
  Buffer.concat(numbers.map((number) => Buffer.from([number >> 8, number & 0xff])));

describe('records', () => {
  it('come as sorted text', async () => {
    const outcome = await ask({}, () => [address(192, 0, 2, 9), address(192, 0, 2, 1)]);
    expect(outcome).toMatchObject({ ok: true, records: ['192.0.2.1', '192.0.2.9'] });
    expect(outcome.tookMs).toBeGreaterThan(0);
  });

  it.each([
    ['MX', 15, Buffer.concat([short(10), dnsName('mail.example.com')]), '10 mail.example.com'],
    ['TXT', 16, Buffer.from('\x03v=1\x02 x'), 'v=1 x'],
    ['SRV', 33, Buffer.concat([short(1, 2, 5060), dnsName('sip.example.com')]), '1 2 5060 sip.example.com'],
    ['CNAME', 5, dnsName('other.example.com'), 'other.example.com'],
    ['NS', 2, dnsName('ns.example.com'), 'ns.example.com'],
    ['AAAA', 28, Buffer.from('20010db8000000000000000000000001', 'hex'), '2001:db8::1'],
    [
      'SOA',
      6,
      Buffer.concat([dnsName('ns.example.com'), dnsName('root.example.com'), Buffer.alloc(20, 1)]),
      'ns.example.com root.example.com 16843009',
    ],
    ['CAA', 257, Buffer.from('\x00\x05issueletsencrypt.org', 'latin1'), '0 issue letsencrypt.org'],
  ] as const)('of type %s too', async (type, code, data, text) => {
    const outcome = await ask({ type }, (_name, asked) =>
      asked === code ? [{ type: code, data }] : 'NXDOMAIN',
    );
    expect(outcome).toMatchObject({ ok: true, records: [text] });
  });

  it('of an address are asked for backwards', async () => {
    const outcome = await ask({ type: 'PTR', name: '192.0.2.7' }, (name) =>
      name === '7.2.0.192.in-addr.arpa' ? [{ type: 12, data: dnsName('host.example.com') }] : 'NXDOMAIN',
    );
    expect(outcome).toMatchObject({ ok: true, records: ['host.example.com'] });
  });
});

describe('a failure says what the name server did', () => {
  it.each([
    ['NXDOMAIN', 'ENOTFOUND', 'there is no name api.example.com'],
    ['SERVFAIL', 'ESERVFAIL', 'the name server failed to answer'],
    ['REFUSED', 'EREFUSED', 'the name server refuses to answer'],
  ] as const)('%s', async (said, code, words) => {
    const outcome = await ask({}, () => said);
    expect(outcome).toMatchObject({ ok: false, code });
    expect(!outcome.ok && outcome.reason).toContain(words);
  });

  it('no such record', async () => {
    const outcome = await ask({}, () => []);
    expect(outcome).toMatchObject({ ok: false, code: 'ENODATA' });
    expect(!outcome.ok && outcome.reason).toMatch(
      /^api\.example\.com has no A record from 127\.0\.0\.1:\d+$/,
    );
  });

  it('silence', async () => {
    const outcome = await ask({}, () => 'silent', 200);
    expect(outcome.ok).toBe(false);
    expect(!outcome.ok && outcome.reason).toContain('no A answer for api.example.com');
  });

  it('nobody there, no such server, called off', async () => {
    const server = await startDns(() => 'silent');
    await server.close();
    const gone = await dns.resolve(
      { name: 'a.example', type: 'A', server: `127.0.0.1:${server.port}` },
      2000,
    );
    expect(gone).toMatchObject({ ok: false, code: 'ECONNREFUSED' });
    const nameless = await dns.resolve({ name: 'a.example', type: 'A', server: 'x.invalid' }, 2000);
    expect(nameless).toMatchObject({ ok: false, code: 'ENOSERVER' });
    expect(await ask({}, () => 'silent', 5000, AbortSignal.abort())).toMatchObject({
      ok: false,
      code: 'ABORTED',
    });
  });
});
