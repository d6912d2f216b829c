import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/lib/duration.ts';

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['2s', 2000],
    ['2 s', 2000],
    ['1.1s', 1100],
    ['5m', 300_000],
    ['5 min', 300_000],
    ['1h30m', 5_400_000],
    ['1 h 30 m', 5_400_000],
    ['2d', 172_800_000],
    ['1w', 604_800_000],
    ['0s', 0],
  ])('%s is %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', ' ', '5', 's', '5 x', '5 seconds', '30m1h', '1h1h', '-5s', '1e3s', '5s,', '5 ss', '.5s', '∞'])(
    '%j is no duration',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );

  it.each([
    [0, '0 ms'],
    [0.42, '0.4 ms'],
    [41, '41 ms'],
    [999.7, '1 s'],
    [1200, '1.2 s'],
    [59_960, '1 m'],
    [200_000, '3 m 20 s'],
    [3_599_600, '1 h'],
    [14_700_000, '4 h 5 m'],
    [86_399_000, '1 d'],
    [187_200_000, '2 d 4 h'],
    [-1500, '-1.5 s'],
    [Number.POSITIVE_INFINITY, 'never'],
  ])('%d ms reads %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

  it('what is printed parses, and to nearly the same duration', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e11 }), (ms) => {
        const again = parseDuration(formatDuration(ms));
        expect(again).toBeDefined();
        expect(Math.abs((again ?? 0) - ms)).toBeLessThanOrEqual(ms * 0.05 + 1);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseDuration(text);
      }),
    );
  });
});
