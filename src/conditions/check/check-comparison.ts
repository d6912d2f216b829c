import { nearestWord } from '../../lib/nearest.ts';
import type { ComparisonOperator, Expression } from '../../model/condition.ts';
import type { Span, Syntax } from '../syntax.ts';
import { matchNumbers } from './check-numbers.ts';
import type { Checking } from './checking.ts';
import { mistake, textOf } from './checking.ts';
import type { Typed } from './value-type.ts';
import { typeName } from './value-type.ts';

/** `left operator right`: both sides must be of one sort and of like units. */
export function checkComparison(
  syntax: Extract<Syntax, { node: 'compare' }> & Span,
  checking: Checking,
): Typed | undefined {
  const turned = isUnknownName(syntax.left, checking);
  const first = checkSide(turned ? syntax.right : syntax.left, undefined, checking);
  const second = checkSide(turned ? syntax.left : syntax.right, first, checking);
  if (first === undefined || second === undefined) return undefined;
  const [left, right] = turned ? [second, first] : [first, second];
  const pair = matchSides(
    { syntax: syntax.left, ...left },
    { syntax: syntax.right, ...right },
    syntax,
    checking,
  );
  if (pair === undefined) return undefined;
  const expression = { node: 'compare', operator: syntax.operator, left: pair[0], right: pair[1] } as const;
  return { expression, type: { type: 'flag' } };
}

/** `operand in [items]` */
export function checkMembership(
  syntax: Extract<Syntax, { node: 'in' }> & Span,
  checking: Checking,
): Typed | undefined {
  const operand = checking.check(syntax.operand, checking);
  let left: Expression | undefined = operand?.expression;
  const items: Expression[] = [];
  for (const item of syntax.items) {
    const typed = checkSide(item, operand, checking);
    if (typed === undefined || operand === undefined) continue;
    const pair = matchSides(
      { syntax: syntax.operand, ...operand },
      { syntax: item, ...typed },
      { operator: '==', start: item.start, end: item.end },
      checking,
    );
    if (pair === undefined) continue;
    if (items.length > 0 && left !== undefined && pair[0].node !== left.node) {
      return mistake(
        checking,
        item,
        'wrong-unit',
        'the values of a list carry one unit, and here they are mixed',
      );
    }
    left = pair[0];
    items.push(pair[1]);
  }
  if (left === undefined || items.length !== syntax.items.length) return undefined;
  return { expression: { node: 'in', operand: left, items }, type: { type: 'flag' } };
}

interface Side extends Typed {
  readonly syntax: Syntax;
}

function isUnknownName(syntax: Syntax, { fields }: Checking): boolean {
  return syntax.node === 'path' && syntax.path.length === 0 && !Object.hasOwn(fields, syntax.name);
}

/** `state == running`: a word that is no reading, compared with text, is text without its quotes. */
function checkSide(syntax: Syntax, other: Typed | undefined, checking: Checking): Typed | undefined {
  if (syntax.node === 'path' && isUnknownName(syntax, checking) && other !== undefined) {
    const { type } = other;
    if (type.type === 'text' || type.type === 'any') {
      const values = type.type === 'text' ? type.values : undefined;
      const meant = values === undefined ? syntax.name : nearestWord(syntax.name, values);
      const message = `'${syntax.name}' is no reading; text stands between quotes`;
      const hint = meant === undefined ? `it is one of: ${values?.join(', ')}` : `write: "${meant}"`;
      return mistake(checking, syntax, 'unquoted-text', message, hint);
    }
    if (type.type === 'flag') {
      const message = `'${syntax.name}' is no reading; what is true or false is compared with true or false`;
      return mistake(checking, syntax, 'unquoted-text', message, 'write: true, or: false');
    }
  }
  return checking.check(syntax, checking);
}

