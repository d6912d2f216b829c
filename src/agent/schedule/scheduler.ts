import type { Calendar } from '../../host/calendar.ts';
import type { Clock, Timer } from '../../host/clock.ts';
import { fractionOf } from '../../lib/hash.ts';
import { calendarDue, periodOf, sameCadence } from './cadence.ts';
import { createDueHeap } from './due-heap.ts';
import { type Entry, type Job, newEntry } from './job.ts';
import { createLanes, type Lanes } from './lanes.ts';

/**
 * Runs every job on its own grid of time, none twice at once. A turn that comes while the last run is not over is counted
 * as missed and not made up for. One timer serves all jobs.
 */
export interface Scheduler {
  /** Adds a job, or replaces the one of its key; the grid stays when the cadence does. */
  set(job: Job): void;
  remove(key: string): void;
  /** Runs the job now, or once more right after the run that is under way. */
  nudge(key: string): void;
  /** A shorter (or longer) pace than the job's own until called without one. */
  pace(key: string, every: number | undefined): void;
  /** After the wall clock moved: cadences by calendar are worked out anew. */
  realign(): void;
  start(): void;
  /** Starts nothing more, and waits for what is under way. */
  stop(): Promise<void>;
  missedOf(key: string): number;
  stats(): SchedulerStats;
  /** Largest lateness of a start since the last call, milliseconds. */
  takeWorstLateness(): number;
  /** Milliseconds by which the next turn is overdue just now: near zero unless its timer or the event loop is stuck. */
  behind(): number;
}

export interface SchedulerStats {
  readonly jobs: number;
  readonly running: number;
  readonly waiting: number;
  readonly missed: number;
  /** Starts at their own turn, and by how many milliseconds they were late, all together. */
  readonly starts: number;
  readonly lateness: number;
}

/** A run that lasts longer than this many milliseconds moves to the slow lane. */
const SLOW_AFTER = 500;
/** Start-up gives every job this many milliseconds of its own, as long as its cadence allows. */
const SPREAD_PER_JOB = 10;

