import type { Condition } from '../model/condition.ts';
import type { ReadingFields } from '../model/reading.ts';
import { domainOf } from './check/check-sense.ts';
import { holdsFor, representatives, variablesIn } from './check/outcomes.ts';

/** What can be said of conditions of one reading; what would take too many cases to try is taken for false. */
export interface Together {
  /** There is nothing that could be measured for which all of them hold. */
  readonly never: boolean;
  /** Whenever all but the last hold, the last one does too. */
  readonly implied: boolean;
}

const unclear: Together = { never: false, implied: false };

/** What was found of a condition after those before it, and of it with one more. */
interface Known {
  found?: Together;
  readonly next: WeakMap<Condition, Known>;
}

const known = new WeakMap<Condition, Known>();

/** Whether conditions can hold at the same time, whatever is measured. It is remembered: a thousand checks say the same. */
export function together(conditions: readonly Condition[], fields: ReadingFields): Together {
  const entry = entryOf(conditions);
  if (entry === undefined) return unclear;
  entry.found ??= find(conditions, fields);
  return entry.found;
}

/** What measures nothing in common is tried apart: each holds or not whatever the others do. */
function find(conditions: readonly Condition[], fields: ReadingFields): Together {
  const [group, ...more] = related(conditions);
  if (group === undefined || more.length === 0) return tryAll(conditions, fields);
  const groups = [group, ...more];
  const own = groups.find((one) => one.at(-1) === conditions.at(-1)) ?? group;
  const others = groups.some((one) => one !== own && together(one, fields).never);
  const { never, implied } = together(own, fields);
  return { never: never || others, implied: implied && !others };
}

function entryOf(conditions: readonly Condition[]): Known | undefined {
  let next = known;
  let entry: Known | undefined;
  for (const condition of conditions) {
    entry = next.get(condition);
    if (entry === undefined) {
      entry = { next: new WeakMap() };
      next.set(condition, entry);
    }
    next = entry.next;
  }
  return entry;
}

/** The conditions in groups that measure nothing in common, each in the order they were given. */
function related(conditions: readonly Condition[]): readonly (readonly Condition[])[] {
  let groups: (readonly Condition[])[] = [];
  for (const condition of new Set(conditions)) {
    const touched = groups.filter((group) => group.some((member) => shareVariable(member, condition)));
    groups = groups.filter((group) => !touched.includes(group));
    const members = new Set(touched.flat()).add(condition);
    groups.push(conditions.filter((one) => members.has(one)));
  }
  return groups;
}

const variables = new WeakMap<Condition, ReadonlySet<string>>();

function variablesOf(condition: Condition): ReadonlySet<string> {
  const before = variables.get(condition);
  if (before !== undefined) return before;
  const found = variablesIn(condition.expression);
  variables.set(condition, found);
  return found;
}

function shareVariable(one: Condition, other: Condition): boolean {
  const names = variablesOf(other);
  for (const name of variablesOf(one)) if (names.has(name)) return true;
  return false;
}

function tryAll(conditions: readonly Condition[], fields: ReadingFields): Together {
  const expressions = conditions.map(({ expression }) => expression);
  const cases = representatives(expressions, (operand) => domainOf(operand, fields));
  if (cases === undefined) return unclear;
  const before = expressions.slice(0, -1);
  const last = expressions.slice(-1);
  const held = cases.filter((one) => before.every((expression) => holdsFor(expression, one)));
  const all = held.filter((one) => last.every((expression) => holdsFor(expression, one)));
  return { never: all.length === 0, implied: held.length > 0 && all.length === held.length };
}
