import type { ProcessIdentity } from '../../model/manager.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Deaths } from '../deaths.ts';
import type { Processes } from '../processes.ts';

/** A look at one process costs about 15 microseconds: this keeps the whole poll below one percent of a core. */
const SHARE = 0.01;
const FASTEST_MS = 50;
const SLOWEST_MS = 1000;
/** So many looks in one go, about a millisecond: then whatever else waits has its turn. */
const AT_ONCE = 64;

/**
 * Looks at every watched process by turns. The pause follows what a round really cost, so that a thousand processes
 * are looked at less often than ten and the cost stays the same.
 */
export function createPolledDeaths(processes: Pick<Processes, 'alive'>, clock: Clock): Deaths {
  const watches = new Map<symbol, { readonly identity: ProcessIdentity; readonly gone: () => void }>();
  let timer: Timer | undefined;

  /** Looks at one slice; `cost` is what those before it in this round took (milliseconds). */
  const slice = (keys: readonly symbol[], at: number, cost: number) => {
    timer = undefined;
    const from = clock.monotonic();
    for (const key of keys.slice(at, at + AT_ONCE)) {
      const watch = watches.get(key);
      if (watch === undefined || processes.alive(watch.identity)) continue;
      watches.delete(key);
      watch.gone();
    }
    const spent = cost + clock.monotonic() - from;
    if (at + AT_ONCE < keys.length && watches.size > 0) {
      // Not unreferenced: the loop does not turn for such ones, and each slice would wait for whatever wakes it next.
      const next = setImmediate(() => slice(keys, at + AT_ONCE, spent));
      timer = { cancel: () => clearImmediate(next) };
      return;
    }
    if (watches.size > 0) arm(Math.min(SLOWEST_MS, Math.max(FASTEST_MS, spent / SHARE)));
  };
  const arm = (ms: number) => {
    timer ??= clock.after(ms, () => slice([...watches.keys()], 0, 0));
  };

  return {
    mechanism: 'poll',
    surelyAlive: () => false,
    watch(identity, gone) {
      const key = Symbol(identity.pid);
      watches.set(key, { identity, gone });
      arm(FASTEST_MS);
      return () => {
        watches.delete(key);
        if (watches.size === 0) {
          timer?.cancel();
          timer = undefined;
        }
      };
    },
    close() {
      watches.clear();
      timer?.cancel();
      timer = undefined;
    },
  };
}
