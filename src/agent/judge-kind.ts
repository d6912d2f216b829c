import { judge } from '../conditions/judge.ts';
import type { Kinds } from '../config/kinds.ts';
import type { Judge } from '../engine/judge.ts';

/** The judge of the engine, with what each kind of check declares of its readings: units and what to name first. */
export function judgeOf(kinds: Kinds['checks']): Judge {
  return (rules, result, memory, at) => {
    const kind = 'kind' in rules && typeof rules.kind === 'string' ? kinds[rules.kind] : undefined;
    const declared = kind === undefined ? {} : { headline: kind.headline, fields: kind.readings };
    return judge({ expect: rules.expect, warn: rules.warn, ...declared }, result, memory, at);
  };
}
