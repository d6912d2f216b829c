import type { Syntax } from '../syntax.ts';
import type { Cursor } from './cursor.ts';
import { isSign, isWord, peek, unexpected, written } from './cursor.ts';

/** `if cpu > 50% then alert`, `failed port 80`: a line of Monit. True when it was one (and is reported). */
export function monitPrefix(cursor: Cursor): boolean {
  const first = peek(cursor);
  if (first.type !== 'word' || peek(cursor, 1).type === 'end' || isSign(peek(cursor, 1), '(')) return false;
  const next = peek(cursor, 1);
  if (first.word === 'if') {
    cursor.report({
      start: first.start,
      end: first.end,
      code: 'monit-syntax',
      message: "a condition has no 'if': it is only the comparison",
      hint: "list what must hold under 'expect:', or what is worth a warning under 'warn:'",
    });
    return true;
  }
  if ((first.word === 'failed' || first.word === 'does') && (next.type === 'word' || next.type === 'path')) {
    cursor.report({
      start: first.start,
      end: first.end,
      code: 'monit-syntax',
      message: `'${first.word}' is not part of a condition`,
      hint: 'a probe that fails is a failure by itself; conditions compare what it measured',
    });
    return true;
  }
  return false;
}

/** Explains what stands after a complete condition. */
export function leftover(cursor: Cursor, expression: Syntax): void {
  const token = peek(cursor);
  const before = written(cursor, expression);
  if (isSign(token, ',')) {
    unexpected(cursor, 'the end of the condition', 'write each condition as an item of its own');
    return;
  }
  if (isWord(token, 'for') || isWord(token, 'within') || isWord(token, 'times')) {
    unexpected(
      cursor,
      'the end of the condition',
      "how often or how long it must fail is said with 'fail_after:', as in 'fail_after: 3 of 5' or 'fail_after: 30s'",
    );
    return;
  }
  if (isWord(token, 'then')) {
    unexpected(
      cursor,
      'the end of the condition',
      "what is done about it is said with 'repair:' and 'notify:'",
    );
    return;
  }
  const value = token.type === 'number' || token.type === 'text';
  if (value && (expression.node === 'path' || expression.node === 'call')) {
    const operator = token.type === 'number' && token.number.measure !== undefined ? '<' : '==';
    cursor.report({
      start: expression.start,
      end: token.end,
      code: 'missing-operator',
      message: `an operator is missing between '${before}' and '${written(cursor, token)}'`,
      hint: `for example: ${before} ${operator} ${written(cursor, token)}`,
    });
    return;
  }
  if (token.type === 'number' && expression.node === 'compare' && expression.right.node === 'number') {
    unexpected(cursor, 'the end of the condition');
    return;
  }
  const bare = expression.node === 'compare' && expression.right.node === 'number';
  if (
    bare &&
    token.type === 'word' &&
    expression.right.measure === undefined &&
    token.start - expression.end < 2
  ) {
    cursor.report({
      start: token.start,
      end: token.end,
      code: 'unknown-unit',
      message: `'${token.word}' is no unit; units are B kB MB GB TB, KiB MiB GiB TiB, ms s m h d w and %`,
    });
    return;
  }
  const startsAnother = token.type === 'path' || (token.type === 'word' && peek(cursor, 1).type !== 'end');
  unexpected(
    cursor,
    "'and', 'or' or the end of the condition",
    startsAnother ? 'join conditions with and, or write each as an item of its own' : undefined,
  );
}
