import type { Field, Fields, OptionsOf, ValueOf } from '../field.ts';
import { fieldsSchema } from '../fields-schema.ts';
import { unnamedContext } from '../named-context.ts';
import type { MapNode } from '../node.ts';
import { defaultsOf, readFields } from '../read-fields.ts';
import { braces } from './collections.ts';
import { makeField, type PresenceOf, plain, type Settings } from './make-field.ts';
import { mismatch } from './mismatch.ts';

/** A nested map of options with strict keys. Its default can only be `{}`: every field below must then do without. */
export function group<
  const F extends Fields,
  const S extends Settings<Readonly<Record<string, never>>> = typeof plain,
>(fields: F, settings: S = plain as unknown as S): Field<OptionsOf<F>, PresenceOf<S>> {
  return makeField<OptionsOf<F>, Readonly<Record<string, never>>, S>(settings, {
    type: 'map',
    schema: fieldsSchema(fields),
    fields,
    fits: (node) => node.kind === 'map',
    value: () => defaultsOf(fields) as OptionsOf<F>,
    write: () => '{}',
    print: (value) => printFields(fields, value),
    read: (node, context) => {
      if (node.kind !== 'map') {
        const expected = `a map with ${listed(Object.keys(fields))}`;
        const [first = ''] = Object.keys(fields);
        const hint = node.kind === 'scalar' ? `write ${context.name ?? 'it'}: { ${first}: ... }` : undefined;
        return mismatch(context, node, { code: 'wrong-type', expected, hint });
      }
      const what = context.name === undefined ? {} : { what: `'${context.name}'` };
      return readFields(fields, node as MapNode, unnamedContext(context), what);
    },
  });
}

/** One of several fields: the first that fits by the shape of what is written. */
export function either<
  const L extends readonly Field<unknown>[],
  const S extends Settings<ValueOf<L[number]>> = typeof plain,
>(fields: L, settings: S = plain as unknown as S): Field<ValueOf<L[number]>, PresenceOf<S>> {
  const type = fields.map((field) => field.type).join(', or ');
  return makeField<ValueOf<L[number]>, ValueOf<L[number]>, S>(settings, {
    type,
    schema: { anyOf: fields.map((field) => field.schema) },
    secret: fields.some((field) => field.secret === true),
    ...below(fields),
    fits: (node) => fields.some((field) => field.fits(node)),
    value: (fallback) => fallback,
    print: (value) => {
      const shape = fields.find((field) => looksLike(field, value)) ?? fields[0];
      return shape === undefined ? '' : shape.print(value);
    },
    write: (fallback) => (typeof fallback === 'string' ? fallback : JSON.stringify(fallback)),
    read: (node, context) => {
      const chosen = fields.find((field) => field.fits(node));
      if (chosen === undefined) return mismatch(context, node, { code: 'wrong-type', expected: type });
      return chosen.read(node, context) as ValueOf<L[number]> | undefined;
    },
  });
}

/** Options of those that are maps, for the reference. */
function below(fields: readonly Field<unknown>[]): Pick<Field<unknown>, 'fields'> {
  const maps = fields.flatMap((field) => (field.fields === undefined ? [] : [field.fields]));
  return maps.length === 0 ? {} : { fields: Object.assign({}, ...maps) as Fields };
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** The set options of a map, on one line. */
export function printFields(fields: Fields, values: object): string {
  const set = Object.entries(values).filter(([, value]) => value !== undefined);
  return braces(
    set.map(([name, value]) => `${name}: ${fields[name]?.print(value) ?? JSON.stringify(value)}`),
  );
}

/** Which of several fields a value came from, as far as printing it is concerned. */
function looksLike(field: Field<unknown>, value: unknown): boolean {
  if (Array.isArray(value)) return field.type.includes('list');
  if (typeof value !== 'object' || value === null)
    return field.fields === undefined && !/^(map|host:port|list)/.test(field.type);
  if (/^list of|or a list of them$/.test(field.type)) return false;
  return field.fields === undefined
    ? /map|host:port|command/.test(field.type)
    : Object.keys(value).every((key) => key in (field.fields ?? {}));
}
