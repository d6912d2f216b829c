/**
 * The candidate that `word` was most likely meant to be, for "did you mean": fewest typing slips (Damerau-Levenshtein,
 * at most a third of the letters), else a candidate that begins or ends with the word. Case, `-` and `_` count as little.
 * Undefined when nothing is near enough to be a help.
 */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
  // Very long words are no typing slips, and the distance costs the product of the lengths.
  if (word.length === 0 || word.length > 64) return undefined;
  const wanted = plain(word);
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const distance = slips(wanted, plain(candidate), limit);
    if (distance <= limit && distance < bestDistance && distance < wanted.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? byPart(wanted, candidates);
}

/** The nearest of them as a hint for people; undefined where none is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const near = nearestWord(word, candidates);
  return near === undefined ? undefined : `did you mean '${near}'?`;
}

/** `mem` means `memory`, `time` means `response_time`: only when a single candidate fits. */
function byPart(wanted: string, candidates: Iterable<string>): string | undefined {
  if (wanted.length < 3) return undefined;
  const fitting: string[] = [];
  for (const candidate of candidates) {
    const have = plain(candidate);
    if (have.startsWith(wanted) || have.endsWith(wanted) || (have.length >= 3 && wanted.startsWith(have))) {
      fitting.push(candidate);
    }
  }
  fitting.sort((a, b) => a.length - b.length);
  const [first, second] = fitting;
  // `memory` is meant rather than `memory_tree`; of two unrelated ones, none.
  if (first === undefined || second === undefined) return first;
  return second.startsWith(first) ? first : undefined;
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_\s]/g, '');
}

/** Insertions, deletions, replacements and swaps of neighbours from `a` to `b`; gives up above `limit`. */
function slips(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return Number.POSITIVE_INFINITY;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
