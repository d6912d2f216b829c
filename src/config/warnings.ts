import type { Problem } from '../schema/problem.ts';
import type { Drafts } from './check-names.ts';
import type { Kinds } from './kinds.ts';

/** What is looked at together. */
export interface WarningContext {
  readonly kinds: Kinds;
  /** Rule files without their watcher.yaml: who is told stands elsewhere. */
  readonly alone: boolean;
  /** Every service could be read. */
  readonly whole: boolean;
}

/** What is no mistake of language but will not do what was meant. */
export function warnings(_drafts: Drafts, _context: WarningContext): readonly Problem[] {
  return [];
}