/** Both sides as they are compared (a size against a percentage becomes a share of its total), or a mistake. */
function matchSides(
  left: Side,
  right: Side,
  whole: Span & { readonly operator: ComparisonOperator },
  checking: Checking,
): readonly [Expression, Expression] | undefined {
  if (left.type.type === 'number' && right.type.type === 'number') {
    return matchNumbers({ ...left, type: left.type }, { ...right, type: right.type }, checking);
  }
  const { operator } = whole;
  const ordering = operator !== '==' && operator !== '!=';
  for (const [one, other] of [
    [left, right],
    [right, left],
  ] as const) {
    if (one.type.type === 'list' || one.type.type === 'map') {
      const name = textOf(checking, one.syntax);
      const hint =
        one.type.type === 'list'
          ? `write: ${name} contains ... or length(${name}) > 0`
          : `name one of its entries, as in ${name}.some-name`;
      return mistake(
        checking,
        one.syntax,
        'wrong-type',
        `'${name}' is ${typeName(one.type)} and cannot be compared`,
        hint,
      );
    }
    if (one.type.type === 'nothing' && other.type.type !== 'any') {
      const name = textOf(checking, other.syntax);
      const message = 'only values out of JSON can be null';
      return mistake(
        checking,
        one.syntax,
        'wrong-type',
        message,
        `write: ${operator === '==' ? 'not ' : ''}${name} exists`,
      );
    }
    if (one.type.type === 'any')
      return matchAny(one, other, ordering, checking) ? [left.expression, right.expression] : undefined;
  }
  if (left.type.type !== right.type.type) return differ(left, right, checking);
  if (ordering) {
    const message = `text and true/false can only be compared with '==' and '!='`;
    return mistake(checking, whole, 'wrong-operator', message);
  }
  if (!valueFits(left, right, checking) || !valueFits(right, left, checking)) return undefined;
  return [left.expression, right.expression];
}

function matchAny(any: Side, other: Side, ordering: boolean, checking: Checking): boolean {
  const { type } = other;
  if (type.type === 'number' && (type.measure.quantity !== 'count' || type.measure.per !== undefined)) {
    const message = `values out of JSON carry no unit, and this is ${typeName(type)}`;
    const hint = `compare '${textOf(checking, any.syntax)}' with a plain number, in the unit that it has there`;
    mistake(checking, other.syntax, 'wrong-unit', message, hint);
    return false;
  }
  if (ordering && type.type !== 'number' && type.type !== 'any') {
    mistake(
      checking,
      other.syntax,
      'wrong-type',
      `only numbers are smaller or larger, and this is ${typeName(type)}`,
    );
    return false;
  }
  return true;
}

/** `state == "runing"`, where the kind says which values there are. */
function valueFits(reading: Side, literal: Side, checking: Checking): boolean {
  if (reading.type.type !== 'text' || reading.type.values === undefined) return true;
  if (literal.expression.node !== 'text' || reading.type.values.includes(literal.expression.value))
    return true;
  const { value } = literal.expression;
  const { values } = reading.type;
  const meant = nearestWord(value, values);
  const message = `'${textOf(checking, reading.syntax)}' is never "${value}"; it is one of: ${values.join(', ')}`;
  mistake(checking, literal.syntax, 'unknown-value', message, meant && `did you mean "${meant}"?`);
  return false;
}

function differ(left: Side, right: Side, checking: Checking): undefined {
  const [reading, literal] = right.expression.node === 'reading' ? [right, left] : [left, right];
  const name = textOf(checking, reading.syntax);
  const given = textOf(checking, literal.syntax);
  let hint: string | undefined;
  if (reading.type.type === 'text' && literal.expression.node === 'number') hint = `write: "${given}"`;
  if (reading.type.type === 'number' && literal.expression.node === 'text') {
    const inside = literal.expression.value.trim();
    hint = /^-?\d/.test(inside) ? `leave the quotes out: ${inside}` : undefined;
  }
  if (reading.type.type === 'flag') hint = `write: ${name}, or: not ${name}`;
  // `state == running`: a value of one reading that is the name of another.
  if (literal.type.type === 'text' && literal.type.values?.includes(name))
    hint = `text stands in quotes: "${name}"`;
  const message = `'${name}' is ${typeName(reading.type)}, and '${given}' is ${typeName(literal.type)}`;
  return mistake(checking, literal.syntax, 'wrong-type', message, hint);
}
