import type { Node } from './node.ts';
import type { Place } from './place.ts';
import type { Problem } from './problem.ts';

/** Draft-07 JSON Schema, as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What reading a value needs besides the value: where to put problems. Returns nothing once it reported one. */
export interface ReadContext {
  report(problem: Problem): void;
  /**
   * Told of every text that must never be printed, with where it came from (`${file:/etc/key}`, `api.yaml:3:9`) and where it
   * stands openly in rule files.
   */
  secret?(text: string, source: string, places?: readonly Place[]): void;
  /** Key of the option being read, for messages: `'timeout' must be ...`. */
  readonly name?: string;
  /** A sentence about what is wrong with a cron pattern or its time zone, or nothing. */
  readonly cronProblem?: (cron: string, timezone?: string) => string | undefined;
  /** Folder that `~` stands for; without it such paths are a problem. */
  readonly home?: string;
}

export type Presence = 'required' | 'optional' | 'default';

/**
 * One option as a kind declares it: reads itself from a YAML node, describes itself for the schema and the reference.
 * The type of a kind's options is inferred from its fields (`OptionsOf`).
 */
export interface Field<T, P extends Presence = Presence> {
  /** The value, or undefined after at least one problem was reported. */
  read(node: Node, context: ReadContext): T | undefined;
  /** Whether the node has the shape of this field, so that `either` can choose; says nothing of the value being right. */
  fits(node: Node): boolean;
  /** A value as a user would write it; `***` for a secret. */
  print(value: T): string;
  readonly schema: JsonSchema;
  /** `duration`, `list of text`: for the reference and for messages. */
  readonly type: string;
  readonly summary: string;
  readonly presence: P;
  /** The default as a user would write it. */
  readonly defaultText?: string;
  readonly defaultValue?: T;
  readonly example?: string;
  /** Its text may be a secret: never printed. */
  readonly secret?: boolean;
  /** The fields below it, for the reference: of a group. */
  readonly fields?: Fields;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;

/** The type of a field's value. */
export type ValueOf<F> = F extends Field<infer T> ? T : never;

/** The value of a set of fields: optional ones may be absent, those with defaults never are. */
export type OptionsOf<F extends Fields> = {
  readonly [K in keyof F as F[K] extends { readonly presence: 'optional' } ? never : K]: ValueOf<F[K]>;
} & {
  readonly [K in keyof F as F[K] extends { readonly presence: 'optional' } ? K : never]?: ValueOf<F[K]>;
};
