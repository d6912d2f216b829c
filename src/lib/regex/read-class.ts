import type { CharacterSet } from './character-set.ts';
import { foldCase, invert, posixSets, unite } from './character-set.ts';
import { PatternError } from './pattern.ts';
import { readEscape } from './read-escape.ts';

/** `[a-z_]`, `[^\d]`, `[[:space:]]`: the class at `at`, and where it ends. */
export function readClass(
  pattern: string,
  start: number,
  ignoreCase: boolean,
): { readonly set: CharacterSet; readonly end: number } {
  let at = start + 1;
  const inverted = pattern[at] === '^';
  if (inverted) at++;
  const sets: CharacterSet[] = [];
  while (pattern[at] !== ']') {
    const item = readItem(pattern, at, start);
    at = item.end;
    if (pattern[at] !== '-' || pattern[at + 1] === ']' || pattern[at + 1] === undefined) {
      sets.push(item.set);
      continue;
    }
    const upper = readItem(pattern, at + 1, start);
    const from = single(item.set);
    const to = single(upper.set);
    if (from === undefined || to === undefined) {
      // `[\w-.]`: between classes a dash is a dash.
      sets.push(item.set, [45, 45], upper.set);
    } else if (to < from) {
      const text = pattern.slice(item.start, upper.end);
      throw new PatternError(`the range '${text}' is upside down`, item.start, text.length);
    } else {
      sets.push([from, to]);
    }
    at = upper.end;
  }
  const all = unite(sets);
  const folded = ignoreCase ? foldCase(all) : all;
  return { set: inverted ? invert(folded) : folded, end: at + 1 };
}

interface Item {
  readonly set: CharacterSet;
  readonly start: number;
  readonly end: number;
}

function readItem(pattern: string, at: number, classStart: number): Item {
  const character = pattern[at];
  if (character === undefined)
    throw new PatternError("this '[' is never closed", classStart, 1, "write '\\['");
  if (character === '\\') {
    // Inside a class \b is a backspace (ECMA-262, ClassEscape).
    if (pattern[at + 1] === 'b') return { set: [8, 8], start: at, end: at + 2 };
    if (pattern[at + 1] === '-') return { set: [45, 45], start: at, end: at + 2 };
    return { ...readEscape(pattern, at), start: at };
  }
  const posix = /^\[:([a-z]+):\]/.exec(pattern.slice(at, at + 12));
  if (posix !== null) {
    const name = posix[1] ?? '';
    const set = Object.hasOwn(posixSets, name) ? posixSets[name] : undefined;
    if (set === undefined) throw new PatternError(`there is no class '[:${name}:]'`, at, posix[0].length);
    return { set, start: at, end: at + posix[0].length };
  }
  const code = pattern.codePointAt(at) ?? 0;
  return { set: [code, code], start: at, end: at + (code > 0xffff ? 2 : 1) };
}

function single(set: CharacterSet): number | undefined {
  return set.length === 2 && set[0] === set[1] ? set[0] : undefined;
}
