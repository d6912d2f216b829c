import type { Syntax } from '../syntax.ts';
import type { Cursor } from './cursor.ts';
import { advance, isSign, peek, takeSign, unexpected } from './cursor.ts';
import { keywords } from './words.ts';

type Parse = (cursor: Cursor) => Syntax | undefined;

/** Arithmetic: `+ -`, which bind weaker than `* /`, which bind weaker than a sign. `whole` parses what parentheses hold. */
export function parseSum(cursor: Cursor, whole: Parse): Syntax | undefined {
  return parseLeft(cursor, ['+', '-'], () => parseLeft(cursor, ['*', '/'], () => parseSigned(cursor, whole)));
}

function parseLeft(
  cursor: Cursor,
  signs: readonly ('+' | '-' | '*' | '/')[],
  parse: () => Syntax | undefined,
): Syntax | undefined {
  let left = parse();
  while (left !== undefined) {
    const operator = signs.find((sign) => isSign(peek(cursor), sign));
    if (operator === undefined) return left;
    advance(cursor);
    const right = parse();
    if (right === undefined) return undefined;
    left = { node: 'arithmetic', operator, left, right, start: left.start, end: right.end };
  }
  return undefined;
}

function parseSigned(cursor: Cursor, whole: Parse): Syntax | undefined {
  const minus = takeSign(cursor, '-');
  if (minus === undefined) return parseOne(cursor, whole);
  if (isSign(peek(cursor), '-')) return unexpected(cursor, 'a number');
  const operand = parseOne(cursor, whole);
  return operand && { node: 'negative', operand, start: minus.start, end: operand.end };
}

function parseOne(cursor: Cursor, whole: Parse): Syntax | undefined {
  const token = peek(cursor);
  const { start, end } = token;
  if (token.type === 'number') return take(cursor, { ...token.number, start, end });
  if (token.type === 'text') return take(cursor, { node: 'text', value: token.value, start, end });
  if (token.type === 'path') return take(cursor, { ...token.path, start, end });
  if (isSign(token, '(')) return parseParentheses(cursor, whole);
  if (token.type !== 'word') return unexpected(cursor, 'a reading or a value', repeatHint(cursor));
  if (token.word === 'true' || token.word === 'false') {
    return take(cursor, { node: 'flag', value: token.word === 'true', start, end });
  }
  if (token.word === 'null') return take(cursor, { node: 'nothing', start, end });
  if (keywords.has(token.word)) return unexpectedKeyword(cursor, token.word);
  advance(cursor);
  if (isSign(peek(cursor), '(')) return parseCall(cursor, token.word, start, whole);
  return { node: 'path', name: token.word, path: [], start, end };
}

function take(cursor: Cursor, syntax: Syntax): Syntax {
  advance(cursor);
  return syntax;
}

/** `children > 2 and < 10` is how people say it. */
function repeatHint(cursor: Cursor): string | undefined {
  const token = peek(cursor);
  const compares = token.type === 'sign' && ['<', '<=', '>', '>=', '==', '!='].includes(token.sign);
  return compares ? 'say the reading on both sides: cpu > 1% and cpu < 50%' : undefined;
}

/** `changed pid`, as Monit has it, stands the other way round here. */
function unexpectedKeyword(cursor: Cursor, word: string): undefined {
  const next = peek(cursor, 1);
  const turned = ['exists', 'changed', 'unchanged'].includes(word) && next.type === 'word';
  return unexpected(cursor, 'a reading or a value', turned ? `write: ${next.word} ${word}` : undefined);
}

function parseParentheses(cursor: Cursor, whole: Parse): Syntax | undefined {
  const open = advance(cursor);
  const inner = whole(cursor);
  if (inner === undefined) return undefined;
  const close = takeSign(cursor, ')');
  if (close === undefined) return unexpected(cursor, "')'");
  return { ...inner, start: open.start, end: close.end };
}

function parseCall(cursor: Cursor, name: string, start: number, whole: Parse): Syntax | undefined {
  advance(cursor);
  const found: Syntax[] = [];
  for (;;) {
    const close = takeSign(cursor, ')');
    if (close !== undefined) return { node: 'call', name, arguments: found, start, end: close.end };
    if (found.length > 0 && takeSign(cursor, ',') === undefined) return unexpected(cursor, "',' or ')'");
    const argument = whole(cursor);
    if (argument === undefined) return undefined;
    found.push(argument);
  }
}
