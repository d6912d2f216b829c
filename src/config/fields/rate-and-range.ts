import { parseDuration } from '../../lib/duration.ts';
import type { Field } from '../../schema/field.ts';
import { makeField, type PresenceOf, type Settings } from '../../schema/fields/make-field.ts';
import { mismatch, textOf } from '../../schema/fields/mismatch.ts';
import { writeDuration } from '../../schema/fields/units.ts';

/** `3 in 15m` */
export interface TimesIn {
  readonly times: number;
  /** Milliseconds. */
  readonly window: number;
}

/** Milliseconds. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** At most so many in a sliding window: `3 in 15m`. */
export function timesIn<const S extends Settings<string>>(settings: S): Field<TimesIn, PresenceOf<S>> {
  return makeField<TimesIn, string, S>(settings, {
    type: 'count in a duration',
    schema: { type: 'string', pattern: '^\\s*\\d+\\s+in\\s+\\S|\\$\\{' },
    fits: (node) => textOf(node) !== undefined,
    value: (fallback) => parseTimesIn(fallback) ?? { times: 0, window: 1 },
    write: (fallback) => fallback,
    print: ({ times, window }) => `${times} in ${writeDuration(window)}`,
    read: (node, context) => {
      const value = parseTimesIn(textOf(node) ?? '');
      return value ?? mismatch(context, node, { code: 'bad-rate', expected: "like '3 in 15m'" });
    },
  });
}

/** From the shortest to the longest: `2s..5m`; one duration is both. */
export function durationRange<const S extends Settings<string>>(settings: S): Field<Range, PresenceOf<S>> {
  return makeField<Range, string, S>(settings, {
    type: 'range of durations',
    schema: { type: 'string' },
    fits: (node) => textOf(node) !== undefined,
    value: (fallback) => parseRange(fallback) ?? { min: 0, max: 0 },
    write: (fallback) => fallback,
    print: ({ min, max }) => `${writeDuration(min)}..${writeDuration(max)}`,
    read: (node, context) => {
      const value = parseRange(textOf(node) ?? '');
      if (value === undefined) {
        return mismatch(context, node, { code: 'bad-range', expected: "like '2s..5m' or '10s'" });
      }
      if (value.min <= value.max) return value;
      return mismatch(context, node, {
        code: 'out-of-range',
        expected: 'a range from the shorter to the longer',
      });
    },
  });
}

function parseTimesIn(text: string): TimesIn | undefined {
  const match = /^\s*(\d{1,6})\s+in\s+(.+)$/.exec(text);
  const window = match?.[2] === undefined ? undefined : parseDuration(match[2]);
  return match === null || window === undefined || window <= 0
    ? undefined
    : { times: Number(match[1]), window };
}

function parseRange(text: string): Range | undefined {
  const parts = text.split('..');
  const [min, max] = parts.map(parseDuration);
  if (parts.length > 2 || min === undefined) return undefined;
  if (parts.length === 1) return { min, max: min };
  return max === undefined ? undefined : { min, max };
}
