import type { CheckState, ServiceState } from '../../model/state.ts';

/** After a time in which nothing was a failure: what was bad before it and what is bad now are not one run. */
export function countAfresh(state: CheckState, now: number): CheckState {
  // What is down stays down until it has recovered; good readings counted meanwhile, too.
  if (state.level === 'failing' || state.samples.length === 0) return state;
  return {
    ...state,
    countFrom: now,
    turned: { warning: now, failing: now },
    failingSince: state.level === 'ok' ? undefined : state.failingSince,
  };
}

/** After `gap` milliseconds in which nothing could be told: a run of readings goes on, but is no longer for that time. */
export function withoutGap(state: CheckState, gap: number): CheckState {
  const { turned, unknownSince } = state;
  return {
    ...state,
    turned: { warning: turned.warning + gap, failing: turned.failing + gap },
    unknownSince: unknownSince === undefined ? undefined : unknownSince + gap,
  };
}

/** The checks of a service, each as `change` makes it. */
export function mapChecks(
  service: ServiceState,
  change: (state: CheckState) => CheckState,
): ServiceState['checks'] {
  return Object.fromEntries(Object.entries(service.checks).map(([name, state]) => [name, change(state)]));
}
