import { matchAt } from './match-at.ts';
import { formatNumber } from './number.ts';

/** Milliseconds of each unit of time. `min` is the same as `m`. */
export const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const part = /\s*(\d{1,15}(?:\.\d{1,15})?)\s*(ms|min|s|m|h|d|w)(?![A-Za-z])/y;

/**
 * Milliseconds of `500ms`, `2 s`, `1h30m`, `1 d 12 h`: one or more parts, each unit at most once and from large to
 * small. Undefined for anything else, also for a bare number: a duration carries its unit.
 */
export function parseDuration(text: string): number | undefined {
  let total = 0;
  let smallest = Number.POSITIVE_INFINITY;
  let at = 0;
  const end = text.trimEnd().length;
  if (end === 0 || end > 100) return undefined;
  while (at < end) {
    const match = matchAt(part, text, at);
    const unit = durationUnits[match?.[2] ?? ''];
    if (match === undefined || unit === undefined || unit >= smallest) return undefined;
    total += Number(match[1]) * unit;
    smallest = unit;
    at += match[0].length;
  }
  // 1.1 * 1000 is 1100.0000000000002 in binary; nobody means a billionth of a millisecond.
  return Math.round(total * 1e6) / 1e6;
}

/**
 * A duration in milliseconds for people, two units at most: `41 ms`, `1.2 s`, `3 m 20 s`, `4 h 5 m`, `2 d 4 h`.
 * Parsing it again gives the duration back to that precision.
 */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return ms > 0 ? 'never' : String(ms);
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < 9.95) return `${formatNumber(ms, 1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${formatNumber(ms / 1000, 1)} s`;
  if (ms < 3_599_500) return pair(ms, 60_000, 'm', 1000, 's');
  if (ms < 86_370_000) return pair(ms, 3_600_000, 'h', 60_000, 'm');
  return pair(ms, 86_400_000, 'd', 3_600_000, 'h');
}

function pair(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rounded = Math.round(ms / small) * small;
  const first = Math.floor(rounded / large);
  const rest = Math.round((rounded - first * large) / small);
  return rest === 0 ? `${first} ${largeName}` : `${first} ${largeName} ${rest} ${smallName}`;
}
