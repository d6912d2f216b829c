import { lookup } from 'node:dns';
import { isIP } from 'node:net';

export interface NetworkAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

export type NameLookup =
  | { readonly ok: true; readonly addresses: readonly NetworkAddress[] }
  | { readonly ok: false; readonly code: string };

/**
 * The system's resolver blocks one of the four threads that Node also reads files with, for as long as a dead name
 * server makes it wait. So at most this many names are asked for at once in the whole process.
 */
const MOST_AT_ONCE = 2;

const running = new Map<string, Promise<NameLookup>>();
const waiting: (() => void)[] = [];
let busy = 0;

/**
 * Addresses of a name as the system resolves it, in its order. An address stands for itself. `localhost` and names
 * below it are the loopback addresses without asking anybody (RFC 6761, section 6.3): checks of this machine must not
 * fail because a name server does. Callers that ask for the same name at the same time share one answer.
 */
export function lookUpName(host: string, family?: 4 | 6): NameLookup | Promise<NameLookup> {
  const literal = isIP(host);
  if (literal !== 0) return fitting([{ address: host, family: literal === 4 ? 4 : 6 }], family);
  if (/^(.+\.)?localhost\.?$/i.test(host)) return fitting(LOOPBACK, family);
  const key = `${family ?? 0} ${host}`;
  const shared = running.get(key);
  if (shared !== undefined) return shared;
  const asked = inTurn(() => ask(host, family)).finally(() => running.delete(key));
  running.set(key, asked);
  return asked;
}

const LOOPBACK: readonly NetworkAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

function fitting(addresses: readonly NetworkAddress[], family: 4 | 6 | undefined): NameLookup {
  const fit = addresses.filter((one) => family === undefined || one.family === family);
  return fit.length === 0 ? { ok: false, code: 'ENOTFOUND' } : { ok: true, addresses: fit };
}

function ask(host: string, family: 4 | 6 | undefined): Promise<NameLookup> {
  return new Promise((resolve) => {
    lookup(host, { all: true, family: family ?? 0, order: 'verbatim' }, (error, found) => {
      if (error !== null) resolve({ ok: false, code: error.code ?? 'ENOTFOUND' });
      else
        resolve(
          fitting(
            found.map((one) => ({ address: one.address, family: one.family === 6 ? 6 : 4 })),
            family,
          ),
        );
    });
  });
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (busy >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else busy += 1;
  try {
    return await work();
  } finally {
    // The turn is handed on, or given back when nobody waits.
    const next = waiting.shift();
    if (next === undefined) busy -= 1;
    else next();
  }
}
