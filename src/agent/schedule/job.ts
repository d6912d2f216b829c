import type { Cadence } from '../../model/service.ts';
import { periodOf } from './cadence.ts';
import type { Due } from './due-heap.ts';
import type { LaneTicket } from './lanes.ts';

/** Something that runs again and again. `run` must settle: what can hang is bounded by whoever gives it. */
export interface Job {
  /** Unique: `api/responds`. */
  readonly key: string;
  readonly kind: string;
  readonly target?: string | undefined;
  readonly cadence: Cadence;
  /** Every run starts a program. */
  readonly startsProgram?: boolean | undefined;
  /** It only asks the kernel, which takes microseconds: such jobs run together, so that one waking serves many. */
  readonly brief?: boolean | undefined;
  run(run: Run): Promise<void>;
  /**
   * Does at once what a run at its turn would do, where that is certain without one, and says until when that is so (on the scale
   * of `Instant.now`): then the job rests, unless it is roused. Undefined where it has to run.
   */
  readonly foregone?: (() => number | undefined) | undefined;
  /** So many turns came while it rested, the last of them at `last` (on the scale of `Instant.now`). */
  readonly passedOver?: ((turns: number, last: number) => void) | undefined;
}

/** Why and how late a job runs. */
export interface Run {
  readonly nudged: boolean;
  /** Milliseconds behind its time. */
  readonly lateness: number;
  /** Aborts when the scheduler stops: what the run would bring is not wanted any more. */
  readonly stopped: AbortSignal;
}

/** What the scheduler remembers of a job. */
export interface Entry extends Due {
  job: Job;
  every: number | undefined;
  /** By the calendar: the wall time of the turn that it waits for, and of the last one that came. */
  slot: number;
  took: number;
  active: 'no' | 'waiting' | 'running';
  nudgedRun: boolean;
  again: boolean;
  slow: boolean;
  ticket?: LaneTicket;
  /** When the turn came that it waits for room to take. */
  waitsSince: number;
  startedAt: number;
  missed: number;
  /** The first turn that it rests through and that is not counted yet; infinite while it does not rest. */
  restsFrom: number;
  removed: boolean;
}

/** A job that has not been scheduled yet. */
export function newEntry(job: Job): Entry {
  return {
    job,
    every: periodOf(job.cadence),
    due: 0,
    place: -1,
    order: 0,
    slot: Number.NEGATIVE_INFINITY,
    took: Number.NEGATIVE_INFINITY,
    active: 'no',
    nudgedRun: false,
    again: false,
    slow: false,
    waitsSince: 0,
    startedAt: 0,
    missed: 0,
    restsFrom: Number.POSITIVE_INFINITY,
    removed: false,
  };
}

/** Until when a job need not run, where its turn is over without. What breaks while that is found out goes to `onBug`, and it has to run. */
export function foregoneUntil(job: Job, onBug: (error: unknown, key: string) => void): number | undefined {
  try {
    return job.foregone?.();
  } catch (error) {
    onBug(error, job.key);
    return undefined;
  }
}
