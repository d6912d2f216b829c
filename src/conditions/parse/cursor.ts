import type { Mistake, Span } from '../syntax.ts';
import type { Token } from './tokens.ts';

/** Where the parser stands in the tokens of one condition. */
export interface Cursor {
  readonly text: string;
  readonly tokens: readonly Token[];
  index: number;
  /** How many parentheses and functions are open; bounded, so that no text can exhaust the stack. */
  depth: number;
  report(mistake: Mistake): void;
}

/** The next token; the last one is `end` and stays. */
export function peek(cursor: Cursor, ahead = 0): Token {
  const last = cursor.tokens.length - 1;
  const token = cursor.tokens[Math.min(cursor.index + ahead, last)];
  return token ?? { type: 'end', start: cursor.text.length, end: cursor.text.length };
}

export function advance(cursor: Cursor): Token {
  const token = peek(cursor);
  if (token.type !== 'end') cursor.index++;
  return token;
}

export function isWord(token: Token, word: string): boolean {
  return token.type === 'word' && token.word === word;
}

export function isSign(token: Token, sign: string): boolean {
  return token.type === 'sign' && token.sign === sign;
}

/** Takes the next token when it is this sign. */
export function takeSign(cursor: Cursor, sign: string): Token | undefined {
  return isSign(peek(cursor), sign) ? advance(cursor) : undefined;
}

export function takeWord(cursor: Cursor, word: string): Token | undefined {
  return isWord(peek(cursor), word) ? advance(cursor) : undefined;
}

/** The written text of a span. */
export function written(cursor: Cursor, span: Span): string {
  return cursor.text.slice(span.start, span.end);
}

/** Reports that something else was expected here. Returns undefined, as every parse function does that found a mistake. */
export function unexpected(cursor: Cursor, expected: string, hint?: string): undefined {
  const token = peek(cursor);
  const end = token.type === 'end';
  cursor.report({
    start: token.start,
    end: token.end,
    code: end ? 'unfinished-condition' : 'unexpected-word',
    message: end
      ? `the condition ends where ${expected} was expected`
      : `${expected} was expected here, not '${written(cursor, token)}'`,
    ...(hint !== undefined && { hint }),
  });
  return undefined;
}
