import { formatQuantity } from '../../lib/quantity.ts';
import type { Expression } from '../../model/condition.ts';
import type { ReadingFields } from '../../model/reading.ts';
import { printExpression } from '../print.ts';
import { atomsOf, isConstant } from '../walk.ts';
import type { Checking } from './checking.ts';
import { mistake, textOf } from './checking.ts';
import type { Domain } from './outcomes.ts';
import { constantOf, holdsFor, representatives, truthParts } from './outcomes.ts';

/**
 * Most single comparisons that are tried for one condition: some milliseconds. What is left untried then are only the
 * larger parts of very long conditions.
 */
const mostTried = 20_000;

/** Reports the smallest part of a condition that has one outcome whatever is measured. False when there is one. */
export function checkSense(expression: Expression, checking: Checking): boolean {
  let left = mostTried;
  for (const part of truthParts(expression)) {
    if (part.node === 'in' && !checkItems(part, checking)) return false;
    const size = part.node === 'in' ? part.items.length : atomsOf(part).length;
    const most = Math.floor(left / size);
    const { outcome, tried } = onlyOutcome(part, checking, Math.min(1000, most));
    left -= tried * size;
    if (outcome === undefined) continue;
    reportConstant(part, outcome, checking);
    return false;
  }
  // A lone `true`, and `not true`.
  if (truthParts(expression).length === 0 && isConstant(expression)) {
    reportConstant(expression, holdsFor(expression, new Map()), checking);
    return false;
  }
  return true;
}

/** A value of a list that the operand cannot have does nothing there. */
function checkItems(part: Extract<Expression, { node: 'in' }>, checking: Checking): boolean {
  for (const item of part.items) {
    const one: Expression = { node: 'compare', operator: '==', left: part.operand, right: item };
    if (onlyOutcome(one, checking).outcome !== false) continue;
    checking.spans.set(one, checking.spans.get(item) ?? { start: 0, end: checking.text.length });
    reportConstant(one, false, checking);
    return false;
  }
  return true;
}

function onlyOutcome(
  expression: Expression,
  checking: Checking,
  most?: number,
): { readonly outcome: boolean | undefined; readonly tried: number } {
  const cases = representatives([expression], (operand) => domainOf(operand, checking.fields), most);
  const [first, ...others] = cases ?? [];
  if (first === undefined) return { outcome: undefined, tried: 0 };
  const outcome = holdsFor(expression, first);
  const only = others.every((other) => holdsFor(expression, other) === outcome);
  return { outcome: only ? outcome : undefined, tried: others.length + 1 };
}

/** What an operand can be, as its field declares it. */
export function domainOf(operand: Expression, fields: ReadingFields): Domain {
  if (operand.node === 'share') return { min: 0, max: 100 };
  if (operand.node === 'length') return { min: 0 };
  if (operand.node === 'window') {
    if (operand.function === 'count' || operand.function === 'full_in') return { min: 0 };
    if (operand.function === 'rate' || operand.function === 'delta') return {};
    // An average of whole numbers is none.
    return { ...domainOf(operand.operand, fields), whole: false };
  }
  if (operand.node !== 'reading') return {};
  const field = fields[operand.name];
  if (operand.path !== undefined || field?.type === 'json') return { any: true };
  if (field?.type === 'text' && field.values !== undefined) return { values: field.values };
  if (field?.type !== 'number') return {};
  const { max } = field;
  // A size is never negative; of other quantities a field has to say so.
  const min = field.min ?? (field.quantity === 'bytes' ? 0 : undefined);
  const whole = field.quantity === 'count' && field.per === undefined && field.fraction !== true;
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }), whole };
}

function reportConstant(part: Expression, outcome: boolean, checking: Checking): void {
  const span = checking.spans.get(part) ?? { start: 0, end: checking.text.length };
  const text = part.node === 'compare' ? printExpression(part) : textOf(checking, span);
  const verb = outcome ? 'always holds' : 'never holds';
  if (part.node === 'compare') {
    const [operand, limit] = isConstant(part.left) ? [part.right, part.left] : [part.left, part.right];
    const isWhole = domainOf(operand, checking.fields).whole === true;
    const value = isWhole ? constantOf(limit) : undefined;
    const bounds =
      typeof value === 'number' && !Number.isInteger(value)
        ? 'a whole number'
        : boundsText(operand, checking.fields);
    if (bounds !== undefined) {
      mistake(checking, span, 'never-changes', `'${text}' ${verb}: ${printExpression(operand)} is ${bounds}`);
      return;
    }
  }
  const hint =
    part.node === 'and' || part.node === 'or'
      ? `did you mean '${part.node === 'and' ? 'or' : 'and'}'?`
      : undefined;
  mistake(checking, span, 'never-changes', `'${text}' ${verb}, whatever is measured`, hint);
}

/** `never above 100%` */
function boundsText(operand: Expression, fields: ReadingFields): string | undefined {
  const { min, max } = domainOf(operand, fields);
  const measure = 'measure' in operand ? operand.measure : undefined;
  if (measure === undefined || (min === undefined && max === undefined)) return undefined;
  const low = min === undefined ? undefined : formatQuantity(min, measure);
  const high = max === undefined ? undefined : formatQuantity(max, measure);
  if (low !== undefined && high !== undefined) return `between ${low} and ${high}`;
  return low === undefined ? `never above ${high}` : `never below ${low}`;
}
