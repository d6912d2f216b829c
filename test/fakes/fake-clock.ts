import type { Clock } from '../../src/host/clock.ts';

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  /** Lets time pass; timers run in their order, and what they started (promises) settles between them. */
  advance(ms: number): Promise<void>;
  /** Moves the wall clock only, as a person or NTP does. */
  stepWall(ms: number): void;
  /** Timers that are waiting. */
  readonly waiting: number;
}

/** `startAt` is wall time (milliseconds since the epoch) and also the first `now`. */
export function createFakeClock(startAt = Date.UTC(2026, 0, 15, 12, 0, 0)): FakeClock {
  let elapsed = 0;
  let wallOffset = 0;
  let sequence = 0;
  const timers = new Map<number, { readonly due: number; readonly run: () => void }>();

  const next = (until: number): number | undefined => {
    let found: number | undefined;
    let due = until;
    for (const [id, timer] of timers) {
      if (timer.due <= due && (found === undefined || timer.due < due)) {
        found = id;
        due = timer.due;
      }
    }
    return found;
  };

  return {
    instant: () => ({ now: startAt + elapsed, wall: startAt + elapsed + wallOffset }),
    monotonic: () => elapsed,
    timers: () => timers.size,
    after(ms, run) {
      sequence += 1;
      const id = sequence;
      timers.set(id, { due: elapsed + Math.max(0, ms), run });
      return { cancel: () => void timers.delete(id) };
    },
    async advance(ms) {
      const until = elapsed + ms;
      await settle();
      for (let id = next(until); id !== undefined; id = next(until)) {
        const timer = timers.get(id);
        timers.delete(id);
        if (timer) {
          elapsed = Math.max(elapsed, timer.due);
          timer.run();
        }
        await settle();
      }
      elapsed = until;
      await settle();
    },
    stepWall(ms) {
      wallOffset += ms;
    },
    get waiting() {
      return timers.size;
    },
  };
}

/** Lets promises that are already due run to their end (a few turns of the event loop, no time). */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
