import type { Condition } from '../model/condition.ts';
import type { ReadingFields } from '../model/reading.ts';
import { domainOf } from './check/check-sense.ts';
import { holdsFor, representatives } from './check/outcomes.ts';

/** What can be said of conditions of one reading; all of it is false where there are too many cases to try. */
export interface Together {
  /** There is nothing that could be measured for which all of them hold. */
  readonly never: boolean;
  /** Whenever all but the last hold, the last one does too. */
  readonly implied: boolean;
}

const known = new WeakMap<Condition, WeakMap<Condition, Together>>();

/** Whether conditions can hold at the same time, whatever is measured. Of two it is remembered: a thousand checks say the same. */
export function together(conditions: readonly Condition[], fields: ReadingFields): Together {
  const [first, second] = conditions;
  if (first === undefined || second === undefined) return { never: false, implied: false };
  if (conditions.length > 2) return tryAll(conditions, fields);
  const before = known.get(first)?.get(second);
  if (before !== undefined) return before;
  const found = tryAll(conditions, fields);
  const ofFirst = known.get(first) ?? new WeakMap<Condition, Together>();
  known.set(first, ofFirst.set(second, found));
  return found;
}

function tryAll(conditions: readonly Condition[], fields: ReadingFields): Together {
  const expressions = conditions.map(({ expression }) => expression);
  const cases = representatives(expressions, (operand) => domainOf(operand, fields));
  if (cases === undefined) return { never: false, implied: false };
  const before = expressions.slice(0, -1);
  const last = expressions.slice(-1);
  const held = cases.filter((one) => before.every((expression) => holdsFor(expression, one)));
  const all = held.filter((one) => last.every((expression) => holdsFor(expression, one)));
  return { never: all.length === 0, implied: held.length > 0 && all.length === held.length };
}
