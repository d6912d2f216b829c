import { didYouMean, nearestWord } from '../lib/nearest.ts';
import { mayNameSecret } from '../lib/secret-names.ts';
import type { Field, Fields, OptionsOf, ReadContext } from './field.ts';
import { mismatch } from './fields/mismatch.ts';
import { tellSecretsBelow } from './fields/text.ts';
import { namedContext } from './named-context.ts';
import type { MapEntry, MapNode, Node } from './node.ts';
import type { Place } from './place.ts';

interface ReadSettings {
  /** Keys beside the fields that somebody else reads. */
  readonly known?: readonly string[];
  /** What the map is, for messages: `the check 'alive'`. */
  readonly what?: string;
  /** Where a missing key is reported; the map's own place if absent. */
  readonly place?: Place;
  /** What to do about a key that does not belong here, where it is known where it does. */
  readonly hint?: (key: string) => string | undefined;
}

/**
 * Reads a map by its fields: unknown keys, missing ones and wrong values are reported, all of them; defaults are
 * filled in. Undefined after at least one problem.
 */
export function readFields<F extends Fields>(
  fields: F,
  map: MapNode,
  context: ReadContext,
  settings: ReadSettings = {},
): OptionsOf<F> | undefined {
  const { values, complete } = readKnown(fields, map, context, settings);
  return complete ? (values as OptionsOf<F>) : undefined;
}

/** What could be read of a map. */
export interface Known<F extends Fields> {
  readonly values: Partial<OptionsOf<F>>;
  readonly complete: boolean;
  /** Names of what is written there and could not be read, also under a misspelt name: it is not missing. */
  readonly unread: readonly string[];
}

const nothing: readonly string[] = [];

/** As `readFields`, but with whatever could be read, so that the rest can still be looked at. */
export function readKnown<F extends Fields>(
  fields: F,
  map: MapNode,
  context: ReadContext,
  settings: ReadSettings = {},
): Known<F> {
  const { list, positions } = indexOf(fields);
  const { known = [] } = settings;
  const values: Record<string, unknown> = {};
  const entries: (MapEntry | undefined)[] = new Array(list.length);
  let unread = nothing;
  let complete = true;
  for (const entry of map.entries) {
    const position = positions.get(entry.key);
    if (position !== undefined) {
      entries[position] ??= entry;
    } else if (!known.includes(entry.key)) {
      complete = false;
      const words = [...positions.keys(), ...known];
      reportUnknownKey(entry, words, context, settings);
      const near = nearestWord(entry.key, words) ?? entry.key;
      if (fields[near]?.secret === true || mayNameSecret(entry.key)) tellSecretsBelow(entry.value, context);
      unread = [...unread, near];
    }
  }
  for (let position = 0; position < list.length; position += 1) {
    const { name, field } = list[position] as FieldIndex['list'][number];
    const entry = entries[position];
    if (entry === undefined) {
      if (field.presence === 'default') values[name] = field.defaultValue;
      if (field.presence !== 'required') continue;
      complete = false;
      reportMissing(name, field, settings.place ?? map.place, context, settings.what);
      continue;
    }
    const value = field.read(entry.value, namedContext(context, name));
    if (value === undefined) {
      complete = false;
      unread = [...unread, name];
    } else values[name] = value;
  }
  return { values: values as Partial<OptionsOf<F>>, complete, unread };
}

interface FieldIndex {
  readonly list: readonly { readonly name: string; readonly field: Field<unknown> }[];
  readonly positions: ReadonlyMap<string, number>;
}

const indexes = new WeakMap<Fields, FieldIndex>();

/** The fields as a list and where each stands in it: thousands of maps are read by the same few fields. */
function indexOf(fields: Fields): FieldIndex {
  const before = indexes.get(fields);
  if (before !== undefined) return before;
  const list = Object.entries(fields).map(([name, field]) => ({ name, field }));
  const index = { list, positions: new Map(list.map(({ name }, position) => [name, position])) };
  indexes.set(fields, index);
  return index;
}

/**
 * Reads what stands below a kind's key: a map of its options, or, where the kind has a `main` option, a plain value
 * for that one (`http: http://…`). Nothing at all (`process:`) is the empty map.
 */
export function readOptions<F extends Fields>(
  kind: { readonly kind: string; readonly options: F; readonly main?: keyof F & string },
  entry: MapEntry,
  context: ReadContext,
  hint?: ReadSettings['hint'],
): OptionsOf<F> | undefined {
  const { value: node } = entry;
  const what = `'${kind.kind}'`;
  const settings = { what, place: entry.keyPlace, ...(hint === undefined ? {} : { hint }) };
  if (node.kind === 'map') return readFields(kind.options, node, context, settings);
  if (node.kind === 'scalar' && node.value === null) {
    const empty: MapNode = { kind: 'map', entries: [], place: entry.keyPlace };
    return readFields(kind.options, empty, context, { what });
  }
  if (kind.main === undefined) {
    const expected = Object.keys(kind.options).length === 0 ? 'an empty map {}' : 'a map of options';
    return mismatch({ ...context, name: kind.kind }, node, {
      code: 'wrong-type',
      expected,
      hint: asOption(kind, node),
    });
  }
  const short: MapNode = {
    kind: 'map',
    entries: [{ key: kind.main, keyPlace: entry.keyPlace, value: node }],
    place: node.place,
  };
  return readFields(kind.options, short, context, { what, place: entry.keyPlace });
}

/** `process: /run/x.pid` as the option that takes it. */
function asOption(
  { kind, options }: { readonly kind: string; readonly options: Fields },
  node: Node,
): string | undefined {
  if (node.kind !== 'scalar' || node.secret !== undefined) return undefined;
  const type = node.source.startsWith('/') ? 'path' : 'text';
  const name = Object.keys(options).find((one) => options[one]?.type === type);
  return name === undefined ? undefined : `write ${kind}: { ${name}: ${node.source.slice(0, 60)} }`;
}

/** The values of fields of which none is required: what an empty map reads as. */
export function defaultsOf(fields: Fields): Readonly<Record<string, unknown>> {
  const missing = Object.entries(fields).find(([, field]) => field.presence === 'required');
  if (missing !== undefined) throw new Error(`the field '${missing[0]}' has no default`);
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, field]) => field.presence === 'default')
      .map(([name, field]) => [name, field.defaultValue]),
  );
}

/** Reports a key that nothing reads, with the nearest word that something does. */
export function reportUnknownKey(
  entry: MapEntry,
  words: readonly string[],
  context: ReadContext,
  { what, hint }: Pick<ReadSettings, 'what' | 'hint'> = {},
): void {
  const known =
    words.length === 0 ? 'there is nothing to set here' : `known here: ${[...words].sort().join(', ')}`;
  context.report({
    level: 'error',
    code: 'unknown-key',
    message: `unknown key '${entry.key}'${what === undefined ? '' : ` in ${what}`}`,
    place: entry.keyPlace,
    hint: hint?.(entry.key) ?? didYouMean(entry.key, words) ?? known,
  });
}

function reportMissing(
  name: string,
  field: Field<unknown>,
  place: Place,
  context: ReadContext,
  what?: string,
): void {
  context.report({
    level: 'error',
    code: 'missing-key',
    message: `${what === undefined ? '' : `${what}: `}'${name}' is missing (${field.type})`,
    place,
    hint: `add ${name}: ${field.example ?? `<${field.type}>`}`,
  });
}
