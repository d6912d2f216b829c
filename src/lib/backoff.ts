import { fractionOf } from './hash.ts';

/**
 * How long to wait after the given number of failures in a row, in the unit of `min` and `max`: doubling from one to the
 * other, spread by a quarter either way so that what failed together is not tried together. Always the same for the same
 * `seed`.
 */
export function backoff(
  { min, max }: { readonly min: number; readonly max: number },
  failures: number,
  seed: string,
): number {
  const doubled = min * 2 ** Math.min(30, Math.max(0, failures - 1));
  const spread = Math.min(max, doubled) * (0.75 + 0.5 * fractionOf(`${seed}/${failures}`));
  return Math.round(Math.min(max, Math.max(min, spread)));
}
