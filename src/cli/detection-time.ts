import type { Check, Tolerance } from '../model/service.ts';

/** Least and most milliseconds from a failure to when it counts (and is repaired, or told after `group_wait`). */
export interface DetectionTime {
  readonly least: number;
  readonly most: number;
}

/**
 * How long a lasting failure takes to count. It begins just before a look at best, just after one at worst; every look may
 * take until its timeout. Nothing for checks that go by the calendar.
 */
export function detectionTime({ cadence, retryEvery, timeout, failAfter }: Check): DetectionTime | undefined {
  if (!('every' in cadence)) return undefined;
  const pace = Math.min(retryEvery ?? cadence.every, cadence.every);
  const span = spanOf(failAfter, pace);
  return { least: span.least, most: cadence.every + span.most + timeout };
}

/** From the first failing look to the one that makes it count. */
function spanOf(tolerance: Tolerance, pace: number): DetectionTime {
  if ('count' in tolerance) {
    const looks = Math.max(0, tolerance.count - 1) * pace;
    return { least: looks, most: looks };
  }
  return { least: tolerance.duration, most: tolerance.duration + pace };
}
