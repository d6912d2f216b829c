import type { Verdict } from '../../model/reading.ts';
import type { FlapThresholds } from '../../model/service.ts';
import type { FlapState } from '../../model/state.ts';

/** As Nagios: 21 states, so 20 changes. */
const CHANGES = 20;

/** Of a check that has not been looked at for it. */
export const noFlapping: FlapState = { changes: [], flapping: false };

/** Whether one more such reading changes nothing: it was the same all the time. */
export function isSteady({ last, changes, flapping }: FlapState, verdict: Verdict): boolean {
  return last === verdict && !flapping && changes.length === CHANGES && !changes.includes(true);
}

/** After one more reading. Above `high` percent of change it flaps, until it is below `low`. */
export function flapAfter(flap: FlapState, verdict: Verdict, thresholds: FlapThresholds): FlapState {
  if (isSteady(flap, verdict)) return flap;
  const changed = flap.last !== undefined && flap.last !== verdict;
  const changes = flap.last === undefined ? flap.changes : [...flap.changes, changed].slice(-CHANGES);
  const percent = percentOfChange(changes);
  const flapping = flap.flapping ? percent >= thresholds.low : percent > thresholds.high;
  return { changes, last: verdict, flapping };
}

/**
 * Percent of weighted change, 0 to 100: the newest change weighs 1.2, the oldest of the 20 weighs 0.8
 * (Nagios Core documentation, "Detection and Handling of State Flapping").
 */
export function percentOfChange(changes: readonly boolean[]): number {
  let sum = 0;
  changes.forEach((changed, index) => {
    const age = changes.length - 1 - index;
    if (changed) sum += 1.2 - (0.4 * age) / (CHANGES - 1);
  });
  return (sum * 100) / CHANGES;
}
