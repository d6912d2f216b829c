import type { Node } from './node.ts';
import type { Problem } from './problem.ts';

/** Draft-07 JSON Schema, as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What reading a value needs besides the value: where to put problems. Returns nothing once it reported one. */
export interface ReadContext {
  report(problem: Problem): void;
}

/**
 * One option as a kind declares it: reads itself from a YAML node, describes itself for the schema and the reference.
 * The type of a kind's options is inferred from its fields (`OptionsOf`).
 */
export interface Field<T> {
  /** The value, or undefined after at least one problem was reported. */
  read(node: Node, context: ReadContext): T | undefined;
  readonly schema: JsonSchema;
  /** `duration`, `list of text`: for the reference and for messages. */
  readonly type: string;
  readonly summary: string;
  readonly presence: 'required' | 'optional' | 'default';
  /** The default as a user would write it. */
  readonly defaultText?: string;
  readonly defaultValue?: T;
  /** Its text may be a secret: never printed. */
  readonly secret?: boolean;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;

/** The value of a set of fields: optional ones may be absent, those with defaults never are. */
export type OptionsOf<F extends Fields> = {
  readonly [K in keyof F as F[K] extends { readonly presence: 'optional' } ? never : K]: F[K] extends Field<
    infer T
  >
    ? T
    : never;
} & {
  readonly [K in keyof F as F[K] extends { readonly presence: 'optional' } ? K : never]?: F[K] extends Field<
    infer T
  >
    ? T
    : never;
};
