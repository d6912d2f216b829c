import { setMaxListeners } from 'node:events';
import type { Calendar } from '../../host/calendar.ts';
import type { Clock, Timer } from '../../host/clock.ts';
import { createAgenda } from './agenda.ts';
import { periodOf, sameCadence } from './cadence.ts';
import { type Entry, foregoneUntil, type Job, newEntry } from './job.ts';
import { createLanes, type Lanes } from './lanes.ts';
import { createNewcomers } from './newcomers.ts';
import { createPunctuality, longestWait } from './punctuality.ts';
import { createQuickRuns } from './quick-runs.ts';
import { createRests, isResting } from './rests.ts';

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
  /** The run that is under way answers all nudges of this job that came up to now: it begins to look only now. */
  answerNudges(key: string): void;
  /** What was certain beforehand is not any more: a job that rests has its next turn again. */
  rouse(key: string): void;
  isResting(key: string): boolean;
  /** Counts the turns that a job has rested through until now. */
  countRest(key: string): void;
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
  const stopped = new AbortController();
  // Each run under way listens; Node warns of more than ten.
  setMaxListeners(0, stopped.signal);
  const agenda = createAgenda(clock, calendar);
  const newcomers = createNewcomers(agenda, () => phase === 'started', arm);
  const punctuality = createPunctuality();
  const rests = createRests(agenda);
  const quick = createQuickRuns();
  let timer: Timer | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let phase: 'new' | 'started' | 'stopped' = 'new';
  let idle: (() => void) | undefined;
  let active = 0;

  function arm(): void {
    if (phase !== 'started') return;
    const at = Math.min(agenda.nextAt(), lanes.waiting > 0 ? quick.sweepAt() : Number.POSITIVE_INFINITY);
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
    quick.sweep(now);
    for (let entry = agenda.popDue(now); entry !== undefined; entry = agenda.popDue(now)) turnCame(entry);
    arm();
  }

  function turnCame(entry: Entry): void {
    const { due } = entry;
    rests.count(entry, due);
    punctuality.miss(entry, agenda.turn(entry));
    if (entry.active === 'no') {
      // A turn that brings nothing new takes no room from others.
      const until = foregoneUntil(entry.job, parts.onBug);
      if (until === undefined) begin(entry, due, false);
      else {
        punctuality.started(entry, Math.max(0, clock.instant().now - due));
        rests.begin(entry, until);
      }
    } else if (!entry.nudgedRun) punctuality.miss(entry, 1);
  }

  function rouse(entry: Entry | undefined): void {
    if (entry === undefined || !isResting(entry) || phase !== 'started') return;
    rests.end(entry, clock.instant().now);
    arm();
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
    quick.began(entry);
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
    quick.ended(entry, clock.instant().now);
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
        if (phase === 'started') newcomers.add(entry);
      } else {
        rouse(old);
        const same = sameCadence(old.job.cadence, job.cadence);
        old.job = job;
        if (same && change?.doesElse !== true) return;
        if (!same) old.every = periodOf(job.cadence);
        if (phase === 'started') {
          agenda.drop(old);
          newcomers.add(old);
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
      rests.count(entry, clock.instant().now);
      agenda.drop(entry);
      if (entry.active === 'running') leaving.set(key, entry);
    },
    nudge(key) {
      const entry = entries.get(key);
      if (entry === undefined || phase !== 'started') return;
      rouse(entry);
      if (entry.active === 'no') begin(entry, clock.instant().now, true);
      else if (entry.active === 'running') entry.again = true;
      arm();
    },
    answerNudges(key) {
      const entry = entries.get(key);
      if (entry?.active === 'running') entry.again = false;
    },
    rouse: (key) => rouse(entries.get(key)),
    isResting(key) {
      const entry = entries.get(key);
      return entry !== undefined && isResting(entry);
    },
    countRest(key) {
      const entry = entries.get(key);
      if (entry !== undefined) rests.count(entry, clock.instant().now);
    },
    pace(key, every) {
      const entry = entries.get(key);
      const next = every ?? (entry && periodOf(entry.job.cadence));
      if (entry === undefined || next === entry.every) return;
      rouse(entry);
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
      newcomers.placeAll(entries);
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
    stats() {
      const { now } = clock.instant();
      for (const entry of entries.values()) rests.count(entry, now);
      return {
        jobs: entries.size,
        running: lanes.running,
        waiting: lanes.waiting,
        missed: punctuality.missed,
        starts: punctuality.starts,
        lateness: punctuality.lateness,
      };
    },
    takeWorstLateness: punctuality.takeWorst,
    behind: () => (phase === 'started' ? Math.max(0, clock.instant().now - agenda.nextAt()) : 0),
    longestWait: () => longestWait(entries.values(), clock.instant().now),
  };
}