export function createScheduler(parts: {
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly onBug: (error: unknown, key: string) => void;
  readonly lanes?: Lanes;
}): Scheduler {
  const { clock, calendar } = parts;
  const lanes = parts.lanes ?? createLanes();
  const entries = new Map<string, Entry>();
  const heap = createDueHeap<readonly [entry: Entry, turn: number]>();
  /** Running in the quick lane, oldest first. */
  const quick = new Set<Entry>();
  let timer: Timer | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let phase: 'new' | 'started' | 'stopped' = 'new';
  let missed = 0;
  let worstLateness = 0;
  let starts = 0;
  let latenessInAll = 0;
  let idle: (() => void) | undefined;
  let active = 0;

  function arm(): void {
    if (phase !== 'started') return;
    const oldest = lanes.waiting > 0 ? first(quick) : undefined;
    const at = Math.min(
      heap.next() ?? Number.POSITIVE_INFINITY,
      oldest === undefined ? Number.POSITIVE_INFINITY : oldest.startedAt + SLOW_AFTER,
    );
    if (at === timerAt) return;
    timer?.cancel();
    timerAt = at;
    if (at === Number.POSITIVE_INFINITY) return;
    timer = clock.after(Math.min(Math.max(0, at - clock.instant().now), 0x7fffffff), fire);
  }

  function fire(): void {
    timer = undefined;
    timerAt = Number.POSITIVE_INFINITY;
    const { now } = clock.instant();
    sweep(now);
    for (let popped = heap.popDue(now); popped !== undefined; popped = heap.popDue(now)) {
      const [entry, turn] = popped;
      if (entry.turn === turn && !entry.removed) turnCame(entry, now);
    }
    arm();
  }

  /** Makes room in the quick lanes for those who wait: what has been running for long is not quick. */
  function sweep(now: number): void {
    for (const entry of quick) {
      if (now - entry.startedAt < SLOW_AFTER) break;
      quick.delete(entry);
      entry.slow = true;
      entry.ticket?.turnSlow();
    }
  }

  function turnCame(entry: Entry, now: number): void {
    const due = entry.due;
    scheduleNext(entry, now);
    if (entry.active === 'no') begin(entry, due, false);
    else if (!entry.nudgedRun) miss(entry, 1);
  }

  function miss(entry: Entry, count: number): void {
    entry.missed += count;
    missed += count;
  }

  function scheduleNext(entry: Entry, now: number): void {
    const { every } = entry;
    if (every === undefined) {
      put(entry, nextByCalendar(entry));
      return;
    }
    let due = entry.due + every;
    if (due <= now) {
      const passed = Math.floor((now - due) / every) + 1;
      miss(entry, passed);
      due += passed * every;
    }
    put(entry, due);
  }

  const nextByCalendar = ({ job }: Entry): number => calendarDue(job.cadence, calendar, clock.instant());

  function put(entry: Entry, due: number): void {
    entry.due = due;
    entry.turn += 1;
    if (due !== Number.POSITIVE_INFINITY) heap.push(due, [entry, entry.turn]);
  }

  function begin(entry: Entry, due: number, nudged: boolean): void {
    entry.active = 'waiting';
    entry.nudgedRun = nudged;
    active += 1;
    const { kind, target } = entry.job;
    entry.ticket = lanes.enter({
      kind,
      ...(target === undefined ? {} : { target }),
      slow: entry.slow,
      urgent: nudged,
      start(ticket) {
        entry.ticket = ticket;
        void running(entry, due, nudged);
      },
    });
  }

  async function running(entry: Entry, due: number, nudged: boolean): Promise<void> {
    const { now } = clock.instant();
    entry.active = 'running';
    entry.startedAt = now;
    if (!entry.slow) quick.add(entry);
    const lateness = nudged ? 0 : Math.max(0, now - due);
    if (!nudged) starts += 1;
    latenessInAll += lateness;
    // What waits in the slow lane is late because it is slow itself, not because the scheduler does not keep up.
    if (!entry.slow && lateness > worstLateness) worstLateness = lateness;
    try {
      await entry.job.run({ nudged, lateness });
    } catch (error) {
      parts.onBug(error, entry.job.key);
    }
    finished(entry);
  }

  function finished(entry: Entry): void {
    quick.delete(entry);
    entry.slow = clock.instant().now - entry.startedAt >= SLOW_AFTER;
    entry.active = 'no';
    active -= 1;
    entry.ticket?.leave();
    if (entry.again && !entry.removed && phase === 'started') {
      entry.again = false;
      begin(entry, clock.instant().now, true);
    }
    if (active === 0) idle?.();
    arm();
  }

  function giveUpWaiting(entry: Entry): void {
    if (entry.active !== 'waiting') return;
    entry.ticket?.leave();
    entry.active = 'no';
    active -= 1;
  }

  function place(entry: Entry, spread: number): void {
    const { every } = entry;
    const { now } = clock.instant();
    if (every === undefined) put(entry, nextByCalendar(entry));
    else put(entry, now + fractionOf(entry.job.key) * Math.min(every, spread));
  }

  return {
    set(job) {
      const old = entries.get(job.key);
      if (old === undefined) {
        const entry = newEntry(job);
        entries.set(job.key, entry);
        if (phase === 'started') place(entry, 1000);
      } else {
        const same = sameCadence(old.job.cadence, job.cadence);
        old.job = job;
        if (same) return;
        old.every = periodOf(job.cadence);
        if (phase === 'started') place(old, 1000);
      }
      arm();
    },
    remove(key) {
      const entry = entries.get(key);
      if (entry === undefined) return;
      entry.removed = true;
      entries.delete(key);
      giveUpWaiting(entry);
    },
    nudge(key) {
      const entry = entries.get(key);
      if (entry === undefined || phase !== 'started') return;
      if (entry.active === 'no') begin(entry, clock.instant().now, true);
      else if (entry.active === 'running') entry.again = true;
      arm();
    },
    pace(key, every) {
      const entry = entries.get(key);
      const next = every ?? (entry && periodOf(entry.job.cadence));
      if (entry === undefined || next === entry.every) return;
      entry.every = next;
      if (phase !== 'started') return;
      put(entry, next === undefined ? nextByCalendar(entry) : clock.instant().now + next);
      arm();
    },
    realign() {
      for (const entry of entries.values()) {
        if (entry.every === undefined) put(entry, nextByCalendar(entry));
      }
      arm();
    },
    start() {
      if (phase !== 'new') return;
      phase = 'started';
      const spread = entries.size * SPREAD_PER_JOB;
      for (const entry of entries.values()) place(entry, spread);
      arm();
    },
    async stop() {
      phase = 'stopped';
      timer?.cancel();
      for (const entry of entries.values()) {
        entry.again = false;
        giveUpWaiting(entry);
      }
      heap.clear();
      if (active > 0) await new Promise<void>((resolve) => (idle = resolve));
    },
    missedOf: (key) => entries.get(key)?.missed ?? 0,
    stats: () => ({
      jobs: entries.size,
      running: lanes.running,
      waiting: lanes.waiting,
      missed,
      starts,
      lateness: latenessInAll,
    }),
    takeWorstLateness() {
      const worst = worstLateness;
      worstLateness = 0;
      return worst;
    },
    behind: () =>
      phase === 'started' ? Math.max(0, clock.instant().now - (heap.next() ?? Number.POSITIVE_INFINITY)) : 0,
  };
}

function first<T>(set: Set<T>): T | undefined {
  for (const item of set) return item;
  return undefined;
}
