/** Letters and digits that cannot be taken for one another when read out at night (Crockford's base 32). */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SPACE = 32 ** 4;

/**
 * `api-7K3F`. The sequence number never repeats within a state folder, and the scrambling maps different numbers to
 * different texts; it only makes neighbours look different.
 */
export function incidentId(service: string, sequence: number): string {
  const round = Math.floor(sequence / SPACE);
  // An odd factor below 2^20 permutes the numbers modulo 2^20; the product stays exact in a double.
  let rest = ((sequence % SPACE) * 659_731 + 374_761) % SPACE;
  let text = '';
  for (let i = 0; i < 4; i++) {
    text = DIGITS[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return `${service}-${text}${round === 0 ? '' : round}`;
}

/**
 * Where the numbers begin in a state folder without a past. Perhaps there was one and it was lost: receivers know its ids,
 * and would take a new notice under an old id for one that they have. So each hundredth of a second of three hours has its own beginning, and no
 * state folder uses up its numbers as fast as they pass.
 */
export function firstSequence(now: number): number {
  return Math.floor(now / 10) % SPACE;
}
