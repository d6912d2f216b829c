import type { ComparisonOperator, Expression } from '../../model/condition.ts';
import type { ReadingValue } from '../../model/reading.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import { printExpression } from '../print.ts';
import { atomsOf, isConstant, walk } from '../walk.ts';

/** What a measured thing can be at all: bounds of a number, the values of an enumeration. */
export interface Domain {
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly string[];
  /** Never a fraction. */
  readonly whole?: boolean;
  /** Out of JSON: may be of any type, and missing. */
  readonly any?: boolean;
}

export type Assignment = ReadonlyMap<string, ReadingValue>;

/**
 * Values that stand for all values, for every measured thing in the expressions: all limits, something between each two
 * of them, and something beyond the outermost as far as the domain goes. What holds for all of these always holds.
 * Undefined when there would be more than `most` combinations.
 */
export function representatives(
  expressions: readonly Expression[],
  domainOf: (operand: Expression) => Domain,
  most = 1000,
): readonly Assignment[] | undefined {
  const variables = new Map<string, { operand: Expression | undefined; constants: ReadingValue[] }>();
  for (const expression of expressions) {
    for (const part of atomsOf(expression)) {
      for (const [key, operand, constants] of variablesOf(part)) {
        const known = variables.get(key) ?? { operand, constants: [] };
        known.constants.push(...constants);
        variables.set(key, known);
      }
    }
  }
  let assignments: Map<string, ReadingValue>[] = [new Map()];
  for (const [key, { operand, constants }] of variables) {
    const points = operand === undefined ? [true, false] : pointsOf(constants, domainOf(operand));
    if (assignments.length * points.length > most) return undefined;
    assignments = assignments.flatMap((assignment) =>
      points.map((point) => new Map(assignment).set(key, point)),
    );
  }
  return assignments;
}

/** What the expression measures, and what else of it is open: the names that `representatives` gives values to. */
export function variablesIn(expression: Expression): ReadonlySet<string> {
  return new Set(atomsOf(expression).flatMap((atom) => variablesOf(atom).map(([key]) => key)));
}

type Variable = readonly [key: string, operand: Expression | undefined, constants: readonly ReadingValue[]];

function variablesOf(atom: Expression): readonly Variable[] {
  if (isConstant(atom)) return [];
  const known = comparisonOf(atom);
  if (known !== undefined) {
    return [[keyOf(known.operand), known.operand, known.limits.map((limit) => constantOf(limit))]];
  }
  // A flag by itself.
  if (atom.node === 'reading') return [[keyOf(atom), atom, [true]]];
  return [[freeKey(atom), undefined, []]];
}

/** A measured thing against constants. */
function comparisonOf(atom: Expression):
  | {
      readonly operand: Expression;
      readonly limits: readonly Expression[];
      readonly operator: ComparisonOperator;
    }
  | undefined {
  if (atom.node === 'in') {
    if (isConstant(atom.operand) || !atom.items.every(isConstant)) return undefined;
    return { operand: atom.operand, limits: atom.items, operator: '==' };
  }
  if (atom.node !== 'compare') return undefined;
  const { left, right, operator } = atom;
  if (isConstant(right) && !isConstant(left)) return { operand: left, limits: [right], operator };
  if (isConstant(left) && !isConstant(right))
    return { operand: right, limits: [left], operator: flipped[operator] };
  return undefined;
}

const flipped = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

function keyOf(operand: Expression): string {
  return operand.node === 'share' ? `share ${printExpression(operand)}` : printExpression(operand);
}

/** Tests whose outcome is open whatever else holds; `unchanged` is the opposite of `changed`. */
function freeKey(atom: Expression): string {
  return `? ${atom.node === 'unchanged' ? printExpression({ ...atom, node: 'changed' }) : printExpression(atom)}`;
}

/** The value of what is not measured; null where it has none. */
export function constantOf(expression: Expression): ReadingValue {
  const nothing = { reading: {}, at: 0, seen: true, window: () => undefined, changed: () => undefined };
  return evaluate(expression, nothing) ?? null;
}

function pointsOf(constants: readonly ReadingValue[], domain: Domain): readonly ReadingValue[] {
  if (domain.values !== undefined) return domain.values;
  const numbers = constants.filter((constant) => typeof constant === 'number');
  const texts = constants.filter((constant) => typeof constant === 'string');
  const points: ReadingValue[] = [];
  if (numbers.length > 0) points.push(...numberPoints(numbers, domain));
  if (texts.length > 0) points.push(...texts, `not ${texts.join(' nor ')}`);
  if (constants.some((constant) => typeof constant === 'boolean')) points.push(true, false);
  if (domain.any === true) points.push(null, 'some other text');
  return [...new Set(points)];
}

function numberPoints(
  limits: readonly number[],
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, whole = false }: Domain,
) {
  const sorted = [...new Set(limits)].sort((a, b) => a - b);
  const lowest = Math.min(sorted[0] ?? 0, max);
  const highest = Math.max(sorted.at(-1) ?? 0, min);
  const points = [
    Number.isFinite(min) ? min : lowest - 1,
    Number.isFinite(min) ? (min + lowest) / 2 : lowest - 2,
    ...sorted,
    ...sorted.slice(1).map((value, index) => (value + (sorted[index] ?? 0)) / 2),
    Number.isFinite(max) ? (max + highest) / 2 : highest + 2,
    Number.isFinite(max) ? max : highest + 1,
  ];
  const possible = whole ? points.flatMap((point) => [Math.floor(point), Math.ceil(point)]) : points;
  return possible.filter((point) => point >= min && point <= max);
}

/** Whether the expression holds for these values. */
export function holdsFor(expression: Expression, values: Assignment): boolean {
  if (expression.node === 'not') return !holdsFor(expression.operand, values);
  if (expression.node === 'and') return expression.terms.every((term) => holdsFor(term, values));
  if (expression.node === 'or') return expression.terms.some((term) => holdsFor(term, values));
  if (isConstant(expression)) return constantOf(expression) === true;
  const known = comparisonOf(expression);
  if (known === undefined) {
    if (expression.node === 'reading') return values.get(keyOf(expression)) === true;
    const free = values.get(freeKey(expression)) === true;
    return expression.node === 'unchanged' ? !free : free;
  }
  const value = values.get(keyOf(known.operand)) ?? null;
  return known.limits.some((limit) => compares(value, known.operator, constantOf(limit)));
}

function compares(value: ReadingValue, operator: ComparisonOperator, limit: ReadingValue): boolean {
  if (operator === '==') return value === limit;
  if (operator === '!=') return value !== limit;
  if (typeof value !== 'number' || typeof limit !== 'number') return false;
  if (operator === '<') return value < limit;
  if (operator === '<=') return value <= limit;
  return operator === '>' ? value > limit : value >= limit;
}

/** Everything of an expression that is true or false and whose constancy is worth a look: the smallest parts first. */
export function truthParts(expression: Expression): readonly Expression[] {
  const parts: Expression[] = [];
  for (const part of walk(expression)) {
    if (['compare', 'in', 'and', 'or'].includes(part.node)) parts.push(part);
  }
  return parts.reverse();
}
