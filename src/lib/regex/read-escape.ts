import type { CharacterSet } from './character-set.ts';
import { digitSet, invert, lastCodePoint, spaceSet, wordSet } from './character-set.ts';
import { PatternError } from './pattern.ts';

const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11 };

/** `\d`, `\x41`, `\.`: the characters that an escape at `at` stands for, and where it ends. */
export function readEscape(
  pattern: string,
  at: number,
): { readonly set: CharacterSet; readonly end: number } {
  const letter = pattern[at + 1];
  if (letter === undefined) throw new PatternError("the pattern ends after a '\\'", at, 1, "write '\\\\'");
  const end = at + 2;
  switch (letter) {
    case 'd':
      return { set: digitSet, end };
    case 'D':
      return { set: invert(digitSet), end };
    case 'w':
      return { set: wordSet, end };
    case 'W':
      return { set: invert(wordSet), end };
    case 's':
      return { set: spaceSet, end };
    case 'S':
      return { set: invert(spaceSet), end };
    case 'x':
    case 'u':
      return readCode(pattern, at);
  }
  const control = controls[letter];
  if (control !== undefined) return { set: [control, control], end };
  if (letter === '0' && !/\d/.test(pattern[end] ?? '')) return { set: [0, 0], end };
  if (/[0-9]/.test(letter) || letter === 'k') {
    const message = `'\\${letter}' refers back to a group, which is not supported: it can take forever on some texts`;
    throw new PatternError(message, at, 2);
  }
  if (/[A-Za-z]/.test(letter)) throw unknownEscape(letter, at);
  const code = pattern.codePointAt(at + 1) ?? 0;
  return { set: [code, code], end: end + (code > 0xffff ? 1 : 0) };
}

function unknownEscape(letter: string, at: number): PatternError {
  if (letter === 'p' || letter === 'P') {
    return new PatternError(
      `'\\${letter}{..}' is not supported`,
      at,
      2,
      'write the characters as a class: [a-zäöü]',
    );
  }
  const hints: Readonly<Record<string, string>> = {
    A: "write '^'",
    z: "write '$'",
    Z: "write '$'",
    h: "write '[ \\t]'",
  };
  return new PatternError(
    `'\\${letter}' has no meaning in a pattern`,
    at,
    2,
    hints[letter] ?? `write '${letter}'`,
  );
}

function readCode(pattern: string, at: number): { readonly set: CharacterSet; readonly end: number } {
  const match = /^\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\})/.exec(
    pattern.slice(at, at + 10),
  );
  const digits = match?.[1] ?? match?.[2] ?? match?.[3];
  const code = Number.parseInt(digits ?? '', 16);
  if (match === null || !(code <= lastCodePoint)) {
    throw new PatternError('this escape is incomplete', at, 2, "write '\\x41' or '\\u0041'");
  }
  return { set: [code, code], end: at + match[0].length };
}
