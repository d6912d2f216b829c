import type { ComparisonOperator } from '../../model/condition.ts';
import type { Mistake, Syntax } from '../syntax.ts';
import type { Cursor } from './cursor.ts';
import { advance, isSign, isWord, peek, takeSign, takeWord, unexpected, written } from './cursor.ts';
import { readOperator } from './operator.ts';
import { parseSum } from './parse-sum.ts';
import { readTokens } from './tokens.ts';
import { leftover, monitPrefix } from './traps.ts';

export interface ParsedCondition {
  readonly expression: Syntax;
  readonly clear?: Syntax;
}

/** Longest text of one condition. Longer ones are no conditions that anybody can read. */
export const longestCondition = 2000;

/**
 * Reads the text of a condition into a tree with positions. Reports every mistake it finds; undefined when there is no
 * tree to go on with. `or` binds weaker than `and`, that weaker than `not`, that weaker than comparisons.
 */
export function parseCondition(
  text: string,
  report: (mistake: Mistake) => void,
): ParsedCondition | undefined {
  if (text.length > longestCondition) {
    const message = `a condition has at most ${longestCondition} characters`;
    report({ start: 0, end: text.length, code: 'long-condition', message });
    return undefined;
  }
  const tokens = readTokens(text, report);
  if (tokens === undefined) return undefined;
  const cursor: Cursor = { text, tokens, index: 0, depth: 0, report };
  if (peek(cursor).type === 'end') {
    const message = 'a condition is missing';
    report({
      start: 0,
      end: text.length,
      code: 'empty-condition',
      message,
      hint: 'write one as: latency < 500 ms',
    });
    return undefined;
  }
  if (monitPrefix(cursor)) return undefined;
  const expression = parseExpression(cursor);
  if (expression === undefined) return undefined;
  const clear = parseClear(cursor);
  if (clear === 'mistake') return undefined;
  if (peek(cursor).type !== 'end') {
    leftover(cursor, expression);
    return undefined;
  }
  return clear === undefined ? { expression } : { expression, clear };
}

function parseClear(cursor: Cursor): Syntax | undefined | 'mistake' {
  if (takeWord(cursor, 'clear') === undefined) return undefined;
  if (takeWord(cursor, 'at') === undefined) {
    unexpected(cursor, "'at'", 'write: memory < 500 MB clear at 400 MB');
    return 'mistake';
  }
  return parseExpression(cursor) ?? 'mistake';
}

/** An expression with `and`, `or` and `not`. */
export function parseExpression(cursor: Cursor): Syntax | undefined {
  if (cursor.depth > 40) {
    unexpected(cursor, 'less nesting');
    return undefined;
  }
  cursor.depth++;
  const result = parseChain(cursor, 'or', () => parseChain(cursor, 'and', () => parseNot(cursor)));
  cursor.depth--;
  return result;
}

function parseChain(cursor: Cursor, word: 'and' | 'or', parse: () => Syntax | undefined): Syntax | undefined {
  const first = parse();
  if (first === undefined) return undefined;
  const terms = [first];
  while (readOperator(cursor, word)) {
    const next = parse();
    if (next === undefined) return undefined;
    terms.push(next);
  }
  const last = terms.at(-1);
  if (last === undefined || terms.length === 1) return first;
  return { node: word, terms, start: first.start, end: last.end };
}

function parseNot(cursor: Cursor): Syntax | undefined {
  const start = peek(cursor).start;
  let count = 0;
  while (readOperator(cursor, 'not')) count++;
  let operand = parseComparison(cursor);
  for (; operand !== undefined && count > 0; count--) {
    operand = { node: 'not', operand, start, end: operand.end };
  }
  return operand;
}

function parseComparison(cursor: Cursor): Syntax | undefined {
  const left = parseSum(cursor, parseExpression);
  if (left === undefined) return undefined;
  const negated = isWord(peek(cursor), 'not') && isTest(cursor, 1) ? advance(cursor) : undefined;
  const test = parseTest(cursor, left);
  if (test === undefined || negated === undefined) return test;
  return { node: 'not', operand: test, start: test.start, end: test.end };
}

function isTest(cursor: Cursor, ahead: number): boolean {
  const token = peek(cursor, ahead);
  return (
    token.type === 'word' &&
    ['in', 'contains', 'matches', 'starts', 'ends', 'exists', 'changed', 'unchanged'].includes(token.word)
  );
}

function parseTest(cursor: Cursor, left: Syntax): Syntax | undefined {
  const { start } = left;
  if (isTest(cursor, 0)) {
    const token = advance(cursor);
    const word = written(cursor, token);
    if (word === 'exists' || word === 'changed' || word === 'unchanged') {
      return { node: word, operand: left, start, end: token.end };
    }
    if (word === 'in') return parseList(cursor, left);
    if (word === 'matches') return parsePattern(cursor, left);
    if (word !== 'contains' && takeWord(cursor, 'with') === undefined) {
      return unexpected(cursor, "'with'", `write: ${word} with "..."`);
    }
    const right = parseSum(cursor, parseExpression);
    const operator = word === 'contains' ? 'contains' : word === 'starts' ? 'starts with' : 'ends with';
    return right && { node: 'text-test', operator, left, right, start, end: right.end };
  }
  const operator = readOperator(cursor, 'comparison');
  if (operator === undefined) return left;
  if (operator === 'matches') return parsePattern(cursor, left);
  const right = parseSum(cursor, parseExpression);
  if (right === undefined) return undefined;
  const second = peek(cursor);
  if (second.type === 'sign' && /^(<|<=|>|>=|==|!=)$/.test(second.sign)) {
    const middle = written(cursor, right);
    return unexpected(
      cursor,
      "'and' or the end of the condition",
      `write two comparisons: ${written(cursor, { start, end: right.end })} and ${middle} ${second.sign} ...`,
    );
  }
  return { node: 'compare', operator: operator as ComparisonOperator, left, right, start, end: right.end };
}

function parseList(cursor: Cursor, operand: Syntax): Syntax | undefined {
  if (takeSign(cursor, '[') === undefined) return unexpected(cursor, "'['", 'write: status in [200, 204]');
  const items: Syntax[] = [];
  for (;;) {
    const closing = takeSign(cursor, ']');
    if (closing !== undefined) {
      if (items.length > 0) return { node: 'in', operand, items, start: operand.start, end: closing.end };
      const span = { start: closing.start - 1, end: closing.end };
      cursor.report({ ...span, code: 'empty-list', message: 'this list is empty, so nothing is in it' });
      return undefined;
    }
    if (items.length > 0 && takeSign(cursor, ',') === undefined) return unexpected(cursor, "',' or ']'");
    if (items.length > 0 && isSign(peek(cursor), ']')) continue;
    const item = parseSum(cursor, parseExpression);
    if (item === undefined) return undefined;
    items.push(item);
  }
}

function parsePattern(cursor: Cursor, operand: Syntax): Syntax | undefined {
  const token = peek(cursor);
  if (token.type !== 'pattern') {
    return unexpected(cursor, 'a pattern between slashes', 'write: body matches /ready|ok/i');
  }
  advance(cursor);
  const { pattern, flags, end } = token;
  return {
    node: 'matches',
    operand,
    pattern,
    flags,
    patternStart: token.start + 1,
    start: operand.start,
    end,
  };
}
