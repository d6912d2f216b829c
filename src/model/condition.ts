import type { Measure } from '../lib/quantity.ts';

/** A compiled condition: plain data, so that it can be compared on reload and stored. Owned by `conditions/`. */
export interface Condition {
  /** As the user wrote it (with secrets never in it: conditions are not interpolated from secrets). */
  readonly text: string;
  readonly expression: Expression;
  /** `clear at 400 MB`: once the condition alarmed, this is what is asked instead, until it no longer alarms. */
  readonly clear?: Expression;
}

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type TextOperator = 'contains' | 'starts with' | 'ends with';

/** `pNN` is a percentile; see `conditions/reference.ts` for what each one means. */
export type WindowFunction = 'avg' | 'min' | 'max' | 'rate' | 'delta' | 'count' | 'full_in' | `p${number}`;

/** The tree of a checked expression. Numbers are in base units; `text` keeps a literal as it is printed: `500 ms`. */
export type Expression =
  | { readonly node: 'number'; readonly value: number; readonly measure: Measure; readonly text: string }
  | { readonly node: 'text'; readonly value: string }
  | { readonly node: 'flag'; readonly value: boolean }
  /** `null`: also what a JSON path yields that leads nowhere. */
  | { readonly node: 'nothing' }
  | ReadingExpression
  | {
      readonly node: 'compare';
      readonly operator: ComparisonOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly node: 'in'; readonly operand: Expression; readonly items: readonly Expression[] }
  | {
      readonly node: 'text-test';
      readonly operator: TextOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly node: 'matches';
      readonly operand: Expression;
      readonly pattern: string;
      readonly flags: string;
    }
  | { readonly node: 'exists'; readonly operand: ReadingExpression }
  | { readonly node: 'changed'; readonly operand: ReadingExpression }
  | { readonly node: 'unchanged'; readonly operand: ReadingExpression }
  | { readonly node: 'and' | 'or'; readonly terms: readonly Expression[] }
  | { readonly node: 'not'; readonly operand: Expression }
  | {
      readonly node: 'arithmetic';
      readonly operator: '+' | '-' | '*' | '/';
      readonly left: Expression;
      readonly right: Expression;
      readonly measure: Measure;
    }
  | { readonly node: 'negative'; readonly operand: Expression; readonly measure: Measure }
  | WindowExpression
  /** Time since (`age`) or until a timestamp. */
  | { readonly node: 'age' | 'until'; readonly operand: Expression; readonly measure: Measure }
  | { readonly node: 'length'; readonly operand: Expression; readonly measure: Measure }
  /** A number as percent of the reading that holds its total; written as the number alone. */
  | {
      readonly node: 'share';
      readonly operand: Expression;
      readonly total: string;
      readonly measure: Measure;
    };

export interface ReadingExpression {
  readonly node: 'reading';
  readonly name: string;
  readonly type: 'number' | 'text' | 'flag' | 'json' | 'map' | 'list';
  /** Below a `json`, `map` or `list`: `json.path[0].to`. */
  readonly path?: readonly (string | number)[];
  readonly measure?: Measure;
}

export interface WindowExpression {
  readonly node: 'window';
  readonly function: WindowFunction;
  readonly operand: Expression;
  /** Milliseconds. */
  readonly window: number;
  /** The window as printed: `5m`. */
  readonly windowText: string;
  readonly measure: Measure;
  /** For `full_in`: the reading that says where full is. */
  readonly reaches?: string;
  /** The declared reading that this forecast stands for; it is then written as that name alone. */
  readonly name?: string;
}

/**
 * What conditions remember from one cycle to the next (last values, window samples, which ones are tripped).
 * Plain JSON data owned by `conditions/evaluate/memory.ts`; the engine stores it with the check and hands it back.
 */
export type ConditionMemory = Readonly<Record<string, unknown>>;
