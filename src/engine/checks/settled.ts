import { isTimeless } from '../../conditions/judge.ts';
import type { Check } from '../../model/service.ts';
import type { CheckState, ServiceState } from '../../model/state.ts';
import { isBeingOperated, isWatched } from '../services/service-state.ts';
import { samplesKept } from './check-state.ts';
import { isNothingNew } from './cycle.ts';
import { isSteady } from './flapping.ts';

/**
 * Whether one more pass that brings the reading of last time would change nothing but times: everything that is kept has
 * passed, no condition looks at when, and nothing waits for the check. Such passes need not be told to the engine at all.
 */
export function isSettled(service: ServiceState, check: Check): boolean {
  const state = service.checks[check.name];
  return (
    state !== undefined &&
    service.state === 'up' &&
    isWatched(service) &&
    !isBeingOperated(service) &&
    isNothingNew(service, state, state) &&
    isWell(state) &&
    state.samples.length >= samplesKept(check) &&
    state.samples.every(({ verdict }) => verdict === 'ok') &&
    (!check.flapping || isSteady(state.flap, 'ok')) &&
    isTimeless(check)
  );
}

/** The last pass was a good one, and began nothing that goes on. */
function isWell({ outcome, judgement, failingSince, unknownSince }: CheckState): boolean {
  return (
    outcome === 'read' &&
    judgement?.verdict === 'ok' &&
    failingSince === undefined &&
    unknownSince === undefined
  );
}
