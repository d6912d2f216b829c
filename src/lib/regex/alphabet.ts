import type { CharacterSet } from './character-set.ts';
import { includes, lineEndSet, wordSet } from './character-set.ts';

/**
 * Characters that no set of a pattern tells apart are one letter of its alphabet: that keeps the tables of the
 * automaton small.
 */
export interface Alphabet {
  /** How many letters; the end of the text is one more, `size`. */
  readonly size: number;
  letterOf(code: number): number;
  /** For each letter whether it is in the set. */
  members(set: CharacterSet): Uint8Array;
}

/** The alphabet that tells apart what these sets, and assertions about words and lines, tell apart. */
export function makeAlphabet(sets: readonly CharacterSet[]): Alphabet {
  const starts = new Set<number>([0]);
  for (const set of [...sets, wordSet, lineEndSet]) {
    for (let i = 0; i + 1 < set.length; i += 2) {
      starts.add(set[i] ?? 0);
      starts.add((set[i + 1] ?? 0) + 1);
    }
  }
  const sorted = Int32Array.from([...starts].sort((a, b) => a - b));
  const low = new Uint16Array(128);
  for (let code = 0; code < 128; code++) low[code] = search(sorted, code);
  return {
    size: sorted.length,
    letterOf: (code) => (code < 128 ? (low[code] ?? 0) : search(sorted, code)),
    members: (set) => Uint8Array.from(sorted, (code) => (includes(set, code) ? 1 : 0)),
  };
}

/** Index of the last start that is not above the code. */
function search(starts: Int32Array, code: number): number {
  let low = 0;
  let high = starts.length;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= code) low = middle;
    else high = middle;
  }
  return low;
}
