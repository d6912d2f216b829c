/** Counters of one moment (monotonic milliseconds), and the rates they gave with the moment before. */
export interface Sampled<N extends string> {
  readonly at: number;
  readonly counts: Readonly<Record<N, number>>;
  /** Per second; absent at the first look. */
  readonly rates?: Readonly<Record<N, number>>;
}

/** Two looks that are closer than this (after a nudge) say little: kernel counters tick every 10 ms. */
const LEAST_MS = 100;

/**
 * Rates per second between the last sample and new counts. Looks that follow too soon keep the older sample and its
 * rates. A counter that went back (a restart, an overflow) starts anew.
 */
export function sample<N extends string>(
  last: Sampled<N> | undefined,
  at: number,
  counts: Readonly<Record<N, number>>,
): Sampled<N> {
  if (!last) return { at, counts };
  const elapsed = at - last.at;
  if (elapsed < LEAST_MS) return last;
  const rates: Partial<Record<N, number>> = {};
  for (const name of Object.keys(counts) as N[]) {
    const difference = counts[name] - (last.counts[name] ?? 0);
    if (difference < 0) return { at, counts };
    rates[name] = (difference / elapsed) * 1000;
  }
  return { at, counts, rates: rates as Record<N, number> };
}

/** Two decimals: more is noise, and readings are stored. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
