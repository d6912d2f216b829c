import { otherHost } from '../lib/loopback.ts';
import { choice, text } from '../schema/fields.ts';
import { defineCheck } from './check-kind.ts';
import { networkFailure } from './network-failure.ts';

/** Stands for the name servers of this machine: the file that names them, which is no host name. */
const RESOLVERS = '/etc/resolv.conf';

/** One question to a name server. */
export const dns = defineCheck({
  kind: 'dns',
  summary: 'Asks a name server for records, past /etc/hosts and any cache of this machine.',
  options: {
    name: text({ summary: 'Name to ask for (an address for PTR).' }),
    type: choice(['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT', 'SRV', 'PTR', 'SOA', 'CAA'], {
      summary: 'Type of the records.',
      default: 'A',
    }),
    server: text({
      summary: 'Name server to ask, `host` or `host:port`; those of /etc/resolv.conf if absent.',
      optional: true,
    }),
  },
  main: 'name',
  readings: {
    records: { type: 'list', meaning: 'The records as text, sorted: `10 mail.example.com` for MX.' },
    answer: { type: 'text', meaning: 'The records in one line: `unchanged` tells any change.' },
    count: { type: 'number', quantity: 'count', meaning: 'How many records there are.', min: 0 },
    latency: { type: 'number', quantity: 'duration', meaning: 'Time until the answer.', min: 0 },
  },
  expects: ['count > 0'],
  failAfter: 3,
  timeout: 5000,
  target: ({ server }) => (server === undefined ? RESOLVERS : otherHost(hostOf(server))),
  headline: ['answer', 'latency'],
  example: `
dns: { name: example.com, type: A, server: "127.0.0.1:53" }
expect: count >= 1
`,
  async probe({ options, host, timeout, signal }) {
    const outcome = await host.dns.resolve(options, timeout, signal);
    if (!outcome.ok) return networkFailure(outcome);
    return {
      outcome: 'read',
      reading: {
        records: outcome.records,
        answer: outcome.records.join(', '),
        count: outcome.records.length,
        latency: outcome.tookMs,
      },
    };
  },
});

/** Of `host`, `host:port` or `[address]:port`; an IPv6 address without brackets has no port behind it. */
function hostOf(server: string): string {
  return /^\[(.*)\](?::\d+)?$/.exec(server)?.[1] ?? /^([^:]*):\d+$/.exec(server)?.[1] ?? server;
}
