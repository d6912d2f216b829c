import type { Measure } from '../../lib/quantity.ts';
import type { Expression } from '../../model/condition.ts';
import { printExpression } from '../print.ts';
import type { Span, Syntax } from '../syntax.ts';
import { exampleUnit } from '../units.ts';
import { isConstant } from '../walk.ts';
import type { Checking } from './checking.ts';
import { mistake, textOf } from './checking.ts';
import { constantOf } from './outcomes.ts';
import type { NumberType, Typed } from './value-type.ts';
import { sameMeasure, typeName } from './value-type.ts';

type ArithmeticSyntax = Extract<Syntax, { node: 'arithmetic' }>;

const plain: Measure = { quantity: 'count' };

/** `-x` */
export function checkNegative(
  syntax: Extract<Syntax, { node: 'negative' }> & Span,
  checking: Checking,
): Typed | undefined {
  const operand = checkNumber(syntax.operand, checking);
  if (operand === undefined) return undefined;
  const { measure, bare } = operand.type;
  if (measure.quantity === 'timestamp') {
    return mistake(checking, syntax, 'wrong-unit', 'a point in time cannot be negative');
  }
  const expression = { node: 'negative', operand: operand.expression, measure } as const;
  return { expression, type: { type: 'number', measure, ...(bare && { bare }) } };
}

/** Sums of like units, products with plain numbers, ratios of like units, and times with durations. */
export function checkArithmetic(syntax: ArithmeticSyntax & Span, checking: Checking): Typed | undefined {
  const left = checkNumber(syntax.left, checking);
  const right = checkNumber(syntax.right, checking);
  if (left === undefined || right === undefined) return undefined;
  const measure = resultMeasure(syntax.operator, left.type, right.type);
  if (measure === undefined) return unlike(syntax, left.type, right.type, checking);
  const { operator } = syntax;
  const expression = {
    node: 'arithmetic',
    operator,
    left: left.expression,
    right: right.expression,
    measure,
  } as const;
  if (!changes(expression, syntax, checking)) return undefined;
  const bare = left.type.bare === true && right.type.bare === true;
  return { expression, type: { type: 'number', measure, ...(bare && { bare }) } };
}

/** Reports what has no value, or always the same one, although something is measured in it. */
function changes(
  expression: Extract<Expression, { node: 'arithmetic' }>,
  syntax: ArithmeticSyntax & Span,
  checking: Checking,
): boolean {
  const { operator, left, right } = expression;
  const zero = (part: Expression) => isConstant(part) && constantOf(part) === 0;
  const written = textOf(checking, syntax);
  if (operator === '/' && zero(right)) {
    mistake(checking, syntax, 'never-decided', `'${written}' has no value: it divides by zero`);
    return false;
  }
  if (isConstant(expression)) return true;
  const nothing = zero(left) ? operator === '*' || operator === '/' : operator === '*' && zero(right);
  const same = (operator === '-' || operator === '/') && printExpression(left) === printExpression(right);
  if (!nothing && !same) return true;
  const value = same && operator === '/' ? 1 : 0;
  mistake(checking, syntax, 'never-changes', `'${written}' is ${value}, whatever is measured`);
  return false;
}

/** An expression that yields a number. Values out of JSON count as plain numbers here. */
export function checkNumber(
  syntax: Syntax,
  checking: Checking,
): { readonly expression: Typed['expression']; readonly type: NumberType } | undefined {
  const typed = checking.check(syntax, checking);
  if (typed === undefined) return undefined;
  if (typed.type.type === 'number') return { expression: typed.expression, type: typed.type };
  if (typed.type.type === 'any')
    return { expression: typed.expression, type: { type: 'number', measure: plain } };
  const message = `'${textOf(checking, syntax)}' is ${typeName(typed.type)}, and a number is needed here`;
  return mistake(checking, syntax, 'wrong-type', message);
}

function resultMeasure(
  operator: ArithmeticSyntax['operator'],
  left: NumberType,
  right: NumberType,
): Measure | undefined {
  const a = left.measure;
  const b = right.measure;
  if (operator === '*') {
    if (isPlain(b) && a.quantity !== 'timestamp') return a;
    return isPlain(a) && b.quantity !== 'timestamp' ? b : undefined;
  }
  if (operator === '/') {
    if (a.quantity === 'timestamp' || b.quantity === 'timestamp') return undefined;
    if (isPlain(b)) return a;
    return sameMeasure(a, b) ? plain : undefined;
  }
  if (a.quantity === 'timestamp') {
    if (isDuration(b)) return a;
    return operator === '-' && b.quantity === 'timestamp' ? { quantity: 'duration' } : undefined;
  }
  if (b.quantity === 'timestamp') return operator === '+' && isDuration(a) ? b : undefined;
  return sameMeasure(a, b) ? a : undefined;
}

function isPlain(measure: Measure): boolean {
  return measure.quantity === 'count' && measure.per === undefined;
}

function isDuration(measure: Measure): boolean {
  return measure.quantity === 'duration' && measure.per === undefined;
}

function unlike(
  syntax: ArithmeticSyntax & Span,
  left: NumberType,
  right: NumberType,
  checking: Checking,
): undefined {
  const bare = left.bare ? syntax.left : right.bare ? syntax.right : undefined;
  const other = left.bare ? right : left;
  if (bare !== undefined && !isPlain(other.measure)) {
    const number = textOf(checking, bare);
    const message = `'${number}' has no unit, and the other side is ${typeName(other)}`;
    return mistake(
      checking,
      bare,
      'missing-unit',
      message,
      `for example: ${number}${exampleUnit(other.measure)}`,
    );
  }
  const verb = { '+': 'added to', '-': 'subtracted from', '*': 'multiplied by', '/': 'divided by' }[
    syntax.operator
  ];
  const [first, second] = syntax.operator === '-' || syntax.operator === '+' ? [right, left] : [left, right];
  const message = `${typeName(first)} cannot be ${verb} ${typeName(second)}`;
  return mistake(checking, syntax, 'wrong-unit', message);
}
