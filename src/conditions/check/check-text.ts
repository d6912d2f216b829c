import { compileRegex } from '../../lib/regex/regex.ts';
import type { Span, Syntax } from '../syntax.ts';
import type { Checking } from './checking.ts';
import { mistake, textOf } from './checking.ts';
import type { Typed } from './value-type.ts';
import { typeName } from './value-type.ts';

/** `contains`, `starts with`, `ends with`. */
export function checkTextTest(
  syntax: Extract<Syntax, { node: 'text-test' }> & Span,
  checking: Checking,
): Typed | undefined {
  const left = checking.check(syntax.left, checking);
  const right = checking.check(syntax.right, checking);
  if (left === undefined || right === undefined) return undefined;
  const { operator } = syntax;
  const inList = operator === 'contains' && left.type.type === 'list';
  if (left.type.type !== 'text' && left.type.type !== 'any' && !inList) {
    const message = `'${textOf(checking, syntax.left)}' is ${typeName(left.type)}; '${operator}' needs text`;
    const hint =
      left.type.type === 'map'
        ? `name one of its entries, as in ${textOf(checking, syntax.left)}.name`
        : undefined;
    return mistake(checking, syntax.left, 'wrong-type', message, hint);
  }
  if (!inList && right.type.type !== 'text' && right.type.type !== 'any') {
    // An item of a JSON list may be a number or a flag; text holds only text.
    const item = operator === 'contains' && left.type.type === 'any';
    if (!item || (right.type.type === 'number' && right.type.bare !== true)) {
      const number = textOf(checking, syntax.right);
      const message = `'${operator}' needs text here, and this is ${typeName(right.type)}`;
      const hint = right.expression.node === 'number' ? `write: "${number}"` : undefined;
      return mistake(checking, syntax.right, 'wrong-type', message, hint);
    }
  }
  if (right.expression.node === 'text' && right.expression.value === '') {
    return mistake(
      checking,
      syntax.right,
      'never-changes',
      `every text ${operator === 'contains' ? 'contains' : operator} ""`,
    );
  }
  const expression = { node: 'text-test', operator, left: left.expression, right: right.expression } as const;
  return { expression, type: { type: 'flag' } };
}

/** `matches /re/i`. The pattern is tried here, so that a wrong one shows at its column when the file is loaded. */
export function checkPattern(
  syntax: Extract<Syntax, { node: 'matches' }> & Span,
  checking: Checking,
): Typed | undefined {
  const operand = checking.check(syntax.operand, checking);
  const { pattern, flags, patternStart } = syntax;
  const regex = compileRegex(pattern, flags);
  if ('message' in regex) {
    const start = patternStart + Math.min(regex.at, pattern.length + 1 + flags.length);
    mistake(
      checking,
      { start, end: start + Math.max(1, regex.length) },
      'wrong-pattern',
      regex.message,
      regex.hint,
    );
  }
  if (operand === undefined || 'message' in regex) return undefined;
  if (operand.type.type !== 'text' && operand.type.type !== 'any') {
    const message = `'${textOf(checking, syntax.operand)}' is ${typeName(operand.type)}; 'matches' needs text`;
    return mistake(checking, syntax.operand, 'wrong-type', message);
  }
  const expression = { node: 'matches', operand: operand.expression, pattern, flags } as const;
  return { expression, type: { type: 'flag' } };
}
