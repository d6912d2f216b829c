import type { Check, Service } from '../../model/service.ts';

/** How long after a failure something happens: at best and at worst, in milliseconds. */
export interface Delay {
  readonly least: number;
  readonly most: number;
}

/** Longest time between two looks of a check that runs at calendar times, as far as it matters here. */
const CALENDAR_PACE = 86_400_000;

/**
 * From the moment something breaks to the moment it counts as down. At best the failure comes right before a look that
 * sees it at once, at worst right after one, and every look takes its whole timeout.
 */
export function detectionDelay(check: Check): Delay {
  const every = 'every' in check.cadence ? check.cadence.every : CALENDAR_PACE;
  const pace = check.retryEvery ?? every;
  const { failAfter } = check;
  if ('duration' in failAfter) {
    // It is counted at a look: the first one after that time.
    const looks = Math.ceil(failAfter.duration / pace);
    return { least: looks * pace, most: every + looks * pace + check.timeout };
  }
  const further = (failAfter.count - 1) * pace;
  return { least: further, most: every + further + check.timeout };
}

/** From the moment something breaks to the first notice about it. */
export function noticeDelay(check: Check, groupWait: number): Delay {
  const { least, most } = detectionDelay(check);
  return { least: least + groupWait, most: most + groupWait };
}

/** From the moment something breaks to the first repair; undefined when none is tried. */
export function repairDelay(check: Check, service: Service): Delay | undefined {
  if (check.repair.length === 0 || service.mode === 'passive') return undefined;
  const { least, most } = detectionDelay(check);
  // Evidence is captured first, within its limit.
  return { least, most: most + service.evidence.timeout };
}
