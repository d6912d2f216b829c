import { performance } from 'node:perf_hooks';
import type { Clock, Timer } from '../clock.ts';

/** setTimeout takes at most this (a 32-bit signed integer of milliseconds, 24.8 days). */
const LONGEST_TIMEOUT = 2_147_483_647;

/** The machine's clocks. `now` starts at the wall clock's time and from then on follows the monotonic clock alone. */
export function createRealClock(): Clock {
  const startWall = Date.now();
  const startMonotonic = performance.now();
  const waiting = { count: 0 };
  return {
    instant: () => ({ now: startWall + Math.floor(performance.now() - startMonotonic), wall: Date.now() }),
    monotonic: () => performance.now(),
    timers: () => waiting.count,
    after: (ms, run, options) => new RealTimer(ms, run, options?.hold === true, waiting),
  };
}

/** Made for every probe that begins, so without functions of its own. */
class RealTimer implements Timer {
  private readonly due: number;
  private readonly run: () => void;
  private readonly hold: boolean;
  private readonly waiting: { count: number };
  private timer: NodeJS.Timeout | undefined;

  constructor(ms: number, run: () => void, hold: boolean, waiting: { count: number }) {
    this.due = performance.now() + ms;
    this.run = run;
    this.hold = hold;
    this.waiting = waiting;
    waiting.count += 1;
    this.timer = this.arm(ms);
  }

  cancel(): void {
    clearTimeout(this.timer);
    this.over();
  }

  private arm(left: number): NodeJS.Timeout {
    const timer = setTimeout(fire, Math.min(LONGEST_TIMEOUT, Math.ceil(Math.max(0, left))), this);
    if (!this.hold) timer.unref();
    return timer;
  }

  fire(): void {
    // Node rounds to whole milliseconds and may be a fraction early.
    const left = this.due - performance.now();
    if (left > 0) {
      this.timer = this.arm(left);
      return;
    }
    this.over();
    this.run();
  }

  private over(): void {
    if (this.timer === undefined) return;
    this.timer = undefined;
    this.waiting.count -= 1;
  }
}

function fire(timer: RealTimer): void {
  timer.fire();
}
