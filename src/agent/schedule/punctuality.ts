import type { Entry } from './job.ts';

/** How well the scheduler keeps its times. All times are milliseconds. */
export interface Punctuality {
  /** So many turns of it came while it could not run. */
  miss(entry: Entry, turns: number): void;
  /** It starts at its own turn, so much too late. */
  started(entry: Entry, lateness: number): void;
  /** Largest lateness of a start since the last call. */
  takeWorst(): number;
  readonly missed: number;
  readonly starts: number;
  /** By how much all starts were late, together. */
  readonly lateness: number;
}

/** Nothing counted yet. */
export function createPunctuality(): Punctuality {
  const counts = { missed: 0, starts: 0, lateness: 0 };
  let worst = 0;
  return {
    miss(entry, turns) {
      entry.missed += turns;
      counts.missed += turns;
    },
    started(entry, lateness) {
      counts.starts += 1;
      counts.lateness += lateness;
      // What waits in the slow lane is late because it is slow itself, not because the scheduler does not keep up.
      if (!entry.slow && lateness > worst) worst = lateness;
    },
    takeWorst() {
      const taken = worst;
      worst = 0;
      return taken;
    },
    get missed() {
      return counts.missed;
    },
    get starts() {
      return counts.starts;
    },
    get lateness() {
      return counts.lateness;
    },
  };
}

/** Room in the slow lane comes when what hangs there has reached its deadline, which is a minute at most for most kinds. */
const SLOW_PATIENCE = 60_000;

/**
 * How long the longest of those that wait for room has waited for more than it may. What is slow itself may wait for its
 * whole period, and for its like to end.
 */
export function longestWait(entries: Iterable<Entry>, now: number): number {
  let longest = 0;
  for (const { active, slow, every = 0, waitsSince } of entries) {
    if (active !== 'waiting') continue;
    const patience = slow ? Math.max(every, SLOW_PATIENCE) : 0;
    longest = Math.max(longest, now - waitsSince - patience);
  }
  return longest;
}
