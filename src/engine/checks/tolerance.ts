import { formatDuration } from '../../lib/duration.ts';
import type { Verdict } from '../../model/reading.ts';
import type { Tolerance } from '../../model/service.ts';
import type { Level, Sample } from '../../model/state.ts';

/** What samples are counted: those after `from`, of the run on the same side that began at `runSince`. */
export interface Count {
  readonly samples: readonly Sample[];
  readonly from: number;
  readonly runSince: number;
  readonly matches: (verdict: Verdict) => boolean;
}

/**
 * Whether it was often enough, or long enough. `N of M` looks at the newest M samples; a duration needs an unbroken run
 * up to the newest sample, so it is only ever met by a fresh look, never by time alone.
 */
export function isMet(tolerance: Tolerance, { samples, from, runSince, matches }: Count): boolean {
  const newest = samples.at(-1);
  if (!newest || newest.at <= from || !matches(newest.verdict)) return false;
  if ('duration' in tolerance) return newest.at - Math.max(runSince, from) >= tolerance.duration;
  let matching = 0;
  const oldest = Math.max(0, samples.length - tolerance.of);
  for (let i = samples.length - 1; i >= oldest; i--) {
    const sample = samples[i] as Sample;
    if (sample.at <= from) break;
    if (matches(sample.verdict) && ++matching >= tolerance.count) return true;
  }
  return false;
}

/** `3 of 3 cycles`, `for 30 s`: what was counted when it was met. */
export function describeTolerance(tolerance: Tolerance): string {
  if ('duration' in tolerance) return `for ${formatDuration(tolerance.duration)}`;
  const { count, of } = tolerance;
  return of === 1 ? 'at once' : `${count} of ${of} cycles`;
}

/** How many samples a tolerance may need. */
export function samplesNeeded(tolerance: Tolerance): number {
  return 'duration' in tolerance ? 1 : tolerance.of;
}

/** Whether a verdict is at least as bad as a level. */
export function reaches(verdict: Verdict, level: Exclude<Level, 'ok'>): boolean {
  return verdict === 'failing' || (verdict === 'warning' && level === 'warning');
}
