import type { Condition, ConditionMemory } from '../model/condition.ts';
import type { Judgement, ProbeResult } from '../model/reading.ts';

/** Turns what a probe brought back into a verdict with its reasons; `at` is `now`. See `conditions/judge.ts`. */
export type Judge = (
  conditions: { readonly expect: readonly Condition[]; readonly warn: readonly Condition[] },
  result: ProbeResult,
  memory: ConditionMemory,
  at: number,
) => { readonly judgement: Judgement; readonly memory: ConditionMemory };
