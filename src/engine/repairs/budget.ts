import type { RepairBudget } from '../../model/service.ts';
import type { RepairState } from '../../model/state.ts';

/** A service that was never repaired; every field by name (see `state/initial.ts`). */
export const freshRepair: Required<RepairState> = {
  attempts: [],
  check: undefined,
  rung: 0,
  failures: 0,
  notBefore: 0,
  verifying: undefined,
  stoodDownAt: undefined,
  secondTries: 0,
  askedAt: undefined,
  healthySince: undefined,
};

/** Starts of repairs that still count: the window slides, and a repair leaves it exactly `window` after its start. */
export function recentAttempts(repair: RepairState, budget: RepairBudget, now: number): readonly number[] {
  const { attempts } = repair;
  const [oldest] = attempts;
  const begin = now - budget.window;
  // Asked for several times in each step, and mostly they all count.
  return oldest === undefined || oldest > begin ? attempts : attempts.filter((at) => at > begin);
}

/** How many repairs may begin now. */
export function attemptsLeft(repair: RepairState, budget: RepairBudget, now: number): number {
  return Math.max(0, budget.attempts - recentAttempts(repair, budget, now).length);
}

/** When the oldest repair leaves the window and there is room for one more. */
export function budgetFreesAt(repair: RepairState, budget: RepairBudget, now: number): number {
  const recent = recentAttempts(repair, budget, now);
  const over = recent.length - budget.attempts;
  return over < 0 ? now : (recent[over] ?? now) + budget.window;
}

/** A repair begins: it is spent, whatever becomes of it. */
export function spend(repair: RepairState, budget: RepairBudget, now: number): readonly number[] {
  return [...recentAttempts(repair, budget, now), now];
}

/** Health for as long as the budget's window forgives what was before: first rung, no backoff. */
export function forgive(repair: RepairState, budget: RepairBudget, brokenSince: number): RepairState {
  const { healthySince } = repair;
  if (healthySince === undefined) return repair;
  const sustained = brokenSince - healthySince >= budget.window;
  if (!sustained) return { ...repair, healthySince: undefined };
  return { ...freshRepair, attempts: repair.attempts };
}

/** When a service that stood down may be tried once more; undefined when only a human or recovery can end it. */
export function secondTryAt(repair: RepairState, budget: RepairBudget, now: number): number | undefined {
  const { stoodDownAt, secondTries } = repair;
  if (stoodDownAt === undefined || budget.retryAfter === undefined || secondTries >= budget.retryTimes) {
    return undefined;
  }
  return Math.max(stoodDownAt + budget.retryAfter, budgetFreesAt(repair, budget, now));
}
