import type { Dns, DnsOutcome } from '../../host/dns.ts';
import type { Sockets } from '../../host/sockets.ts';

/** What trying one configured target brought. */
export interface Reached {
  readonly target: string;
  readonly ok: boolean;
  /** Why nobody could say the address of its name; absent where that was not the trouble. */
  readonly nameless?: string;
}

/** Milliseconds for a connection over the way out, and for an answer of the resolver: a satellite link needs less than one second. */
const TIMEOUT = 3000;

/** Tries `host:port`; ends within its time. */
export async function tryTarget(sockets: Sockets, target: string): Promise<Reached> {
  const cut = target.lastIndexOf(':');
  const name = target.slice(0, cut).replace(/^\[(.*)\]$/, '$1');
  const outcome = await sockets.connect({ host: name, port: Number(target.slice(cut + 1)) }, TIMEOUT);
  // A refusal is an answer: somebody at the other end sent it.
  if (outcome.ok || outcome.code === 'ECONNREFUSED') return { target, ok: true };
  // That there is no such name is an answer, too: of a resolver that works.
  const silent = outcome.phase === 'dns' && outcome.code !== 'ENOTFOUND';
  return { target, ok: false, ...(silent && { nameless: outcome.reason }) };
}

/** Why nobody resolves names here, by targets that were tried: some answer, but none that has a name, for want of its address. */
export function resolverTroubleAt(targets: readonly Reached[]): string | undefined {
  const named = targets.filter(byName);
  const [first] = named;
  const answering = targets.find(({ ok }) => ok)?.target;
  if (first === undefined || answering === undefined) return undefined;
  if (named.some(({ nameless }) => nameless === undefined)) return undefined;
  return `the resolver is down: ${first.nameless}, while ${answering} answers`;
}

/** Why nobody resolves names here, by asking for these: the resolver answers for none of them. */
export async function resolverTroubleFor(dns: Dns, names: readonly string[]): Promise<string | undefined> {
  const asked = await Promise.all(names.map((name) => dns.resolve({ name, type: 'A' }, TIMEOUT)));
  if (names.length === 0 || asked.some(isAnswer)) return undefined;
  return `the resolver is down: it answers for none of ${names.join(', ')}`;
}

/** No such name, and no address of this kind, are answers (https://nodejs.org/api/dns.html#error-codes). */
function isAnswer(outcome: DnsOutcome): boolean {
  return outcome.ok || outcome.code === 'ENOTFOUND' || outcome.code === 'ENODATA';
}

function byName({ target }: Reached): boolean {
  return /[a-z]/i.test(target) && !target.startsWith('[');
}
