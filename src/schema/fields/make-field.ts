import type { Field, JsonSchema, Presence, ReadContext } from '../field.ts';
import type { Node } from '../node.ts';

/** What every field builder takes. `D` is how a default is given: as text for what has units, else as the value. */
export interface Settings<D> {
  /** One sentence for the reference and for hover text. Only items of lists and records may go without. */
  readonly summary: string;
  /** Taken when the user says nothing. */
  readonly default?: D;
  /** The user may say nothing, and then there is no value. */
  readonly optional?: true;
  readonly example?: string;
}

/** Which presence follows from the settings, as a type: `OptionsOf` needs it. */
export type PresenceOf<S> = S extends { readonly optional: true }
  ? 'optional'
  : S extends { readonly default: unknown }
    ? 'default'
    : 'required';

/** What a builder knows of its field. */
export interface Shape<T, D> {
  readonly type: string;
  readonly schema: JsonSchema;
  readonly secret?: boolean;
  readonly fields?: Field<unknown>['fields'];
  read(node: Node, context: ReadContext): T | undefined;
  fits(node: Node): boolean;
  /** The value of a default; a default that is not a value of the field is a bug in the declaration. */
  value(fallback: D): T;
  /** The default as a user would write it. */
  write(fallback: D): string;
  /** A value as a user would write it; as JSON if absent. */
  print?(value: T): string;
}

/** Settings of a field that stands for the items of a list: nothing to say. */
export const plain = { summary: '' } as const;

/** Builds a field from its settings and its shape. */
export function makeField<T, D, S extends Settings<D>>(
  settings: S,
  shape: Shape<T, D>,
): Field<T, PresenceOf<S>> {
  const fallback = settings.default;
  const presence: Presence =
    settings.optional === true ? 'optional' : fallback === undefined ? 'required' : 'default';
  return {
    read: shape.read,
    fits: shape.fits,
    print: (value) => printValue(value, shape),
    type: shape.type,
    summary: settings.summary,
    presence: presence as PresenceOf<S>,
    schema: describe(settings, shape, fallback),
    ...(shape.secret === true ? { secret: true } : {}),
    ...(shape.fields === undefined ? {} : { fields: shape.fields }),
    ...(settings.example === undefined ? {} : { example: settings.example }),
    ...(fallback === undefined
      ? {}
      : { defaultText: shape.write(fallback), defaultValue: shape.value(fallback) }),
  };
}

function printValue<T, D>(value: T, shape: Shape<T, D>): string {
  if (shape.print !== undefined) return shape.print(value);
  if (shape.secret === true) return '***';
  return typeof value === 'string' ? quoteIfNeeded(value) : JSON.stringify(value);
}

/** A text as a user would write it in YAML. */
export function quoteIfNeeded(value: string): string {
  return /^[A-Za-z/~][\w./~@+ -]*$/.test(value) && !/^(true|false|null|~)$|\s$/i.test(value)
    ? value
    : JSON.stringify(value);
}

function describe<D>(settings: Settings<D>, shape: Shape<unknown, D>, fallback: D | undefined): JsonSchema {
  return {
    ...(settings.summary === '' ? {} : { description: settings.summary }),
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(settings.example === undefined ? {} : { examples: [settings.example] }),
    ...shape.schema,
  };
}
