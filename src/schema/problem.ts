import type { Place } from './place.ts';

/** A mistake in a user's file. Collected, never thrown; printed as frames by `schema/frame.ts`. */
export interface Problem {
  readonly level: 'error' | 'warning';
  /** Stable kebab-case id: `unknown-key`, `missing-unit`. */
  readonly code: string;
  /** One sentence: what is wrong and what was expected. */
  readonly message: string;
  readonly place?: Place;
  /** The fix: `did you mean 'timeout'?`, `run: chmod 600 rules/api.yaml`. */
  readonly hint?: string;
  /** Other places that belong to it: the first of two duplicates, the use of a template. */
  readonly related?: readonly { readonly place: Place; readonly message: string }[];
}
