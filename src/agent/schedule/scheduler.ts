import { setMaxListeners } from 'node:events';
import type { Calendar } from '../../host/calendar.ts';
import type { Clock, Timer } from '../../host/clock.ts';
import { createAgenda } from './agenda.ts';
import { periodOf, sameCadence } from './cadence.ts';
import { type Entry, isForegone, type Job, newEntry } from './job.ts';
import { createLanes, type Lanes } from './lanes.ts';
import { createPunctuality, longestWait } from './punctuality.ts';

/**
 * Runs every job on its own grid of time, none twice at once. A turn that comes while the last run is not over is counted
 * as missed and not made up for. One timer serves all jobs.
 */
export interface Scheduler {
  /** Adds a job, or replaces the one of its key; the grid stays when the cadence does, and the job does not do something else. */
  set(job: Job, change?: { readonly doesElse: boolean }): void;
  remove(key: string): void;
  /** Runs the job now, or once more right after the run that is under way. */
  nudge(key: string): void;
  /** A shorter (or longer) pace than the job's own until called without one. */
  pace(key: string, every: number | undefined): void;
  /** After the wall clock moved: cadences by calendar are worked out anew. */
  realign(): void;
  start(): void;
  /** Starts nothing more, aborts what is under way and waits for it, but not for long. */
  stop(): Promise<void>;
  missedOf(key: string): number;
  stats(): SchedulerStats;
  /** Largest lateness of a start since the last call, milliseconds. */
  takeWorstLateness(): number;
  /** Milliseconds by which the next turn is overdue just now: near zero unless its timer or the event loop is stuck. */
  behind(): number;
  /** Milliseconds for which a job has waited for room longer than it may; zero while nothing does. */
  longestWait(): number;
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
/** A job that comes later, or another cadence of one, begins within so many milliseconds, or as many as come together take. */
const SPREAD_OF_ONE = 1000;
/** What is under way when the scheduler stops gets so many milliseconds to end. */
const STOP_WITHIN = 3000;
/** Timers take no more milliseconds than this (Node's setTimeout): what is later is looked at again then. */
const LONGEST_TIMER = 0x7fffffff;

/** A scheduler without jobs, not yet started. What a job throws goes to `onBug`; the others go on. */
export function createScheduler(parts: {
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly onBug: (error: unknown, key: string) => void;
  readonly lanes?: Lanes;
}): Scheduler {
  const { clock, calendar } = parts;
  const lanes = parts.lanes ?? createLanes();
  const entries = new Map<string, Entry>();
  /** Removed while they ran: one that comes again under the same key waits for the end of that run. */
  const leaving = new Map<string, Entry>();
  /** Came or changed just now; given their turns together, as only then is known how many they are. */
  const fresh = new Set<Entry>();
  const stopped = new AbortController();
  // Each run under way listens; Node warns of more than ten.
  setMaxListeners(0, stopped.signal);
  const agenda = createAgenda(clock, calendar);
  const punctuality = createPunctuality();
  /** Running in the quick lane, oldest first. */
  const quick = new Set<Entry>();
  let timer: Timer | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let phase: 'new' | 'started' | 'stopped' = 'new';
  let idle: (() => void) | undefined;
  let active = 0;

  function arm(): void {
    if (phase !== 'started') return;
    const oldest = lanes.waiting > 0 ? first(quick) : undefined;
    const at = Math.min(
      agenda.nextAt(),
      oldest === undefined ? Number.POSITIVE_INFINITY : oldest.startedAt + SLOW_AFTER,
    );
    if (at === timerAt) return;
    timer?.cancel();
    timerAt = at;
    if (at === Number.POSITIVE_INFINITY) return;
    timer = clock.after(Math.min(Math.max(0, at - clock.instant().now), LONGEST_TIMER), fire);
  }

  function fire(): void {
    timer = undefined;
    timerAt = Number.POSITIVE_INFINITY;
    const { now } = clock.instant();
    sweep(now);
    for (let entry = agenda.popDue(now); entry !== undefined; entry = agenda.popDue(now)) turnCame(entry);
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

  function turnCame(entry: Entry): void {
    const { due } = entry;
    punctuality.miss(entry, agenda.turn(entry));
    if (entry.active === 'no') {
      // A turn that brings nothing new takes no room from others.
      if (isForegone(entry.job, parts.onBug))
        punctuality.started(entry, Math.max(0, clock.instant().now - due));
      else begin(entry, due, false);
    } else if (!entry.nudgedRun) punctuality.miss(entry, 1);
  }

  function begin(entry: Entry, due: number, nudged: boolean): void {
    entry.active = 'waiting';
    entry.nudgedRun = nudged;
    entry.waitsSince = due;
    active += 1;
    const { kind, target, startsProgram } = entry.job;
    entry.ticket = lanes.enter({
      kind,
      target,
      startsProgram,
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
    if (!nudged) punctuality.started(entry, lateness);
    try {
      await entry.job.run({ nudged, lateness, stopped: stopped.signal });
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
    if (leaving.get(entry.job.key) === entry) leaving.delete(entry.job.key);
    if (entry.again && !entry.removed && phase === 'started') {
      entry.again = false;
      begin(entry, clock.instant().now, true);
    }
    if (active === 0) idle?.();
    arm();
  }

  function placeSoon(entry: Entry): void {
    if (fresh.size === 0) queueMicrotask(placeFresh);
    fresh.add(entry);
  }

  function placeFresh(): void {
    const spread = Math.max(SPREAD_OF_ONE, fresh.size * SPREAD_PER_JOB);
    for (const entry of fresh) if (phase === 'started' && !entry.removed) agenda.place(entry, spread);
    fresh.clear();
    arm();
  }

  /** The entry of a job that is new, or came back while its last run is still under way. */
  function entryFor(job: Job): Entry {
    const left = leaving.get(job.key);
    if (left === undefined) return newEntry(job);
    leaving.delete(job.key);
    left.job = job;
    left.every = periodOf(job.cadence);
    left.removed = false;
    return left;
  }

  function giveUpWaiting(entry: Entry): void {
    if (entry.active !== 'waiting') return;
    entry.ticket?.leave();
    entry.active = 'no';
    active -= 1;
  }

  return {
    set(job, change) {
      const old = entries.get(job.key);
      if (old === undefined) {
        const entry = entryFor(job);
        entries.set(job.key, entry);
        if (phase === 'started') placeSoon(entry);
      } else {
        const same = sameCadence(old.job.cadence, job.cadence);
        old.job = job;
        if (same && change?.doesElse !== true) return;
        if (!same) old.every = periodOf(job.cadence);
        if (phase === 'started') {
          agenda.drop(old);
          placeSoon(old);
        }
      }
    },
    remove(key) {
      const entry = entries.get(key);
      if (entry === undefined) return;
      entry.removed = true;
      entry.again = false;
      entries.delete(key);
      giveUpWaiting(entry);
      agenda.drop(entry);
      if (entry.active === 'running') leaving.set(key, entry);
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
      agenda.pace(entry);
      arm();
    },
    realign() {
      agenda.realign(entries.values());
      arm();
    },
    start() {
      if (phase !== 'new') return;
      phase = 'started';
      const spread = entries.size * SPREAD_PER_JOB;
      for (const entry of entries.values()) agenda.place(entry, spread);
      arm();
    },
    async stop() {
      phase = 'stopped';
      timer?.cancel();
      for (const entry of entries.values()) {
        entry.again = false;
        giveUpWaiting(entry);
      }
      agenda.clear();
      stopped.abort(new Error('the agent is stopping'));
      if (active === 0) return;
      await new Promise<void>((resolve) => {
        const late = clock.after(STOP_WITHIN, resolve, { hold: true });
        idle = () => {
          late.cancel();
          resolve();
        };
      });
    },
    missedOf: (key) => entries.get(key)?.missed ?? 0,
    stats: () => ({
      jobs: entries.size,
      running: lanes.running,
      waiting: lanes.waiting,
      missed: punctuality.missed,
      starts: punctuality.starts,
      lateness: punctuality.lateness,
    }),
    takeWorstLateness: punctuality.takeWorst,
    behind: () => (phase === 'started' ? Math.max(0, clock.instant().now - agenda.nextAt()) : 0),
    longestWait: () => longestWait(entries.values(), clock.instant().now),
  };
}

function first<T>(set: Set<T>): T | undefined {
  for (const item of set) return item;
  return undefined;
}
