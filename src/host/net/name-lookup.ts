import { lookup } from 'node:dns';
import { isIP } from 'node:net';

export interface NetworkAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

export type NameLookup =
  | { readonly ok: true; readonly addresses: readonly NetworkAddress[] }
  | { readonly ok: false; readonly code: string };

/** Addresses of a name; at once where nobody needs to be asked. */
export type LookUpName = (host: string, family?: 4 | 6) => NameLookup | Promise<NameLookup>;

/**
 * The system's resolver blocks one of the four threads that Node also reads files with, for as long as a dead name
 * server makes it wait. So at most this many names are asked for at once in the whole process.
 */
const MOST_AT_ONCE = 2;
/** Of these, names that were slow last time, or have been asked for this long (milliseconds), take at most so many. */
const MOST_SLOW = 1;
const SLOW_MS = 1000;
/** A good answer serves so long: for the many checks of one name, and not long enough to hide a change from the next look. */
const KEPT_MS = 5000;
/** Names of which anything is remembered. */
const MOST_KNOWN = 1000;

interface Question {
  readonly slow: boolean;
  readonly start: () => void;
}

/**
 * Addresses of a name as the system resolves it, in its order. An address stands for itself. `localhost` and names
 * below it are the loopback addresses without asking anybody (RFC 6761, section 6.3): checks of this machine must not
 * fail because a name server does. Callers that ask for the same name at the same time share one answer. Names whose
 * server is silent wait for one another and leave a turn for the others. `now` is monotonic milliseconds.
 */
export function createNameLookup(ask = askSystem, now: () => number = () => performance.now()): LookUpName {
  const shared = new Map<string, Promise<NameLookup>>();
  const answers = new Map<string, { readonly answer: NameLookup; readonly until: number }>();
  const slowNames = new Set<string>();
  const running = new Set<{ readonly slow: boolean; readonly since: number }>();
  let waiting: readonly Question[] = [];

  const isSlow = ({ slow, since }: { slow: boolean; since: number }) => slow || now() - since > SLOW_MS;

  function next(): void {
    if (running.size >= MOST_AT_ONCE) return;
    const slowRun = [...running].filter(isSlow).length;
    const turn = waiting.find(({ slow }) => !slow || slowRun < MOST_SLOW);
    if (turn === undefined) return;
    waiting = waiting.filter((one) => one !== turn);
    turn.start();
    next();
  }

  function remember(key: string, answer: NameLookup, tookMs: number): void {
    if (tookMs > SLOW_MS) slowNames.add(key);
    else slowNames.delete(key);
    if (answer.ok) answers.set(key, { answer, until: now() + KEPT_MS });
    if (slowNames.size > MOST_KNOWN) slowNames.clear();
    if (answers.size > MOST_KNOWN) answers.clear();
  }

  function inTurn(key: string, host: string, family: 4 | 6 | undefined): Promise<NameLookup> {
    return new Promise((resolve) => {
      const slow = slowNames.has(key);
      const start = () => {
        const run = { slow, since: now() };
        running.add(run);
        void ask(host, family).then((answer) => {
          running.delete(run);
          shared.delete(key);
          remember(key, answer, now() - run.since);
          resolve(answer);
          next();
        });
      };
      waiting = [...waiting, { slow, start }];
      next();
    });
  }

  return (host, family) => {
    const literal = isIP(host);
    if (literal !== 0) return fitting([{ address: host, family: literal === 4 ? 4 : 6 }], family);
    if (/^(.+\.)?localhost\.?$/i.test(host)) return fitting(LOOPBACK, family);
    const key = `${family ?? 0} ${host}`;
    const kept = answers.get(key);
    if (kept !== undefined && now() < kept.until) return kept.answer;
    const asked = shared.get(key) ?? inTurn(key, host, family);
    shared.set(key, asked);
    return asked;
  };
}

const LOOPBACK: readonly NetworkAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

function fitting(addresses: readonly NetworkAddress[], family: 4 | 6 | undefined): NameLookup {
  const fit = addresses.filter((one) => family === undefined || one.family === family);
  return fit.length === 0 ? { ok: false, code: 'ENOTFOUND' } : { ok: true, addresses: fit };
}

/** Never rejects. */
function askSystem(host: string, family: 4 | 6 | undefined): Promise<NameLookup> {
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
