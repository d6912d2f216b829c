import { parseDuration } from '../../lib/duration.ts';
import type { Tolerance } from '../../model/service.ts';
import type { Field } from '../../schema/field.ts';
import { makeField, type PresenceOf, type Settings } from '../../schema/fields/make-field.ts';
import { mismatch, textOf } from '../../schema/fields/mismatch.ts';
import { writeDuration } from '../../schema/fields/units.ts';

/** Cycles that can be remembered for each check. */
const MAX_CYCLES = 100;

/** `3` (in a row), `3 of 5` (the last five), `30s` (all that time). */
export function tolerance<const S extends Settings<string>>(settings: S): Field<Tolerance, PresenceOf<S>> {
  return makeField<Tolerance, string, S>(settings, {
    type: 'tolerance',
    schema: {
      anyOf: [
        { type: 'integer', minimum: 1, maximum: MAX_CYCLES },
        { type: 'string', pattern: '^\\d+(\\s+of\\s+\\d+)?$|^[\\d.]+\\s*(ms|min|s|m|h|d|w)|\\$\\{' },
      ],
    },
    fits: (node) => textOf(node) !== undefined,
    value: (fallback) => parseTolerance(fallback) ?? { count: 1, of: 1 },
    write: (fallback) => fallback,
    print: writeTolerance,
    read: (node, context) => {
      const text = textOf(node);
      const value = text === undefined ? undefined : parseTolerance(text);
      if (value === undefined) {
        const hint = text === undefined ? undefined : meantTolerance(text);
        return mismatch(context, node, {
          code: 'bad-tolerance',
          expected: "like '3', '3 of 5' or '30s'",
          hint,
        });
      }
      if ('duration' in value) return value;
      const expected = `between 1 and ${MAX_CYCLES} cycles, and not more than it is 'of'`;
      const fits = value.count >= 1 && value.count <= value.of && value.of <= MAX_CYCLES;
      return fits ? value : mismatch(context, node, { code: 'out-of-range', expected });
    },
  });
}

/** As a user would write it. */
export function writeTolerance(value: Tolerance): string {
  if ('duration' in value) return writeDuration(value.duration);
  return value.count === value.of ? String(value.count) : `${value.count} of ${value.of}`;
}

/** Undefined when the text is none. Says nothing of the range. */
export function parseTolerance(text: string): Tolerance | undefined {
  const cycles = /^\s*(\d{1,6})(?:\s+of\s+(\d{1,6}))?\s*$/.exec(text);
  if (cycles?.[1] !== undefined) {
    const count = Number(cycles[1]);
    return { count, of: cycles[2] === undefined ? count : Number(cycles[2]) };
  }
  const duration = parseDuration(text.replace(/^\s*for\s+/, ''));
  return duration === undefined || duration <= 0 ? undefined : { duration };
}

/** `5 times within 10 cycles`, as Monit has it; `3 cycles`, `2 out of 3`, `3/5`. */
function meantTolerance(text: string): string | undefined {
  const [first, second, ...more] = text.match(/\d+/g) ?? [];
  const words = text.replace(/[\d\s/]+/g, ' ').trim();
  const known = /^(for|times?|cycles?|within|out|of|off|in|a row|looks?|checks?|x| )*$/i.test(words);
  if (first === undefined || more.length > 0 || !known) return undefined;
  return `write '${first}${second === undefined ? '' : ` of ${second}`}'`;
}
