import { foldCase, invert, lastCodePoint, lineEndSet } from './character-set.ts';
import type { PatternFlags, PatternNode } from './pattern.ts';
import { PatternError } from './pattern.ts';
import { readClass } from './read-class.ts';
import { readEscape } from './read-escape.ts';

interface Reader {
  readonly pattern: string;
  readonly flags: PatternFlags;
  at: number;
  depth: number;
}

/** The usual syntax of patterns (ECMA-262 without what needs backtracking, and POSIX class names); throws PatternError. */
export function parsePattern(pattern: string, flags: PatternFlags): PatternNode {
  const reader: Reader = { pattern, flags, at: 0, depth: 0 };
  const node = readChoice(reader);
  if (reader.at < pattern.length)
    throw new PatternError("this ')' closes nothing", reader.at, 1, "write '\\)'");
  return node;
}

function readChoice(reader: Reader): PatternNode {
  if (++reader.depth > 50) throw new PatternError('groups are nested too deeply', reader.at);
  const options = [readSequence(reader)];
  while (reader.pattern[reader.at] === '|') {
    reader.at++;
    options.push(readSequence(reader));
  }
  reader.depth--;
  const [only] = options;
  return options.length === 1 && only !== undefined ? only : { node: 'choice', options };
}

function readSequence(reader: Reader): PatternNode {
  const parts: PatternNode[] = [];
  for (;;) {
    const next = reader.pattern[reader.at];
    if (next === undefined || next === '|' || next === ')') return { node: 'sequence', parts };
    parts.push(readRepeat(reader, readPart(reader)));
  }
}

function readPart(reader: Reader): PatternNode {
  const { pattern, at, flags } = reader;
  switch (pattern[at]) {
    case '(':
      return readGroup(reader);
    case '[': {
      const found = readClass(pattern, at, flags.ignoreCase);
      reader.at = found.end;
      return { node: 'set', set: found.set };
    }
    case '.':
      reader.at++;
      return { node: 'set', set: flags.dotAll ? [0, lastCodePoint] : invert(lineEndSet) };
    case '^':
      reader.at++;
      return { node: 'assert', assertion: flags.multiline ? 'line-start' : 'text-start' };
    case '$':
      reader.at++;
      return { node: 'assert', assertion: flags.multiline ? 'line-end' : 'text-end' };
    case '*':
    case '+':
    case '?':
      throw new PatternError(
        `there is nothing before this '${pattern[at]}' to repeat`,
        at,
        1,
        `write '\\${pattern[at]}'`,
      );
    case '\\': {
      const boundary = pattern[at + 1];
      if (boundary === 'b' || boundary === 'B') {
        reader.at += 2;
        return { node: 'assert', assertion: boundary === 'b' ? 'boundary' : 'no-boundary' };
      }
      const found = readEscape(pattern, at);
      reader.at = found.end;
      return { node: 'set', set: flags.ignoreCase ? foldCase(found.set) : found.set };
    }
    default: {
      const code = pattern.codePointAt(at) ?? 0;
      reader.at += code > 0xffff ? 2 : 1;
      return { node: 'set', set: flags.ignoreCase ? foldCase([code, code]) : [code, code] };
    }
  }
}

function readGroup(reader: Reader): PatternNode {
  const { pattern, at } = reader;
  const look = /^\(\?(<?[=!])/.exec(pattern.slice(at, at + 4))?.[1];
  if (look !== undefined) {
    const what = look.startsWith('<') ? 'behind' : 'ahead';
    const message = `looking ${what} ('(?${look}') is not supported: it can take forever on some texts`;
    throw new PatternError(message, at, look.length + 2, "split it into two conditions joined with 'and'");
  }
  const opening = /^\((?:\?(?::|P?<[A-Za-z_]\w*>))?/.exec(pattern.slice(at, at + 80))?.[0] ?? '(';
  if (opening === '(' && pattern[at + 1] === '?') {
    const inline = /^\(\?[a-z]+\)/.test(pattern.slice(at, at + 12));
    const hint = inline ? 'put the letters after the last slash: /.../i' : undefined;
    throw new PatternError("'(?' begins a group that is not supported", at, 3, hint);
  }
  reader.at += opening.length;
  const node = readChoice(reader);
  if (pattern[reader.at] !== ')') throw new PatternError("this '(' is never closed", at, 1, "write '\\('");
  reader.at++;
  return node;
}

const bounds = /^\{(\d{1,9})(?:(,)(\d{0,9}))?\}/;

function readRepeat(reader: Reader, of: PatternNode): PatternNode {
  const { pattern, at } = reader;
  const next = pattern[at];
  let node: Extract<PatternNode, { node: 'repeat' }>;
  if (next === '*' || next === '+' || next === '?') {
    reader.at++;
    node = {
      node: 'repeat',
      of,
      min: next === '+' ? 1 : 0,
      max: next === '?' ? 1 : Number.POSITIVE_INFINITY,
    };
  } else if (next === '{') {
    const match = bounds.exec(pattern.slice(at, at + 24));
    // As everywhere, a brace that begins no repetition is a brace.
    if (match === null) return of;
    const [all, first = '', comma, second = ''] = match;
    const min = Number(first);
    const max = comma === undefined ? min : second === '' ? Number.POSITIVE_INFINITY : Number(second);
    if (max < min)
      throw new PatternError(`'${all}' is upside down: ${max} is less than ${min}`, at, all.length);
    reader.at += all.length;
    node = { node: 'repeat', of, min, max };
  } else {
    return of;
  }
  const after = pattern[reader.at];
  // A lazy repetition finds the same texts, but may end earlier.
  if (after === '?') {
    reader.at++;
    node = { ...node, lazy: true };
  } else if (after === '+') {
    throw new PatternError(
      "possessive repetition ('+' after a repetition) is not supported",
      reader.at,
      1,
      "leave the '+' out",
    );
  } else if (after === '*' || (after === '{' && bounds.test(pattern.slice(reader.at, reader.at + 24)))) {
    throw new PatternError('this repeats a repetition', reader.at, 1, 'put parentheses around the first one');
  }
  return node;
}
