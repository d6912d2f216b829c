import { describe, expect, it } from 'vitest';
import { formatNumber } from '../../src/lib/number.ts';
import { formatQuantity, formatTimestamp } from '../../src/lib/quantity.ts';

describe('quantities for people', () => {
  it.each([
    [41, { quantity: 'duration' }, '41 ms'],
    [432_013_312, { quantity: 'bytes' }, '412 MB'],
    [83.46, { quantity: 'percent' }, '83.5%'],
    [0.04, { quantity: 'percent' }, '0.04%'],
    [7, { quantity: 'count' }, '7'],
    [1_782_907_200_000, { quantity: 'timestamp' }, '2026-07-01 12:00:00Z'],
    [12_582_912, { quantity: 'bytes', per: 'second' }, '12 MB/s'],
    [87_381, { quantity: 'bytes', per: 'second' }, '85.3 kB/s'],
    [100, { quantity: 'bytes', per: 'second' }, '5.9 kB/min'],
    [0.5, { quantity: 'count', per: 'second' }, '30/min'],
    [0, { quantity: 'count', per: 'second' }, '0/s'],
  ] as const)('%d %j reads %s', (value, measure, text) => expect(formatQuantity(value, measure)).toBe(text));

  it('survive what is no time at all', () => {
    expect(formatTimestamp(Number.NaN)).toBe('NaN');
    expect(formatTimestamp(1e300)).toBe('1e+300');
    expect(formatQuantity(Number.NaN, { quantity: 'count' })).toBe('NaN');
  });

  it('numbers have no exponents and no trailing zeros', () => {
    expect(formatNumber(1.2)).toBe('1.2');
    expect(formatNumber(-0.001)).toBe('0');
    expect(formatNumber(100)).toBe('100');
    expect(formatNumber(1e21)).toBe('1e+21');
  });
});
