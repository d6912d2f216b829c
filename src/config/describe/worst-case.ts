import type { Check, Service } from '../../model/service.ts';

/** How long after a failure something happens: at best and at worst, in milliseconds. */
export interface Delay {
  readonly least: number;
  readonly most: number;
}

/** The longest time between two calendar times, in milliseconds. */
export type LongestGap = (cron: string, timezone: string | undefined) => number;

/** Where nobody can say: once a day. */
const onceADay: LongestGap = () => 86_400_000;

/** Looked at are this many times of a pattern, and no further ahead than ten years. */
const MOST_TIMES = 1000;
const MOST_AHEAD = 315_576_000_000;

/** Finds the longest gap of a pattern by walking along its next times, from `from` on (milliseconds since the epoch). */
export function longestGap(
  next: (cron: string, timezone: string | undefined, after: number) => number,
  from: number,
): LongestGap {
  return (cron, timezone) => {
    let longest = 0;
    let before = next(cron, timezone, from);
    for (let count = 0; count < MOST_TIMES && before - from < MOST_AHEAD; count += 1) {
      const at = nextOr(before);
      longest = Math.max(longest, at - before);
      if (at === before) break;
      before = at;
    }
    return longest;

    function nextOr(after: number): number {
      try {
        return next(cron, timezone, after);
      } catch {
        // No further time within years.
        return after;
      }
    }
  };
}

/**
 * From the moment something breaks to the moment it counts as down. At best the failure comes right before a look that
 * sees it at once, at worst right after one, and every look takes its whole timeout.
 */
export function detectionDelay(check: Check, gap: LongestGap = onceADay): Delay {
  const { cadence } = check;
  const every = 'every' in cadence ? cadence.every : gap(cadence.cron, cadence.timezone);
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
export function noticeDelay(check: Check, groupWait: number, gap?: LongestGap): Delay {
  const { least, most } = detectionDelay(check, gap);
  return { least: least + groupWait, most: most + groupWait };
}

/** From the moment something breaks to the first repair; undefined when none is tried. */
export function repairDelay(check: Check, service: Service, gap?: LongestGap): Delay | undefined {
  if (check.repair.length === 0 || service.mode === 'passive') return undefined;
  const { least, most } = detectionDelay(check, gap);
  // Evidence is captured first, within its limit.
  return { least, most: most + service.evidence.timeout };
}
