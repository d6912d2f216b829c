/** A compiled condition: plain data, so that it can be compared on reload and stored. Owned by `conditions/`. */
export interface Condition {
  /** As the user wrote it (with secrets never in it: conditions are not interpolated from secrets). */
  readonly text: string;
  readonly expression: Expression;
  /** `clear at 400 MB`: once it failed, it holds again only when this holds. */
  readonly clear?: Expression;
}

/** The tree of an expression; see `conditions/ast.ts` for its nodes. */
export type Expression = { readonly node: string } & Readonly<Record<string, unknown>>;

/**
 * What conditions remember from one cycle to the next (last values, window samples, which ones are tripped).
 * Plain JSON data owned by `conditions/`; the engine stores it with the check and hands it back.
 */
export type ConditionMemory = Readonly<Record<string, unknown>>;
