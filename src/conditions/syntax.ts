import type { Measure } from '../lib/quantity.ts';
import type { ComparisonOperator, TextOperator } from '../model/condition.ts';

/** Where something stands in the text of a condition: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What was written, before anything is known of readings and types. */
export type Syntax = Span &
  (
    | NumberSyntax
    | { readonly node: 'text'; readonly value: string }
    | { readonly node: 'flag'; readonly value: boolean }
    | { readonly node: 'nothing' }
    | PathSyntax
    | {
        readonly node: 'compare';
        readonly operator: ComparisonOperator;
        readonly left: Syntax;
        readonly right: Syntax;
      }
    | { readonly node: 'in'; readonly operand: Syntax; readonly items: readonly Syntax[] }
    | {
        readonly node: 'text-test';
        readonly operator: TextOperator;
        readonly left: Syntax;
        readonly right: Syntax;
      }
    | {
        readonly node: 'matches';
        readonly operand: Syntax;
        readonly pattern: string;
        readonly flags: string;
        /** Where the first character of the pattern stands. */
        readonly patternStart: number;
      }
    | { readonly node: 'exists' | 'changed' | 'unchanged'; readonly operand: Syntax }
    | { readonly node: 'and' | 'or'; readonly terms: readonly Syntax[] }
    | { readonly node: 'not'; readonly operand: Syntax }
    | { readonly node: 'negative'; readonly operand: Syntax }
    | {
        readonly node: 'arithmetic';
        readonly operator: '+' | '-' | '*' | '/';
        readonly left: Syntax;
        readonly right: Syntax;
      }
    | { readonly node: 'call'; readonly name: string; readonly arguments: readonly Syntax[] }
  );

export interface NumberSyntax {
  readonly node: 'number';
  /** In base units. */
  readonly value: number;
  /** Absent for a bare number. */
  readonly measure?: Measure;
  /** As it is printed: `500 ms`. */
  readonly text: string;
}

export interface PathSyntax {
  readonly node: 'path';
  readonly name: string;
  readonly path: readonly (string | number)[];
}

/** A mistake in the text of a condition; it becomes a problem once the place of the text is added. */
export interface Mistake extends Span {
  readonly level?: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}
