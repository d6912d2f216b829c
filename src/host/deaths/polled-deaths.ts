import type { ProcessIdentity } from '../../model/manager.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Deaths } from '../deaths.ts';
import type { Processes } from '../processes.ts';

/** A look at one process costs about 15 microseconds: this keeps the whole poll below one percent of a core. */
const SHARE = 0.01;
const FASTEST_MS = 50;
const SLOWEST_MS = 1000;

/**
 * Looks at every watched process by turns. The pause follows what a round really cost, so that a thousand processes
 * are looked at less often than ten and the cost stays the same.
 */
export function createPolledDeaths(processes: Pick<Processes, 'alive'>, clock: Clock): Deaths {
  const watches = new Map<symbol, { readonly identity: ProcessIdentity; readonly gone: () => void }>();
  let timer: Timer | undefined;

  const round = () => {
    timer = undefined;
    const from = clock.monotonic();
    for (const [key, { identity, gone }] of [...watches]) {
      if (watches.has(key) && !processes.alive(identity)) {
        watches.delete(key);
        gone();
      }
    }
    if (watches.size > 0) {
      const cost = clock.monotonic() - from;
      arm(Math.min(SLOWEST_MS, Math.max(FASTEST_MS, cost / SHARE)));
    }
  };
  const arm = (ms: number) => {
    timer ??= clock.after(ms, round);
  };

  return {
    mechanism: 'poll',
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
