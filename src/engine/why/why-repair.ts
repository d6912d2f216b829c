import { formatDuration } from '../../lib/duration.ts';
import type { ServiceState } from '../../model/state.ts';
import type { IndexedService } from '../config-index.ts';
import { attemptsLeft, budgetFreesAt, recentAttempts, secondTryAt } from '../repairs/budget.ts';
import type { Work } from '../work.ts';

/** What the repair budget has to say, where it has been touched. */
export function whyNoRepair(work: Work, indexed: IndexedService, service: ServiceState): readonly string[] {
  const { budget } = indexed.service;
  const { repair } = service;
  const { now } = work.at;
  const used = recentAttempts(repair, budget, now).length;
  const lines: string[] = [];
  if (used > 0) {
    const frees = formatDuration(Math.max(0, budgetFreesAt(repair, budget, now) - now));
    const spent = attemptsLeft(repair, budget, now) === 0 ? `; the next one is free in ${frees}` : '';
    lines.push(
      `${used} of ${budget.attempts} repairs in ${formatDuration(budget.window)} are spent${spent}.`,
    );
  }
  if (repair.stoodDownAt !== undefined) {
    const again = secondTryAt(repair, budget, now);
    const what =
      again === undefined
        ? '`watcher monitor` or `watcher restart` starts over'
        : `one more try in ${formatDuration(Math.max(0, again - now))}`;
    lines.push(`It stood down ${formatDuration(now - repair.stoodDownAt)} ago; ${what}.`);
  } else if (repair.notBefore > now) {
    const wait = formatDuration(repair.notBefore - now);
    lines.push(`After ${repair.failures} repairs that did not help, the next one waits another ${wait}.`);
  }
  return lines;
}
