import type { CharacterSet } from './character-set.ts';

/** What a pattern says, as a tree. */
export type PatternNode =
  | { readonly node: 'set'; readonly set: CharacterSet }
  | { readonly node: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly node: 'choice'; readonly options: readonly PatternNode[] }
  | {
      readonly node: 'repeat';
      readonly of: PatternNode;
      readonly min: number;
      readonly max: number;
      /** Rather fewer than more. */
      readonly lazy?: true;
    }
  | { readonly node: 'assert'; readonly assertion: Assertion };

export type Assertion = 'text-start' | 'text-end' | 'line-start' | 'line-end' | 'boundary' | 'no-boundary';

export interface PatternFlags {
  /** `i` */
  readonly ignoreCase: boolean;
  /** `m`: `^` and `$` also match at lines. */
  readonly multiline: boolean;
  /** `s`: the dot also matches line ends. */
  readonly dotAll: boolean;
}

/** Why a pattern cannot be used, with the place of the fault in it. */
export interface PatternFault {
  readonly message: string;
  readonly hint?: string;
  /** Offset in the pattern; at or after its end for faults of the flags. */
  readonly at: number;
  readonly length: number;
}

/** Thrown inside this folder only; `compileRegex` turns it into a value. */
export class PatternError extends Error {
  readonly fault: PatternFault;

  constructor(message: string, at: number, length = 1, hint?: string) {
    super(message);
    this.fault = { message, at, length, ...(hint !== undefined && { hint }) };
  }
}
