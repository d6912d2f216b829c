import type { Expression } from '../../model/condition.ts';
import type { Syntax } from '../syntax.ts';
import { exampleUnit } from '../units.ts';
import { checkArithmetic, checkNegative } from './check-arithmetic.ts';
import { checkComparison, checkMembership } from './check-comparison.ts';
import { checkFunction } from './check-function.ts';
import { checkReading } from './check-reading.ts';
import { checkPattern, checkTextTest } from './check-text.ts';
import type { Checking } from './checking.ts';
import { mistake, textOf } from './checking.ts';
import type { Typed } from './value-type.ts';

/** Gives every part of an expression its type; undefined once a mistake was reported. */
export function checkExpression(syntax: Syntax, checking: Checking): Typed | undefined {
  const typed = checkNode(syntax, checking);
  if (typed !== undefined) checking.spans.set(typed.expression, syntax);
  return typed;
}

/** As `checkExpression`, for what must be true or false: the whole condition, and what `and`, `or`, `not` join. */
export function checkTruth(syntax: Syntax, checking: Checking, meant?: string): Expression | undefined {
  const typed = checkExpression(syntax, checking);
  if (typed === undefined) return undefined;
  const { type, expression } = typed;
  if (type.type === 'flag' || type.type === 'any') return expression;
  const written = textOf(checking, syntax);
  const example = type.type === 'number' ? ` < 10${exampleUnit(type.measure)}` : ' == "..."';
  const hint =
    type.type === 'number' || type.type === 'text' ? `for example: ${written}${example}` : undefined;
  return mistake(
    checking,
    syntax,
    'no-comparison',
    `'${written}' alone is neither true nor false`,
    meant ?? hint,
  );
}

function checkNode(syntax: Syntax, checking: Checking): Typed | undefined {
  switch (syntax.node) {
    case 'number': {
      const measure = syntax.measure ?? { quantity: 'count' };
      const expression = { node: 'number', value: syntax.value, measure, text: syntax.text } as const;
      return { expression, type: { type: 'number', measure, bare: syntax.measure === undefined } };
    }
    case 'text':
      return { expression: { node: 'text', value: syntax.value }, type: { type: 'text' } };
    case 'flag':
      return { expression: { node: 'flag', value: syntax.value }, type: { type: 'flag' } };
    case 'nothing':
      return { expression: { node: 'nothing' }, type: { type: 'nothing' } };
    case 'path':
      return checkReading(syntax, checking);
    case 'compare':
      return checkComparison(syntax, checking);
    case 'in':
      return checkMembership(syntax, checking);
    case 'text-test':
      return checkTextTest(syntax, checking);
    case 'matches':
      return checkPattern(syntax, checking);
    case 'exists':
    case 'changed':
    case 'unchanged':
      return checkState(syntax, checking);
    case 'and':
    case 'or': {
      // All of them, so that the mistakes of all are found at once.
      const terms = syntax.terms.map((term) =>
        checkTruth(term, checking, leftSideHint(syntax, term, checking)),
      );
      const good = terms.filter((term) => term !== undefined);
      return good.length === terms.length ? truth({ node: syntax.node, terms: good }) : undefined;
    }
    case 'not': {
      const operand = checkTruth(syntax.operand, checking);
      return operand && truth({ node: 'not', operand });
    }
    case 'negative':
      return checkNegative(syntax, checking);
    case 'arithmetic':
      return checkArithmetic(syntax, checking);
    case 'call':
      return checkFunction(syntax, checking, checkTruth);
  }
}

/** `status == 200 or 201`, `body contains "a" or "b"`: the left side has to be said again. */
function leftSideHint(
  { terms }: Extract<Syntax, { node: 'and' | 'or' }>,
  term: Syntax,
  checking: Checking,
): string | undefined {
  const [first] = terms;
  if (first?.node !== 'compare' && first?.node !== 'text-test') return undefined;
  if (term.node !== 'number' && term.node !== 'text') return undefined;
  const left = textOf(checking, first.left);
  const value = textOf(checking, term);
  return first.operator === '=='
    ? `write: ${left} in [${textOf(checking, first.right)}, ${value}]`
    : `say the left side again: ${left} ${first.operator} ${value}`;
}

function truth(expression: Expression): Typed {
  return { expression, type: { type: 'flag' } };
}

function checkState(
  syntax: Extract<Syntax, { node: 'exists' | 'changed' | 'unchanged' }>,
  checking: Checking,
): Typed | undefined {
  const operand = checkExpression(syntax.operand, checking);
  if (operand === undefined) return undefined;
  if (operand.expression.node !== 'reading') {
    return mistake(checking, syntax.operand, 'no-reading', `'${syntax.node}' is said of a reading`);
  }
  return truth({ node: syntax.node, operand: operand.expression });
}
