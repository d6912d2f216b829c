import { performance } from 'node:perf_hooks';
import type { Clock } from '../clock.ts';

/** setTimeout takes at most this (a 32-bit signed integer of milliseconds, 24.8 days). */
const LONGEST_TIMEOUT = 2_147_483_647;

/** The machine's clocks. `now` starts at the wall clock's time and from then on follows the monotonic clock alone. */
export function createRealClock(): Clock {
  const startWall = Date.now();
  const startMonotonic = performance.now();
  let timers = 0;
  return {
    instant: () => ({ now: startWall + Math.floor(performance.now() - startMonotonic), wall: Date.now() }),
    monotonic: () => performance.now(),
    timers: () => timers,
    after(ms, run, options) {
      const due = performance.now() + ms;
      let timer: NodeJS.Timeout;
      const arm = (left: number) => {
        timer = setTimeout(fire, Math.min(LONGEST_TIMEOUT, Math.ceil(Math.max(0, left))));
        if (!options?.hold) timer.unref();
      };
      const fire = () => {
        // Node rounds to whole milliseconds and may be a fraction early.
        const left = due - performance.now();
        if (left > 0) arm(left);
        else {
          over();
          run();
        }
      };
      let waits = true;
      const over = () => {
        if (waits) timers -= 1;
        waits = false;
      };
      timers += 1;
      arm(ms);
      return {
        cancel() {
          clearTimeout(timer);
          over();
        },
      };
    },
  };
}
