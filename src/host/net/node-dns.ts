import type { AnyRecord, CaaRecord } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { formatDuration } from '../../lib/duration.ts';
import type { Dns, DnsOutcome, DnsQuery } from '../dns.ts';
import { startDeadline } from '../time/deadline.ts';
import { createNameLookup, type LookUpName } from './name-lookup.ts';

/** Real DNS: asks the given server (or those of /etc/resolv.conf) itself, without /etc/hosts and without a cache. */
export function createDns(lookUp: LookUpName = createNameLookup()): Dns {
  return { resolve: (...given) => resolveQuery(lookUp, ...given) };
}

/** How often a question without an answer is put again within the deadline. */
const TRIES = 2;

async function resolveQuery(
  lookUp: LookUpName,
  query: DnsQuery,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<DnsOutcome> {
  const deadline = startDeadline(timeoutMs, signal);
  const from = query.server === undefined ? '' : ` from ${query.server}`;
  const fail = (code: string, reason: string): DnsOutcome => ({
    ok: false,
    code,
    reason,
    tookMs: deadline.elapsed(),
  });
  const resolver = new Resolver({ timeout: Math.max(50, Math.floor(timeoutMs / TRIES)), tries: TRIES });
  const over = new Promise<'timed-out' | 'aborted'>((resolve) => {
    deadline.whenOver((why) => {
      resolver.cancel();
      resolve(why);
    });
  });
  try {
    const records = await Promise.race([ask(lookUp, resolver, query), over]);
    if (records === 'aborted') return fail('ABORTED', `${query.name}: the look was called off`);
    if (records === 'timed-out') {
      const within = formatDuration(timeoutMs);
      return fail('TIMEOUT', `no ${query.type} answer for ${query.name}${from} within ${within}`);
    }
    return { ok: true, records: records.toSorted(), tookMs: deadline.elapsed() };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
    return fail(code, failureReason(query, code, from));
  } finally {
    deadline.clear();
  }
}

async function ask(lookUp: LookUpName, resolver: Resolver, query: DnsQuery): Promise<string[]> {
  if (query.server !== undefined) resolver.setServers([await serverAddress(lookUp, query.server)]);
  const { name } = query;
  switch (query.type) {
    case 'MX':
      return (await resolver.resolveMx(name)).map((mx) => `${mx.priority} ${mx.exchange}`);
    case 'SRV':
      return (await resolver.resolveSrv(name)).map((s) => `${s.priority} ${s.weight} ${s.port} ${s.name}`);
    case 'TXT':
      return (await resolver.resolveTxt(name)).map((chunks) => chunks.join(''));
    case 'SOA': {
      const soa = await resolver.resolveSoa(name);
      return [`${soa.nsname} ${soa.hostmaster} ${soa.serial}`];
    }
    case 'CAA':
      return (await resolver.resolveCaa(name)).map(caaText);
    case 'PTR':
      return isIP(name) === 0 ? resolver.resolvePtr(name) : resolver.reverse(name);
    default:
      return resolver.resolve(name, query.type);
  }
}

/** `0 issue letsencrypt.org`, as RFC 8659 writes it but without quotes. */
function caaText(record: CaaRecord): string {
  const { critical, ...properties } = record as Exclude<CaaRecord, AnyRecord> & Record<string, unknown>;
  const text = Object.entries(properties).flatMap(([tag, value]) =>
    typeof value === 'string' && tag !== 'type' ? [`${tag} ${value}`] : [],
  );
  return `${critical} ${text.join(' ')}`;
}

/** c-ares wants an address: `host`, `host:port`, `[::1]:53`, `::1`. */
async function serverAddress(lookUp: LookUpName, server: string): Promise<string> {
  if (isIP(server) !== 0) return server;
  const parts = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(server);
  const host = parts?.[1] ?? parts?.[2] ?? server;
  const found = await lookUp(host);
  const first = found.ok ? found.addresses[0] : undefined;
  if (first === undefined) throw Object.assign(new Error('no address'), { code: 'ENOSERVER' });
  const port = parts?.[3] ?? '53';
  return first.family === 6 ? `[${first.address}]:${port}` : `${first.address}:${port}`;
}

/** From the codes of c-ares as Node gives them (https://nodejs.org/api/dns.html#error-codes). */
function failureReason({ name, type, server }: DnsQuery, code: string, from: string): string {
  switch (code) {
    case 'ENOTFOUND':
      return `there is no name ${name}${from} (NXDOMAIN)`;
    case 'ENODATA':
      return `${name} has no ${type} record${from}`;
    case 'ETIMEOUT':
      return `no ${type} answer for ${name}${from}: the name server is silent`;
    case 'ESERVFAIL':
      return `the name server failed to answer for ${name}${from} (SERVFAIL)`;
    case 'EREFUSED':
      return `the name server refuses to answer for ${name}${from} (REFUSED)`;
    case 'ECONNREFUSED':
      return `no name server listens${server === undefined ? '' : ` at ${server}`}`;
    case 'ENOSERVER':
      return `no address is known for the name server '${server ?? ''}'`;
    case 'EBADNAME':
      return `'${name}' is not a name that can be asked for`;
    default:
      return `${type} of ${name}${from} cannot be resolved (${code})`;
  }
}
