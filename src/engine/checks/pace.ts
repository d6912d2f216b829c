import type { Check } from '../../model/service.ts';
import type { CheckState, ServiceState } from '../../model/state.ts';
import { edit, incidentOf, serviceOf, type Work } from '../work.ts';

/** While something comes up, or is about to be up again, it is looked at this often. Milliseconds. */
const QUICK = 1000;

/** Asks for a faster pace where it helps to know soon, and for the check's own again afterwards. */
export function keepPace(work: Work, name: string): void {
  const service = serviceOf(work, name);
  const indexed = work.index.services.get(name);
  if (!service || !indexed) return;
  let checks: Record<string, CheckState> | undefined;
  for (const check of indexed.service.checks) {
    const state = service.checks[check.name];
    if (!state) continue;
    const every = wantedPace(work, service, check, state);
    if (every === state.pace) continue;
    checks ??= { ...service.checks };
    checks[check.name] = { ...state, pace: every };
    work.actions.push({
      do: 'pace',
      service: name,
      check: check.name,
      ...(every !== undefined && { every }),
    });
  }
  if (checks) edit(work, name, { checks });
}

function wantedPace(work: Work, service: ServiceState, check: Check, state: CheckState): number | undefined {
  const own = 'every' in check.cadence ? check.cadence.every : Number.POSITIVE_INFINITY;
  const faster = (pace: number) => (pace < own ? pace : undefined);
  const { startup, repair } = service;
  const verdict = state.judgement?.verdict;
  if (startup?.required.includes(check.name)) return faster(QUICK);
  // The trial has begun, or is over, and the check passes: soon it is known to be up.
  const onTrial = repair.verifying !== undefined && verdict !== 'failing';
  if (state.level !== 'ok' && (onTrial || (verdict === 'ok' && hasHeld(work, state)))) return faster(QUICK);
  const undecided =
    state.state === 'failing' ||
    (state.state === 'warning' && state.level === 'ok') ||
    (state.level !== 'ok' && verdict === 'ok');
  return undecided && check.retryEvery !== undefined ? faster(check.retryEvery) : undefined;
}

/** Whether the last repair that was made for it held. */
function hasHeld(work: Work, { incident }: CheckState): boolean {
  return incidentOf(work, incident)?.repairs.at(-1)?.outcome === 'held';
}
