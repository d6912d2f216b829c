import type { Problem } from '../../schema/problem.ts';
import { usedBy } from '../resolve/draft.ts';
import { withUse } from '../templates/templates.ts';
import { checkCommands } from './commands.ts';
import { checkConditions } from './conditions.ts';
import type { Looking } from './looking.ts';
import { checkCrossRestarts, checkRepairs, checkSameManager } from './repairs.ts';
import { checkBudgets, checkTimes } from './times.ts';
import { checkTold } from './told.ts';
import { checkWindows } from './windows.ts';

/** What is no mistake of language but will not do what was meant, or cannot work at all. */
export function warnings(looking: Looking): readonly Problem[] {
  const looks = [
    checkTimes,
    checkBudgets,
    checkRepairs,
    checkSameManager,
    checkCrossRestarts,
    checkCommands,
    checkConditions,
    checkWindows,
    checkTold,
  ];
  const used = usedBy(looking.drafts.services);
  // What is about one check has its own use already.
  return looks.flatMap((look) => look(looking)).map((problem) => withUse(problem, used));
}
