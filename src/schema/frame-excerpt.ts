import { nearestWord } from '../lib/nearest.ts';
import { shortestSecret } from '../lib/redactor.ts';
import { namesSecret } from '../lib/secret-names.ts';
import type { Place } from './place.ts';

/** Texts of the files that problems point into, by name. */
export type Sources = ReadonlyMap<string, string>;

export interface FrameOptions {
  readonly colour: boolean;
  /** Columns of the terminal: longer lines are cut around the caret. */
  readonly width: number;
  /** Never printed, also not in excerpts. */
  readonly secrets?: readonly { readonly text: string }[];
  /** Offsets of unknown keys in their lines, by `file:line`. */
  readonly strange?: ReadonlyMap<string, readonly number[]>;
}

interface Masking extends Pick<FrameOptions, 'secrets'> {
  /** Offsets in the line of keys that nobody knows: what they stand for may be a secret. */
  readonly strange: ReadonlySet<number>;
}

/** The line with a caret below it, or nothing when the file's text is not at hand. Secrets are masked, in place. */
export function excerpt(
  place: Place,
  sources: Sources,
  options: FrameOptions,
  paint: (text: string) => string,
): readonly string[] {
  const line = lineOf(sources.get(place.file), place.line);
  if (line === undefined) return [];
  const gutter = String(place.line).padStart(4);
  const start = Math.min(place.column - 1, line.length);
  const length = Math.max(1, Math.min(place.length, line.length - start));
  const strange = new Set(options.strange?.get(`${place.file}:${place.line}`));
  const masked = maskLine(line, { ...options, strange });
  const shown = cut(masked, start, length, Math.max(30, options.width - gutter.length - 3));
  const caret = `${' '.repeat(shown.start)}${paint('^'.repeat(shown.length))}`;
  return [`${gutter} | ${shown.text}`, `${' '.repeat(gutter.length)} | ${caret}`];
}

/** Finding line N by splitting the file for every problem is slow for large files with many problems. */
function lineOf(text: string | undefined, line: number): string | undefined {
  if (text === undefined) return undefined;
  let from = 0;
  for (let count = 1; count < line; count += 1) {
    const next = text.indexOf('\n', from);
    if (next === -1) return undefined;
    from = next + 1;
  }
  const end = text.indexOf('\n', from);
  return text.slice(from, end === -1 ? text.length : end).replace(/\r$/, '');
}

/** In brackets that opened on an earlier line. */
const nextKey = /^,\s*[\w.-]+["']?:\s/;

/** The end of a value that begins here: in brackets that opened on this line at a comma or their end, else the line's end. */
function valueEnd(line: string, from: number): number {
  let depth = 0;
  let outside = 0;
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (at === from) {
      outside = depth;
      depth = 0;
    }
    if (quote !== '') {
      if (character === '\\' && quote === '"') at += 1;
      else if (character === quote) quote = '';
    } else if ((character === '"' || character === "'") && /[\s[{:,]|^$/.test(line.charAt(at - 1)))
      quote = character;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') {
      if (at >= from && depth === 0 && outside > 0) return at;
      depth -= 1;
    } else if (
      at >= from &&
      depth === 0 &&
      character === ',' &&
      (outside > 0 || nextKey.test(line.slice(at)))
    )
      return at;
    else if (at > from && depth <= 0 && character === '#' && line.charAt(at - 1) === ' ') return at;
  }
  return line.length;
}

const keyAndValue = /([\w.-]+)(["']?\s*:\s+)(?=\S)/g;

/** Behind a key that nobody knows: the path of an address, and words of letters and digits, as tokens are. */
const tokens =
  /(https?:\/\/[^/\s"',{}[\]]+\/)([^\s"',{}[\]]+)|(?=[A-Za-z_+=-]*\d)(?=[\d_+=-]*[A-Za-z])[\w+=-]{6,}/g;

/** Same length as before, so that the caret stays right. Also what looks like a secret when its text is not known. */
function maskLine(line: string, { strange, secrets = [] }: Masking): string {
  let masked = line.replaceAll('\t', ' ').replace(/\p{Cc}/gu, '?');
  for (const { 0: whole, 1: key = '', index } of masked.matchAll(keyAndValue)) {
    const from = index + whole.length;
    const end = valueEnd(masked, from);
    const value = masked.slice(from, end);
    const suspect = strange.has(index) || strange.has(index - 1);
    const hidden =
      isSecretKey(key) && !/^[|>&*]/.test(value) ? stars(value) : suspect ? withoutTokens(value) : value;
    masked = masked.slice(0, from) + hidden + masked.slice(end);
  }
  masked = masked.replace(
    /(:\/\/[^/@\s:]*:)([^@\s]+)(?=@)/g,
    (_, head: string, password: string) => head + '*'.repeat(password.length),
  );
  for (const text of secrets.flatMap((secret) => [secret.text, ...secret.text.split('\n')])) {
    const part = text.trim();
    if (part.length >= shortestSecret) masked = masked.replaceAll(part, '*'.repeat(part.length));
  }
  return masked;
}

/** The letters of a value hidden; its quotes and brackets, and references to a secret, stay. */
function stars(value: string): string {
  return value.replace(/\$\{[^}]*\}|[^\s[\]{}"',]+/g, (word) =>
    word.startsWith('${') ? word : '*'.repeat(word.length),
  );
}

function withoutTokens(value: string): string {
  return value.replace(tokens, (whole, address: string | undefined) =>
    address === undefined ? '*'.repeat(whole.length) : address + '*'.repeat(whole.length - address.length),
  );
}

/** Options that hold secrets; a test keeps them in step with the declarations. */
const secretOptions = ['password', 'bearer', 'token', 'routing_key'];

/** Whether what stands behind this key is a secret, also where the key is misspelt. */
export function isSecretKey(key: string): boolean {
  if (namesSecret(key) || /^pwd$/i.test(key)) return true;
  return key.length >= 4 && nearestWord(key, secretOptions) !== undefined && !ordinary.has(key);
}

/** Options that are near to one that holds a secret. */
const ordinary: ReadonlySet<string> = new Set(['broken', 'worker', 'header']);

function cut(
  text: string,
  start: number,
  length: number,
  width: number,
): { readonly text: string; readonly start: number; readonly length: number } {
  if (text.length <= width) return { text, start, length };
  const from = Math.max(0, Math.min(start - Math.floor(width / 3), text.length - width));
  const head = from > 0 ? '...' : '';
  const tail = from + width < text.length ? '...' : '';
  const shown = head + text.slice(from + head.length, from + width - tail.length) + tail;
  const caret = Math.max(head.length, start - from);
  return { text: shown, start: caret, length: Math.max(1, Math.min(length, shown.length - caret)) };
}
