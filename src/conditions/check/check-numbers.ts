import type { Expression } from '../../model/condition.ts';
import type { Syntax } from '../syntax.ts';
import { exampleUnit } from '../units.ts';
import type { Checking } from './checking.ts';
import { mistake, textOf } from './checking.ts';
import type { NumberType } from './value-type.ts';
import { sameMeasure, typeName } from './value-type.ts';

interface NumberSide {
  readonly syntax: Syntax;
  readonly expression: Expression;
  readonly type: NumberType;
}

/** Two numbers of like units as they are compared, or a mistake about their units. */
export function matchNumbers(
  left: NumberSide,
  right: NumberSide,
  checking: Checking,
): readonly [Expression, Expression] | undefined {
  if (left.type.bare && right.type.bare) return [left.expression, right.expression];
  if (sameMeasure(left.type.measure, right.type.measure)) return [left.expression, right.expression];
  const leftShare = shareOf(left, right, checking);
  if (leftShare !== undefined) return [leftShare, right.expression];
  const rightShare = shareOf(right, left, checking);
  if (rightShare !== undefined) return [left.expression, rightShare];
  if (right.type.bare) return missingUnit(right, left, checking);
  if (left.type.bare) return missingUnit(left, right, checking);
  return wrongUnit(left, right, checking);
}

/** `memory < 80%`: the percentage is of the total that the reading declares. */
function shareOf(side: NumberSide, other: NumberSide, checking: Checking): Expression | undefined {
  const { total } = side.type;
  const { measure } = other.type;
  if (total === undefined || measure.quantity !== 'percent' || measure.per !== undefined) return undefined;
  const share: Expression = {
    node: 'share',
    operand: side.expression,
    total,
    measure: { quantity: 'percent' },
  };
  checking.spans.set(share, side.syntax);
  return share;
}

function missingUnit(bare: NumberSide, other: NumberSide, checking: Checking): undefined {
  const number = textOf(checking, bare.syntax);
  const name = textOf(checking, other.syntax);
  if (other.type.measure.quantity === 'timestamp') return wrongUnit(other, bare, checking);
  const unit = exampleUnit(other.type.measure, Number(number));
  const orShare = other.type.total === undefined || Number(number) > 100 ? '' : `, or ${number}%`;
  return mistake(
    checking,
    bare.syntax,
    'missing-unit',
    `'${number}' has no unit, and '${name}' is ${typeName(other.type)}`,
    `for example: ${number}${unit}${orShare}`,
  );
}

function wrongUnit(left: NumberSide, right: NumberSide, checking: Checking): undefined {
  // The mistake is in the literal where there is one: a reading's unit is given.
  const literal = isLiteral(left) && !isLiteral(right) ? left : right;
  const other = literal === left ? right : left;
  const name = textOf(checking, other.syntax);
  const message = `'${name}' is ${typeName(other.type)}, and '${textOf(checking, literal.syntax)}' is ${typeName(literal.type)}`;
  return mistake(checking, literal.syntax, 'wrong-unit', message, unitHint(literal, other, name, checking));
}

function unitHint(
  literal: NumberSide,
  other: NumberSide,
  name: string,
  checking: Checking,
): string | undefined {
  const { measure } = other.type;
  if (measure.quantity === 'timestamp') return `compare its age: age(${name}) < 1 h`;
  const number = literal.expression.node === 'number' ? literal.expression.text.split(/[ %/]/)[0] : undefined;
  if (measure.per !== undefined && literal.type.measure.quantity === measure.quantity) {
    return `write a rate: ${textOf(checking, literal.syntax)}/s`;
  }
  if (literal.type.measure.per !== undefined && literal.type.measure.quantity === measure.quantity) {
    return `for the change over time write: rate(${name}, 10m)`;
  }
  const ratio = other.expression.node === 'arithmetic' && other.expression.operator === '/';
  if (
    ratio &&
    measure.quantity === 'count' &&
    literal.type.measure.quantity === 'percent' &&
    number !== undefined
  ) {
    return `a ratio is a plain number: ${Number(number) / 100}`;
  }
  const like = readingOfUnit(literal, name, checking);
  if (like !== undefined) return `did you mean '${like}'?`;
  return number === undefined ? undefined : `for example: ${number}${exampleUnit(measure, Number(number))}`;
}

/** `inodes < 90%`: there is `inodes_percent`. */
function readingOfUnit(literal: NumberSide, name: string, { fields }: Checking): string | undefined {
  return Object.keys(fields).find((other) => {
    const field = fields[other];
    const fits = field?.type === 'number' && field.quantity === literal.type.measure.quantity;
    return fits && field.per === literal.type.measure.per && other.startsWith(`${name}_`);
  });
}

function isLiteral(side: NumberSide): boolean {
  const { node } = side.expression;
  return node === 'number' || node === 'negative';
}
