import { type LineCursor, placeAt } from './line-cursor.ts';
import type { ScalarNode } from './node.ts';

const words: ReadonlyMap<string, boolean | null> = new Map([
  ['~', null],
  ...['null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);

const rareNumber = /^(?:0o[0-7]+|0x[\da-f]+|[-+]?\.(?:inf|nan)|[-+]?(?:\.\d+|\d+(?:\.\d*)?)e[-+]?\d+)$/i;

/** Whether a plain scalar may begin here: not with an indicator, and with `-` only as in `-5` and `--flag`. */
export function beginsPlain(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code === 45) return /[\w.\-/]/.test(text.charAt(at + 1));
  return !'?:,[]{}#&*!|>\'"%@`'.includes(text.charAt(at));
}

/** The plain scalar between two offsets of the cursor's line; nothing where it would be a number in a rare notation. */
export function plainScalar(cursor: LineCursor, from: number, to: number): ScalarNode | undefined {
  const source = cursor.text.slice(from, to);
  const value = plainValue(source);
  if (value === undefined || source === '<<') return undefined;
  return { kind: 'scalar', value, source, quoted: false, place: placeAt(cursor, from, to) };
}

/** By the core schema of YAML 1.2 (section 10.3.2); undefined for notations that nobody uses in rules. */
function plainValue(source: string): ScalarNode['value'] | undefined {
  const code = source.charCodeAt(0);
  // `+`, `-`, `.` and the digits.
  if (code === 43 || code === 45 || code === 46 || (code >= 48 && code <= 57)) {
    if (/^[-+]?\d+$/.test(source)) return Number.parseInt(source, 10);
    if (/^[-+]?(?:\.\d+|\d+\.\d*)$/.test(source)) return Number.parseFloat(source);
    return rareNumber.test(source) ? undefined : source;
  }
  const word = source.length <= 5 ? words.get(source) : undefined;
  return word === undefined ? source : word;
}

/** Offset after the closing quote of the text in quotes that begins here; nothing if it has escapes or goes on below. */
export function quotedEnd(cursor: LineCursor, from: number): number | undefined {
  const { text, end } = cursor;
  const quote = text.charAt(from);
  const close = text.indexOf(quote, from + 1);
  if (close === -1 || close >= end) return undefined;
  if (quote === "'") return text.charAt(close + 1) === "'" ? undefined : close + 1;
  const backslash = text.indexOf('\\', from);
  return backslash !== -1 && backslash < close ? undefined : close + 1;
}

/** The text in quotes between two offsets, quotes included. */
export function quotedScalar(cursor: LineCursor, from: number, to: number): ScalarNode {
  const value = cursor.text.slice(from + 1, to - 1);
  return { kind: 'scalar', value, source: value, quoted: true, place: placeAt(cursor, from, to) };
}
