import type { Field } from '../../schema/field.ts';
import { makeField, type PresenceOf, type Settings } from '../../schema/fields/make-field.ts';
import { list, text } from '../../schema/fields.ts';
import type { Node } from '../../schema/node.ts';
import type { Place } from '../../schema/place.ts';

/** A name that refers to something else in the rules, with its place for when there is no such thing. */
export interface Name {
  readonly name: string;
  readonly place: Place;
}

/** One name or a list of them. */
export function names<const S extends Settings<readonly string[]>>(
  settings: S,
): Field<readonly Name[], PresenceOf<S>> {
  const texts = list(text(), { summary: '', single: true });
  return makeField<readonly Name[], readonly string[], S>(settings, {
    type: 'name, or a list of names',
    schema: texts.schema,
    fits: texts.fits,
    value: (fallback) =>
      fallback.map((name) => ({ name, place: { file: '', line: 0, column: 0, length: 1 } })),
    write: (fallback) => `[${fallback.join(', ')}]`,
    print: (value) => `[${plainNames(value).join(', ')}]`,
    read: (node, context) => {
      const read = texts.read(node, context);
      const items: readonly Node[] = node.kind === 'list' ? node.items : [node];
      return read?.map((name, index) => ({ name, place: items[index]?.place ?? node.place }));
    },
  });
}

/** The names alone, each once, in order. */
export function plainNames(list: readonly Name[]): readonly string[] {
  const names = list.map(({ name }) => name);
  return names.length < 2 ? names : [...new Set(names)];
}
