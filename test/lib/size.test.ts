import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePercent } from '../../src/lib/percent.ts';
import { formatSize, parseSize } from '../../src/lib/size.ts';

describe('sizes', () => {
  it.each([
    ['512 B', 512],
    ['10kB', 10_240],
    ['10 KB', 10_240],
    ['10KiB', 10_240],
    ['10MB', 10_485_760],
    ['1.5 GiB', 1_610_612_736],
    ['2 TB', 2_199_023_255_552],
  ])('%s is %i bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it.each(['', '10', 'MB', '10 mb', '10 Mb', '10 M', '-1 MB', '10 MB/s', '1e3 MB'])('%j is no size', (text) =>
    expect(parseSize(text)).toBeUndefined(),
  );

  it.each([
    [0, '0 B'],
    [900, '900 B'],
    [1024, '1 kB'],
    [43_200_000, '41.2 MB'],
    [1_073_741_823, '1 GB'],
    [-2048, '-2 kB'],
  ])('%d bytes read %s', (bytes, text) => expect(formatSize(bytes)).toBe(text));

  it('what is printed parses, and to nearly the same size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (bytes) => {
        const again = parseSize(formatSize(bytes));
        expect(Math.abs((again ?? -1e9) - bytes)).toBeLessThanOrEqual(bytes * 0.06);
      }),
    );
  });
});

describe('percentages', () => {
  it('carry their sign', () => {
    expect(parsePercent('80%')).toBe(80);
    expect(parsePercent(' 12.5 % ')).toBe(12.5);
    expect(parsePercent('80')).toBeUndefined();
    expect(parsePercent('%')).toBeUndefined();
  });
});
