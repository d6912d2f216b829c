import { matchAt } from '../../lib/match-at.ts';
import type { Mistake, NumberSyntax, PathSyntax, Span } from '../syntax.ts';
import { readNumber } from './number-token.ts';
import { keywords } from './words.ts';

export type Token = Span &
  (
    | { readonly type: 'word'; readonly word: string }
    | { readonly type: 'path'; readonly path: PathSyntax }
    | { readonly type: 'number'; readonly number: NumberSyntax }
    | { readonly type: 'text'; readonly value: string }
    | { readonly type: 'pattern'; readonly pattern: string; readonly flags: string }
    | { readonly type: 'sign'; readonly sign: string }
    | { readonly type: 'end' }
  );

const blank = /[\s\u00a0]+/y;
const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const segment = /\.([A-Za-z0-9_$@]+(?:-+[A-Za-z0-9_$@]+)*)/y;
const index = /\[\s*(\d{1,9})\s*\]/y;
const key = /\[\s*(?=["'])/y;
const keyEnd = /\s*\]/y;
const sign = /===|!==|=~|~=|<=|>=|==|!=|<>|=<|=>|&&|\|\||[-+*/()[\],<>=!~&|≤≥≠]/y;
const flags = /[A-Za-z]*/y;

/**
 * The words of a condition with their positions; always ends with an `end` token. Mistakes of spelling are reported and
 * read as what was probably meant; undefined when nothing can be made of a character.
 */
export function readTokens(text: string, report: (mistake: Mistake) => void): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    at += lengthAt(blank, text, at);
    if (at >= text.length) break;
    const token = readToken(text, at, tokens.at(-1), report);
    if (token === undefined) return undefined;
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ type: 'end', start: text.length, end: text.length });
  return tokens;
}

function readToken(
  text: string,
  start: number,
  before: Token | undefined,
  report: (mistake: Mistake) => void,
): Token | undefined {
  const first = text[start] ?? '';
  if (first >= '0' && first <= '9') return readNumber(text, start, report);
  if (first === '"' || first === "'") return readText(text, start, report);
  if (first === '/' && startsPattern(before)) {
    return readPattern(text, start, report);
  }
  const name = matchAt(word, text, start)?.[0];
  if (name !== undefined) return readWord(text, start, name, report);
  const found = matchAt(sign, text, start)?.[0];
  if (found !== undefined) return { type: 'sign', sign: found, start, end: start + found.length };
  report(strayCharacter(text, start));
  return undefined;
}

/** A slash divides, except after `matches` and what others write for it. */
function startsPattern(before: Token | undefined): boolean {
  if (before?.type === 'word') return ['matches', 'match', 'matching'].includes(before.word);
  return before?.type === 'sign' && ['=~', '~=', '~'].includes(before.sign);
}

function strayCharacter(text: string, start: number): Mistake {
  const character = String.fromCodePoint(text.codePointAt(start) ?? 0);
  const span = { start, end: start + character.length };
  const code = 'unexpected-character';
  if ('“”„‘’`'.includes(character)) {
    return { ...span, code, message: `'${character}' is no quotation mark here`, hint: 'use "' };
  }
  if (character === '.') {
    if (/\d/.test(text.charAt(start - 1))) {
      const whole =
        /[\d.]+$/.exec(text.slice(0, start))?.[0] + (/^[\w.]+/.exec(text.slice(start))?.[0] ?? '');
      return { ...span, code, message: `'${whole}' is no number`, hint: `text stands in quotes: "${whole}"` };
    }
    const message = /["']/.test(text.charAt(start + 1))
      ? 'a key in quotes stands in brackets: json["content type"]'
      : "a number begins with a digit: write '0.5', not '.5'";
    return { ...span, code, message };
  }
  if (character === ';') {
    return {
      ...span,
      code,
      message: "';' has no meaning here",
      hint: 'write each condition on a line of its own',
    };
  }
  if (character === '$') {
    return { ...span, code, message: "'$' has no meaning in a condition", hint: 'put text between quotes' };
  }
  return { ...span, code, message: `'${character}' has no meaning in a condition` };
}

function readWord(
  text: string,
  start: number,
  name: string,
  report: (mistake: Mistake) => void,
): Token | undefined {
  let at = start + name.length;
  if (keywords.has(name)) return { type: 'word', word: name, start, end: at };
  const path: (string | number)[] = [];
  for (;;) {
    const dotted = matchAt(segment, text, at);
    if (dotted !== undefined) {
      path.push(dotted[1] ?? '');
      at += dotted[0].length;
      continue;
    }
    const numbered = matchAt(index, text, at);
    if (numbered !== undefined) {
      path.push(Number(numbered[1]));
      at += numbered[0].length;
      continue;
    }
    const opening = lengthAt(key, text, at);
    if (opening === 0) break;
    const quoted = readText(text, at + opening, report);
    if (quoted?.type !== 'text') return undefined;
    const closing = lengthAt(keyEnd, text, quoted.end);
    if (closing === 0) {
      report({
        start: at,
        end: quoted.end,
        code: 'unclosed-bracket',
        message: "this '[' has no ']' after its text",
      });
      return undefined;
    }
    path.push(quoted.value);
    at = quoted.end + closing;
  }
  if (path.length === 0) return { type: 'word', word: name, start, end: at };
  return { type: 'path', path: { node: 'path', name, path }, start, end: at };
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** Text between two equal quotes; `\n`, `\r`, `\t`, `\uXXXX` mean what they mean in JSON, `\x` is `x` for the rest. */
function readText(text: string, start: number, report: (mistake: Mistake) => void): Token | undefined {
  const quote = text[start];
  let value = '';
  let at = start + 1;
  while (at < text.length) {
    const character = text[at] ?? '';
    if (character === quote) return { type: 'text', value, start, end: at + 1 };
    if (character !== '\\') {
      value += character;
      at++;
      continue;
    }
    const escaped = text[at + 1] ?? '';
    const code = escaped === 'u' ? /^[0-9A-Fa-f]{4}/.exec(text.slice(at + 2, at + 6))?.[0] : undefined;
    value +=
      code === undefined ? (escapes[escaped] ?? escaped) : String.fromCharCode(Number.parseInt(code, 16));
    at += code === undefined ? 2 : 6;
  }
  report({ start, end: text.length, code: 'unclosed-text', message: `this text has no closing ${quote}` });
  return undefined;
}

function readPattern(text: string, start: number, report: (mistake: Mistake) => void): Token | undefined {
  const close = patternEnd(text, start + 1, true) ?? patternEnd(text, start + 1, false);
  if (close === undefined) {
    report({
      start,
      end: text.length,
      code: 'unclosed-pattern',
      message: "this pattern has no closing '/'",
      hint: "write a '/' inside the pattern as '\\/'",
    });
    return undefined;
  }
  const letters = matchAt(flags, text, close + 1)?.[0] ?? '';
  const end = close + 1 + letters.length;
  return { type: 'pattern', pattern: text.slice(start + 1, close), flags: letters, start, end };
}

/**
 * Where the slash stands that closes a pattern. Inside a class, `[/]`, a slash is a character, as in JavaScript; only
 * when that leaves the pattern open are classes not looked at. By hand, because an expression for it would backtrack.
 */
function patternEnd(text: string, from: number, classes: boolean): number | undefined {
  let inClass = false;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '/' && !inClass) return at;
    else if (character === '[') inClass = classes;
    else if (character === ']') inClass = false;
  }
  return undefined;
}

function lengthAt(sticky: RegExp, text: string, at: number): number {
  return matchAt(sticky, text, at)?.[0].length ?? 0;
}
