import type { Instant } from '../model/instant.ts';

/** Time as an argument: the shell asks once per decision and passes the answer down. */
export interface Clock {
  instant(): Instant;
  /** Monotonic milliseconds with fractions, for latencies. */
  monotonic(): number;
  /** Calls back once after `ms` (never early); the timer does not keep the process alive unless `hold`. */
  after(ms: number, run: () => void, options?: { readonly hold?: boolean }): Timer;
  /** How many timers wait. */
  timers(): number;
}

export interface Timer {
  cancel(): void;
}
