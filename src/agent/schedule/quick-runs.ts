import type { Entry } from './job.ts';

/** Runs of the quick lanes. Those that last are not quick, and make room. Times are milliseconds of `Instant.now`. */
export interface QuickRuns {
  /** Its run has begun. */
  began(entry: Entry): void;
  /** Its run is over, and says in which lanes the next one belongs. */
  ended(entry: Entry, now: number): void;
  /** Makes room in the quick lanes for those who wait: what has been running for long is not quick. */
  sweep(now: number): void;
  /** When the oldest of them will have been running for too long; infinite while there is none. */
  sweepAt(): number;
}

/** A run that lasts longer than this many milliseconds moves to the slow lane. */
const SLOW_AFTER = 500;

/** None yet. */
export function createQuickRuns(): QuickRuns {
  /** Oldest first. */
  const quick = new Set<Entry>();
  return {
    began(entry) {
      if (!entry.slow) quick.add(entry);
    },
    ended(entry, now) {
      quick.delete(entry);
      entry.slow = now - entry.startedAt >= SLOW_AFTER;
    },
    sweep(now) {
      for (const entry of quick) {
        if (now - entry.startedAt < SLOW_AFTER) break;
        quick.delete(entry);
        entry.slow = true;
        entry.ticket?.turnSlow();
      }
    },
    sweepAt() {
      for (const entry of quick) return entry.startedAt + SLOW_AFTER;
      return Number.POSITIVE_INFINITY;
    },
  };
}
