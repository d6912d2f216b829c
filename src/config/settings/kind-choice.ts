import { didYouMean, nearestWord } from '../../lib/nearest.ts';
import type { Choice } from '../../model/service.ts';
import type { Field, Fields, JsonSchema, ReadContext } from '../../schema/field.ts';
import { printFields } from '../../schema/fields/group.ts';
import { makeField, type PresenceOf, type Settings } from '../../schema/fields/make-field.ts';
import { mismatch } from '../../schema/fields/mismatch.ts';
import { fieldsSchema } from '../../schema/fields-schema.ts';
import { unnamedContext } from '../../schema/named-context.ts';
import type { MapEntry, Node } from '../../schema/node.ts';
import { readOptions } from '../../schema/read-fields.ts';

/** What all registries' kinds have in common for a rule file. */
export interface OptionKind {
  readonly kind: string;
  readonly summary: string;
  readonly options: Fields;
  readonly main?: string;
  /** Options of which at least one has to be given. */
  readonly oneOf?: readonly string[];
}

/** `{ systemd: api.service }`: one key that names a kind, and its options. */
export function kindChoice<const S extends Settings<never>>(
  kinds: Readonly<Record<string, OptionKind>>,
  noun: string,
  settings: S,
): Field<Choice, PresenceOf<S>> {
  return makeField<Choice, never, S>(settings, {
    type: noun,
    schema: {
      type: 'object',
      properties: kindProperties(kinds),
      // Said with maxProperties, the YAML language server would offer nothing on the empty line of the first one.
      oneOf: Object.keys(kinds).map((kind) => ({ required: [kind] })),
      additionalProperties: false,
    },
    fits: (node) => node.kind === 'map',
    value: (fallback) => fallback,
    write: String,
    print: (choice) => `{ ${choice.kind}: ${printOptions(kinds, choice)} }`,
    read: (node, context) => readChoice(node, kinds, noun, context),
  });
}

/** The options of a kind below its key, also as the plain value of its main option. */
export function kindSchema(kind: OptionKind): JsonSchema {
  const options = fieldsSchema(kind.options);
  const main = kind.main === undefined ? undefined : kind.options[kind.main];
  const bare = options['required'] === undefined && kind.oneOf === undefined ? [{ type: 'null' }] : [];
  const plain = main === undefined ? bare : [main.schema, ...bare];
  const oneOf = kind.oneOf?.map((name) => ({ required: [name] }));
  const map = oneOf === undefined ? options : { ...options, anyOf: oneOf };
  return {
    description: kind.summary,
    ...(plain.length === 0 ? map : { anyOf: [map, ...plain] }),
  };
}

/** The options of a choice on one line; those with a `main` option alone as that. */
export function printOptions(kinds: Readonly<Record<string, OptionKind>>, choice: Choice): string {
  const kind = kindNamed(kinds, choice.kind);
  if (kind === undefined) return '{}';
  const { options } = choice;
  const set = Object.keys(options).filter((name) => options[name] !== undefined);
  const main = kind.main === undefined ? undefined : kind.options[kind.main];
  const alone = kind.main !== undefined && set.length === 1 && set[0] === kind.main;
  if (main !== undefined && alone) return main.print(options[kind.main ?? '']);
  return printFields(kind.options, options);
}

/** One property for each kind. */
export function kindProperties(
  kinds: Readonly<Record<string, OptionKind>>,
): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(Object.values(kinds).map((kind) => [kind.kind, kindSchema(kind)]));
}

/** The kind of that name, never something that every object has. */
export function kindNamed<K>(kinds: Readonly<Record<string, K>>, name: string): K | undefined {
  return Object.hasOwn(kinds, name) ? kinds[name] : undefined;
}

/** The options of the kind that an entry names. */
export function readKind(
  kind: OptionKind,
  entry: MapEntry,
  context: ReadContext,
  hint?: (key: string) => string | undefined,
): Choice | undefined {
  const options: Readonly<Record<string, unknown>> | undefined = readOptions(
    kind,
    entry,
    unnamedContext(context),
    hint,
  );
  if (options === undefined) return undefined;
  const { oneOf } = kind;
  if (oneOf !== undefined && !oneOf.some((name) => isGiven(options[name]))) {
    const [first = ''] = oneOf;
    context.report({
      level: 'error',
      code: 'missing-key',
      message: `'${kind.kind}' does not say which: one of ${oneOf.join(', ')} is missing`,
      place: entry.keyPlace,
      hint: `add ${first}: ${kind.options[first]?.example ?? '...'}`,
    });
    return undefined;
  }
  return { kind: kind.kind, options };
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined;
}

/** What to do about an option of a kind that stands beside it. */
export function optionHint(
  kind: OptionKind,
  where: 'check' | 'defaults',
): (key: string) => string | undefined {
  return (key) => {
    if (!Object.hasOwn(kind.options, key)) return undefined;
    const main =
      where === 'check' && kind.main !== undefined && kind.main !== key ? `${kind.main}: ..., ` : '';
    return `'${key}' is an option of ${kind.kind}: write ${kind.kind}: { ${main}${key}: ... }`;
  };
}

function readChoice(
  node: Node,
  kinds: Readonly<Record<string, OptionKind>>,
  noun: string,
  context: ReadContext,
): Choice | undefined {
  const entries = node.kind === 'map' ? node.entries : [];
  const entry = entries[0];
  const second = entries[1];
  if (entry === undefined) {
    const words = Object.keys(kinds);
    const word = node.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
    const [first = '', ...rest] = word?.trim().split(/[\s:]+/) ?? [];
    const near = nearestWord(first, words);
    return mismatch(context, node, {
      code: 'wrong-type',
      expected: `a map with one ${noun} (${words.join(', ')})`,
      hint: near === undefined ? undefined : `write { ${near}: ${rest.join(' ').slice(0, 60) || '...'} }`,
    });
  }
  const kind = kindNamed(kinds, entry.key);
  if (kind === undefined) {
    const words = Object.keys(kinds);
    context.report({
      level: 'error',
      code: 'unknown-kind',
      message: `there is no ${noun} '${entry.key}'`,
      place: entry.keyPlace,
      hint: didYouMean(entry.key, words) ?? `known: ${words.join(', ')}`,
    });
    return undefined;
  }
  if (second !== undefined) {
    context.report({
      level: 'error',
      code: 'two-kinds',
      message: `only one ${noun} is possible, found '${entry.key}' and '${second.key}'`,
      place: second.keyPlace,
      related: [{ place: entry.keyPlace, message: 'the first one' }],
    });
    return undefined;
  }
  return readKind(kind, entry, context);
}
