import type { Calendar } from '../../host/calendar.ts';
import type { Clock } from '../../host/clock.ts';
import { fractionOf } from '../../lib/hash.ts';
import { nextSlot } from './cadence.ts';
import { createDueHeap } from './due-heap.ts';
import type { Entry } from './job.ts';

/** Brief jobs begin at multiples of so many milliseconds: waking up costs more than such a look. */
const BRIEF_GRID = 50;

/** When each entry has its next turn: on a grid of its own, or by the calendar. Times are milliseconds of `Instant.now`. */
export interface Agenda {
  /** The first turn on a new grid, somewhere within `spread` milliseconds: what begins together must not run together. */
  place(entry: Entry, spread: number): void;
  /** The turn after the one that just came; says how many were passed by without having been taken. */
  turn(entry: Entry): number;
  /** The next turn after a whole period of its present pace. */
  pace(entry: Entry): void;
  /** Lets it rest, from its next turn on, until the first that comes at `until` or later. What goes by the calendar does not rest. */
  rest(entry: Entry, until: number): void;
  /** How many turns it has rested through up to `now` that were not asked for before. */
  rested(entry: Entry, now: number): number;
  /** Brings the next turn of its own again, where it rests. */
  rouse(entry: Entry): void;
  /** Works out anew what goes by the calendar. */
  realign(entries: Iterable<Entry>): void;
  /** Takes out the earliest entry whose turn has come. */
  popDue(now: number): Entry | undefined;
  /** When the next turn is; infinite when there is none. */
  nextAt(): number;
  /** Its turn does not come any more. */
  drop(entry: Entry): void;
  /** How many turns are kept. */
  readonly kept: number;
  clear(): void;
}

/** An empty one. An entry has one turn at most: another one takes the place of the one it had. */
export function createAgenda(clock: Clock, calendar: Calendar): Agenda {
  const heap = createDueHeap<Entry>();

  function put(entry: Entry, due: number): void {
    entry.restsFrom = Number.POSITIVE_INFINITY;
    if (due !== Number.POSITIVE_INFINITY) heap.put(entry, due);
    else {
      heap.drop(entry);
      entry.due = due;
    }
  }

  function byCalendar(entry: Entry): number {
    const { now, wall } = clock.instant();
    entry.slot = nextSlot(entry.job.cadence, calendar, wall, entry.took);
    return now + (entry.slot - wall);
  }

  return {
    place(entry, spread) {
      const { every } = entry;
      if (every === undefined) put(entry, byCalendar(entry));
      else
        put(entry, onGrid(entry, clock.instant().now + fractionOf(entry.job.key) * Math.min(every, spread)));
    },
    turn(entry) {
      const { every } = entry;
      if (every === undefined) {
        entry.took = entry.slot;
        put(entry, byCalendar(entry));
        return 0;
      }
      const { now } = clock.instant();
      const due = entry.due + every;
      const passed = due <= now ? Math.floor((now - due) / every) + 1 : 0;
      put(entry, due + passed * every);
      return passed;
    },
    pace(entry) {
      const { every } = entry;
      put(entry, every === undefined ? byCalendar(entry) : onGrid(entry, clock.instant().now + every));
    },
    rest(entry, until) {
      const { every, due } = entry;
      if (every === undefined || until <= due) return;
      put(entry, due + Math.ceil((until - due) / every) * every);
      entry.restsFrom = due;
    },
    rested(entry, now) {
      const { every, restsFrom, due } = entry;
      if (every === undefined || restsFrom > now) return 0;
      const turns = Math.min(
        Math.floor((now - restsFrom) / every) + 1,
        Math.round((due - restsFrom) / every),
      );
      entry.restsFrom += turns * every;
      return turns;
    },
    rouse(entry) {
      if (entry.restsFrom !== Number.POSITIVE_INFINITY) put(entry, entry.restsFrom);
    },
    realign(entries) {
      for (const entry of entries) if (entry.every === undefined) put(entry, byCalendar(entry));
    },
    popDue: heap.popDue,
    drop: heap.drop,
    get kept() {
      return heap.size;
    },
    nextAt: () => heap.next() ?? Number.POSITIVE_INFINITY,
    clear: heap.clear,
  };
}

/** A brief job's turn, moved to the next one that it shares with others of its sort. */
function onGrid({ job }: Entry, due: number): number {
  return job.brief === true ? Math.ceil(due / BRIEF_GRID) * BRIEF_GRID : due;
}
