import { namesSecret } from '../../lib/secret-names.ts';
import type { Field, ReadContext } from '../field.ts';
import type { Node } from '../node.ts';
import { makeField, type PresenceOf, plain, quoteIfNeeded, type Settings } from './make-field.ts';
import { mismatch } from './mismatch.ts';
import { tellNamedSecret } from './secret-names.ts';

interface ListSettings<T> extends Settings<readonly T[]> {
  /** Fewest items (default 0). */
  readonly min?: number;
  /** A single item may stand without brackets: `notify: team` is `notify: [team]`. */
  readonly single?: true;
}

/** A list of values that are all of one kind. */
export function list<T, const S extends ListSettings<T> = typeof plain>(
  item: Field<T>,
  settings: S = plain as unknown as S,
): Field<readonly T[], PresenceOf<S>> {
  const { min = 0, single }: ListSettings<T> = settings;
  const many = { type: 'array', items: item.schema, ...(min > 0 ? { minItems: min } : {}) };
  return makeField<readonly T[], readonly T[], S>(settings, {
    type: single === true ? `${item.type}, or a list of them` : `list of ${item.type}`,
    schema: single === true ? { anyOf: [item.schema, many] } : many,
    secret: item.secret === true,
    ...(item.fields === undefined ? {} : { fields: item.fields }),
    fits: (node) => node.kind === 'list' || (single === true && item.fits(node)),
    value: (fallback) => fallback,
    write: (fallback) => `[${fallback.map(writeValue).join(', ')}]`,
    print: (values) => `[${values.map((value) => item.print(value)).join(', ')}]`,
    read: (node, context) => {
      if (node.kind !== 'list') {
        if (single === true && node.kind === 'scalar' && node.value !== null)
          return readAll([node], item, context);
        if (single === true && node.kind === 'map' && item.fits(node)) return readAll([node], item, context);
        const alone = node.kind === 'scalar' && node.value !== null && item.fits(node);
        const hint = alone ? `write [${node.source}]` : undefined;
        return mismatch(context, node, { code: 'wrong-type', expected: `a list of ${item.type}`, hint });
      }
      if (node.items.length < min) {
        const items = min === 1 ? 'one item' : `${min} items`;
        return mismatch(context, node, { code: 'too-few', expected: `a list of at least ${items}` });
      }
      return readAll(node.items, item, context);
    },
  });
}

/** A map of free names to values of one kind: headers, labels, environment. */
export function record<T, const S extends Settings<Readonly<Record<string, T>>> = typeof plain>(
  value: Field<T>,
  settings: S = plain as unknown as S,
): Field<Readonly<Record<string, T>>, PresenceOf<S>> {
  return makeField<Readonly<Record<string, T>>, Readonly<Record<string, T>>, S>(settings, {
    type: `map of ${value.type}`,
    schema: { type: 'object', additionalProperties: value.schema },
    secret: value.secret === true,
    fits: (node) => node.kind === 'map',
    value: (fallback) => fallback,
    write: writeValue,
    print: (values) =>
      braces(
        Object.entries(values).map(
          ([key, one]) => `${quoteIfNeeded(key)}: ${namesSecret(key) ? '***' : value.print(one)}`,
        ),
      ),
    read: (node, context) => {
      if (node.kind !== 'map') {
        return mismatch(context, node, { code: 'wrong-type', expected: `a map of names to ${value.type}` });
      }
      const read = node.entries.map((entry) => {
        const one = value.read(entry.value, { ...context, name: entry.key });
        tellNamedSecret(entry.key, entry.value, one, context);
        return [entry.key, one] as const;
      });
      if (read.some(([, item]) => item === undefined)) return undefined;
      return Object.fromEntries(read) as Readonly<Record<string, T>>;
    },
  });
}

/** Anything YAML can say, as JSON data. */
export function anything<const S extends Settings<unknown> = typeof plain>(
  settings: S = plain as unknown as S,
): Field<unknown, PresenceOf<S>> {
  return makeField<unknown, unknown, S>(settings, {
    type: 'anything',
    schema: {},
    fits: () => true,
    value: (fallback) => fallback,
    write: writeValue,
    read: (node) => plainData(node),
  });
}

/** A map on one line. */
export function braces(parts: readonly string[]): string {
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}

/** The node as JSON data. */
export function plainData(node: Node): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainData);
  return Object.fromEntries(node.entries.map((entry) => [entry.key, plainData(entry.value)]));
}

function readAll<T>(items: readonly Node[], item: Field<T>, context: ReadContext): readonly T[] | undefined {
  const values: T[] = [];
  let complete = true;
  for (const node of items) {
    const value = item.read(node, context);
    if (value === undefined) complete = false;
    else values.push(value);
  }
  return complete ? values : undefined;
}

function writeValue(value: unknown): string {
  return typeof value === 'string' ? quoteIfNeeded(value) : JSON.stringify(value);
}
