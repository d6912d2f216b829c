import type { Agenda } from './agenda.ts';
import type { Entry } from './job.ts';

/** Gives jobs their first turns, spread so that what begins together does not run together. */
export interface Newcomers {
  /** It came or changed just now: it gets its turn together with others that do, as only then is known how many they are. */
  add(entry: Entry): void;
  /** All that are there when the scheduler starts. */
  placeAll(entries: ReadonlyMap<string, Entry>): void;
}

/** Start-up gives every job this many milliseconds of its own, as long as its cadence allows. */
const SPREAD_PER_JOB = 10;
/** A job that comes later, or another cadence of one, begins within so many milliseconds, or as many as come together take. */
const SPREAD_OF_ONE = 1000;

/** None yet. `placed` is called when some have their turns; while the scheduler is not `started` they get none. */
export function createNewcomers(
  agenda: Pick<Agenda, 'place'>,
  started: () => boolean,
  placed: () => void,
): Newcomers {
  const fresh = new Set<Entry>();

  function placeFresh(): void {
    const spread = Math.max(SPREAD_OF_ONE, fresh.size * SPREAD_PER_JOB);
    for (const entry of fresh) if (started() && !entry.removed) agenda.place(entry, spread);
    fresh.clear();
    placed();
  }

  return {
    add(entry) {
      if (fresh.size === 0) queueMicrotask(placeFresh);
      fresh.add(entry);
    },
    placeAll(entries) {
      for (const entry of entries.values()) agenda.place(entry, entries.size * SPREAD_PER_JOB);
      placed();
    },
  };
}
