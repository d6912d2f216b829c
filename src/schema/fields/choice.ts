import { didYouMean } from '../../lib/nearest.ts';
import type { Field } from '../field.ts';
import { makeField, type PresenceOf, plain, type Settings } from './make-field.ts';
import { interpolated, mismatch, textOf } from './mismatch.ts';

/** One word of a few: the value is that word. */
export function choice<const V extends readonly string[], const S extends Settings<V[number]> = typeof plain>(
  values: V,
  settings: S = plain as unknown as S,
): Field<V[number], PresenceOf<S>> {
  const listed = `one of ${values.map((value) => `'${value}'`).join(', ')}`;
  return makeField<V[number], V[number], S>(settings, {
    type: values.join(' | '),
    schema: { anyOf: [{ enum: values }, interpolated] },
    fits: (node) => textOf(node) !== undefined,
    value: (fallback) => fallback,
    write: (fallback) => fallback,
    read: (node, context) => {
      // `true`, `null` and such are words here when they are among the values.
      const text = textOf(node) ?? (node.kind === 'scalar' ? node.source : undefined);
      if (text !== undefined && values.includes(text)) return text as V[number];
      const hint = text === undefined ? undefined : didYouMean(text, values);
      return mismatch(context, node, { code: 'unknown-word', expected: listed, hint });
    },
  });
}
