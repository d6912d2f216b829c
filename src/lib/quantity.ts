import { formatDuration } from './duration.ts';
import { formatNumber } from './number.ts';
import { formatSize } from './size.ts';

/** What a number measures, in base units: bytes, milliseconds, percent as 0 to 100, timestamps in ms since the epoch. */
export interface Measure {
  readonly quantity: 'count' | 'bytes' | 'duration' | 'percent' | 'timestamp';
  /** A rate of the quantity, for each second. */
  readonly per?: 'second' | undefined;
}

/**
 * A number of base units for people: `41 ms`, `412 MB`, `83.5%`, `7`, `2026-07-01 12:00:00Z`. Rates are given for the
 * unit of time in which they are easy to read: `12 MB/s`, but `6 kB/min` and not `0.1 kB/s`.
 */
export function formatQuantity(value: number, measure: Measure): string {
  if (measure.per === undefined) return formatPlain(value, measure);
  const { scale, name } = rateUnit(Math.abs(value), measure);
  return `${formatPlain(value * scale, measure)}/${name}`;
}

function formatPlain(value: number, { quantity }: Measure): string {
  switch (quantity) {
    case 'bytes':
      return formatSize(value);
    case 'duration':
      return formatDuration(value);
    case 'percent':
      return `${formatNumber(value, Math.abs(value) < 10 ? 2 : 1)}%`;
    case 'timestamp':
      return formatTimestamp(value);
    case 'count':
      return formatNumber(value, 2);
  }
}

/** The shortest of second, minute, hour and day for which the number is not below one. */
function rateUnit(perSecond: number, { quantity }: Measure): { scale: number; name: string } {
  const one = quantity === 'bytes' ? 1024 : 1;
  for (const [name, scale] of [
    ['s', 1],
    ['min', 60],
    ['h', 3600],
    ['d', 86_400],
  ] as const) {
    if (perSecond * scale >= one) return { scale, name };
  }
  return { scale: 1, name: 's' };
}

/** A time in milliseconds since the epoch as `2026-07-01 12:00:00Z` (UTC, so that two hosts agree). */
export function formatTimestamp(ms: number): string {
  // The range of Date; beyond it toISOString throws.
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return String(ms);
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
