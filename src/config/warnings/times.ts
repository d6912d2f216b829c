import { formatDuration } from '../../lib/duration.ts';
import { writeDuration } from '../../schema/fields/units.ts';
import type { Problem } from '../../schema/problem.ts';
import { eachCheck, type Look, nameOf, placeOf } from './looking.ts';

/** Durations that do not fit together. */
export const checkTimes: Look = eachCheck((draft, service) => {
  const { check } = draft;
  const name = (): string => nameOf(draft, service);
  if (!('every' in check.cadence)) return [];
  const { every } = check.cadence;
  const problems: Problem[] = [];
  if (check.timeout > every) {
    problems.push({
      level: 'warning',
      code: 'timeout-over-interval',
      message: `${name()} may look for ${formatDuration(check.timeout)} but is to look every ${formatDuration(every)}: looks will be missed`,
      place: placeOf(draft, 'timeout'),
      hint: `set timeout: below ${writeDuration(every)}, or every: above ${writeDuration(check.timeout)}`,
    });
  }
  if (check.retryEvery !== undefined && check.retryEvery > every) {
    problems.push({
      level: 'warning',
      code: 'slow-retry',
      message: `${name()} looks less often once it fails: every ${formatDuration(check.retryEvery)}, not ${formatDuration(every)}`,
      place: placeOf(draft, 'retry_every'),
    });
  }
  if ('duration' in check.failAfter && check.failAfter.duration < (check.retryEvery ?? every)) {
    problems.push({
      level: 'warning',
      code: 'tolerance-under-interval',
      message: `${name()} fails after ${formatDuration(check.failAfter.duration)} but looks every ${formatDuration(every)}: two looks in a row decide`,
      place: placeOf(draft, 'fail_after'),
    });
  }
  const { hold } = service.service.budget;
  if (check.repair.length > 0 && every > hold) {
    problems.push({
      level: 'warning',
      code: 'hold-under-interval',
      message: `${name()} looks every ${formatDuration(every)}, but a repair counts as held after ${formatDuration(hold)}: before it was looked at again`,
      place: placeOf(draft, 'every'),
      hint: `set repair_budget: { hold: ... } to more than ${writeDuration(every)}`,
    });
  }
  return problems;
});

/** Budgets that can never be spent: the service would be restarted for ever. */
export const checkBudgets: Look = ({ drafts }) =>
  drafts.services.flatMap(({ service, settled, place, origins, checks }): readonly Problem[] => {
    if (!settled) return [];
    const { budget, startTimeout } = service;
    const repairs = checks.some(({ check }) => check.repair.length > 0) && service.mode !== 'passive';
    const pace = startTimeout + budget.backoff.min;
    if (!repairs || budget.attempts * pace <= budget.window) return [];
    return [
      {
        level: 'warning',
        code: 'endless-repairs',
        message: `the repair budget of ${service.name} is never spent: ${budget.attempts} repairs of up to ${formatDuration(pace)} each do not fit into ${formatDuration(budget.window)}`,
        place: origins('repair_budget')?.place ?? origins('start_timeout')?.place ?? place,
        hint: `make it ${budget.attempts} in ${writeDuration(Math.ceil((budget.attempts * pace * 2) / 60_000) * 60_000)}, or shorten start_timeout`,
      },
    ];
  });
