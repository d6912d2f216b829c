import type { Condition } from '../model/condition.ts';
import { walk } from './walk.ts';

/** Names of the readings that a condition looks at: a kind's default on one of them gives way to the user's. */
export function readingsOf(condition: Condition): ReadonlySet<string> {
  const known = readingsByCondition.get(condition);
  if (known !== undefined) return known;
  const names = new Set<string>();
  for (const part of partsOfCondition(condition)) {
    if (part.node === 'reading') names.add(part.name);
    if (part.node === 'share') names.add(part.total);
    if (part.node === 'window' && part.reaches !== undefined) names.add(part.reaches);
    if (part.node === 'window' && part.name !== undefined) names.add(part.name);
  }
  readingsByCondition.set(condition, names);
  return names;
}

/**
 * Lengths of the windows that a condition looks back over, in milliseconds. A check that runs less often than twice in
 * its shortest window never fills it: whoever knows the cadence has to say so.
 */
export function windowsOf(condition: Condition): readonly number[] {
  const known = windowsByCondition.get(condition);
  if (known !== undefined) return known;
  const windows = new Set<number>();
  for (const part of partsOfCondition(condition)) {
    if (part.node === 'window') windows.add(part.window);
  }
  const found = [...windows].sort((a, b) => a - b);
  windowsByCondition.set(condition, found);
  return found;
}

/** A thousand checks share their compiled conditions. */
const readingsByCondition = new WeakMap<Condition, ReadonlySet<string>>();
const windowsByCondition = new WeakMap<Condition, readonly number[]>();

function* partsOfCondition({ expression, clear }: Condition) {
  yield* walk(expression);
  if (clear !== undefined) yield* walk(clear);
}
