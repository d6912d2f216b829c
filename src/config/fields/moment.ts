import type { Field } from '../../schema/field.ts';
import { makeField, type PresenceOf, type Settings } from '../../schema/fields/make-field.ts';
import { mismatch, textOf } from '../../schema/fields/mismatch.ts';

/** A point in time with its offset, as ISO 8601: `2025-03-01T22:00:00+01:00`; the value is milliseconds since the epoch. */
export function moment<const S extends Settings<string>>(settings: S): Field<number, PresenceOf<S>> {
  return makeField<number, string, S>(settings, {
    type: 'time',
    schema: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}|\\$\\{' },
    fits: (node) => textOf(node) !== undefined,
    value: (fallback) => Date.parse(fallback),
    write: (fallback) => fallback,
    print: (value) => new Date(value).toISOString(),
    read: (node, context) => {
      const text = textOf(node)?.trim() ?? '';
      const complete = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?\s*(Z|[+-]\d{2}:\d{2})$/.test(text);
      const value = complete ? Date.parse(text.replace(' ', 'T').replaceAll(' ', '')) : Number.NaN;
      if (!Number.isNaN(value)) return value;
      const hint = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?$/.test(text)
        ? `say which zone: ${text}Z or ${text}+01:00`
        : undefined;
      return mismatch(context, node, {
        code: 'bad-time',
        expected: "a time such as '2025-03-01T22:00:00+01:00'",
        hint,
      });
    },
  });
}
