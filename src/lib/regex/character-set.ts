/** Sorted, disjoint ranges of code points, flat: from, to, from, to, ... (both included). */
export type CharacterSet = readonly number[];

export const lastCodePoint = 0x10ffff;

export const digitSet: CharacterSet = [48, 57];
export const wordSet: CharacterSet = [48, 57, 65, 90, 95, 95, 97, 122];
/** White space and line ends as in ECMA-262. */
export const spaceSet: CharacterSet = [
  9, 13, 32, 32, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f, 0x205f, 0x205f,
  0x3000, 0x3000, 0xfeff, 0xfeff,
];
export const lineEndSet: CharacterSet = [10, 10, 13, 13, 0x2028, 0x2029];

/** `[:name:]` inside a class, as POSIX has them (regular expressions of Monit are written so). */
export const posixSets: Readonly<Record<string, CharacterSet>> = {
  alnum: [48, 57, 65, 90, 97, 122],
  alpha: [65, 90, 97, 122],
  blank: [9, 9, 32, 32],
  cntrl: [0, 31, 127, 127],
  digit: digitSet,
  graph: [33, 126],
  lower: [97, 122],
  print: [32, 126],
  punct: [33, 47, 58, 64, 91, 96, 123, 126],
  space: [9, 13, 32, 32],
  upper: [65, 90],
  xdigit: [48, 57, 65, 70, 97, 102],
};

/** All code points of the sets together. */
export function unite(sets: readonly CharacterSet[]): CharacterSet {
  const ranges: [number, number][] = [];
  for (const set of sets) {
    for (let i = 0; i + 1 < set.length; i += 2) ranges.push([set[i] ?? 0, set[i + 1] ?? 0]);
  }
  ranges.sort((a, b) => a[0] - b[0]);
  const result: number[] = [];
  for (const [from, to] of ranges) {
    const last = result.at(-1);
    if (last !== undefined && from <= last + 1) result[result.length - 1] = Math.max(last, to);
    else result.push(from, to);
  }
  return result;
}

/** Every code point that is not in the set. */
export function invert(set: CharacterSet): CharacterSet {
  const result: number[] = [];
  let next = 0;
  for (let i = 0; i + 1 < set.length; i += 2) {
    const from = set[i] ?? 0;
    if (from > next) result.push(next, from - 1);
    next = (set[i + 1] ?? 0) + 1;
  }
  if (next <= lastCodePoint) result.push(next, lastCodePoint);
  return result;
}

/** Scripts with upper and lower case stand below this, but for rarities. */
const lastCased = 0x1fff;

/** The set together with the other case of each of its letters. */
export function foldCase(set: CharacterSet): CharacterSet {
  const more: CharacterSet[] = [set];
  for (let i = 0; i + 1 < set.length; i += 2) {
    const from = set[i] ?? 0;
    const to = Math.min(set[i + 1] ?? 0, lastCased);
    for (let code = from; code <= to; code++) {
      const letter = String.fromCharCode(code);
      for (const other of [letter.toLowerCase(), letter.toUpperCase()]) {
        const otherCode = other.charCodeAt(0);
        // As in ECMA-262, nothing outside ASCII folds into it: `ſ` is no `s`.
        if (other.length === 1 && otherCode !== code && code < 128 === otherCode < 128) {
          more.push([otherCode, otherCode]);
        }
      }
    }
  }
  return more.length === 1 ? set : unite(more);
}

export function includes(set: CharacterSet, code: number): boolean {
  let low = 0;
  let high = set.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (code > (set[middle * 2 + 1] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return low * 2 < set.length && code >= (set[low * 2] ?? 0);
}
