import { isTimeless, judge } from '../conditions/judge.ts';
import type { Kinds } from '../config/kinds.ts';
import type { Judge } from '../engine/judge.ts';
import type { Reading } from '../model/reading.ts';

type Rules = Parameters<Judge>[0];

/** What was last said of a check, and of which reading. */
interface Said {
  readonly reading: Reading;
  readonly judged: ReturnType<Judge>;
}

/**
 * The judge of the engine, with what each kind of check declares of its readings: units and what to name first. A probe
 * that brings the very same reading again (nothing was measured anew) is told the same again, where conditions look at
 * nothing but the reading.
 */
export function judgeOf(kinds: Kinds['checks']): Judge {
  const said = new WeakMap<Rules, Said>();
  return (rules, result, memory, at) => {
    const last = said.get(rules);
    if (last !== undefined && result.outcome === 'read' && result.reading === last.reading)
      return last.judged.memory === memory ? last.judged : { ...last.judged, memory };
    const kind = 'kind' in rules && typeof rules.kind === 'string' ? kinds[rules.kind] : undefined;
    const declared = kind === undefined ? {} : { headline: kind.headline, fields: kind.readings };
    const judged = judge({ expect: rules.expect, warn: rules.warn, ...declared }, result, memory, at);
    if (result.outcome === 'read' && isTimeless(rules)) said.set(rules, { reading: result.reading, judged });
    return judged;
  };
}
