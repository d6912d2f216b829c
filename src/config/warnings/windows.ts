import { windowsOf } from '../../conditions/usage.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { Condition } from '../../model/condition.ts';
import { writeDuration } from '../../schema/fields/units.ts';
import type { Problem } from '../../schema/problem.ts';
import type { CheckDraft } from '../resolve/draft.ts';
import { eachCheck, type Look, nameOf, placeOf } from './looking.ts';

/** Windows that hold too few looks: what is asked of them is decided late, by two values, or never. */
export const checkWindows: Look = eachCheck((draft, service) => {
  const { cadence, expect, warn } = draft.check;
  if (!('every' in cadence)) return [];
  const { every } = cadence;
  const name = (): string => nameOf(draft, service);
  return [
    ...expect.flatMap((condition) => look(condition, every, name, draft, 'expect')),
    ...warn.flatMap((condition) => look(condition, every, name, draft, 'warn')),
  ];
});

function look(
  condition: Condition,
  every: number,
  name: () => string,
  draft: CheckDraft,
  role: 'expect' | 'warn',
): readonly Problem[] {
  const [window] = windowsOf(condition);
  if (window === undefined || every <= window / 2) return [];
  const looks = `${name()} looks every ${formatDuration(every)}, but '${condition.text}' looks back ${formatDuration(window)}`;
  return [
    {
      level: 'warning',
      code: 'window-under-interval',
      message:
        every > window ? `${looks}: it can never be decided` : `${looks}: two looks decide it, at most three`,
      place: placeOf(draft, role),
      hint: `set every: to ${writeDuration(Math.max(1000, Math.floor(window / 10_000) * 1000))} or so, or make the window longer than ${writeDuration(every * 2)}`,
    },
  ];
}
