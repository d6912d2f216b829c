import { getFromShelf } from '../../lib/shelf.ts';
import type { Incident } from '../../model/incident.ts';
import type { CheckState, EngineState, ServiceState } from '../../model/state.ts';

/**
 * Since when a check is as it is, as people count it: trouble begins with its first bad reading, not with the one that
 * made it count. Notices, incidents, `summary`, `status` and `why` all say this time.
 */
export function checkSince(check: CheckState, incident: Incident | undefined): number {
  const { state, since, level } = check;
  switch (state) {
    case 'down':
      return incident === undefined ? (check.failingSince ?? since) : downSince(incident);
    case 'failing':
      return level === 'ok' ? (check.failingSince ?? since) : check.turned.failing;
    case 'warning':
      return incident?.about === 'failing' ? since : (check.failingSince ?? since);
    case 'unknown':
      return check.unknownSince ?? since;
    default:
      return since;
  }
}

/** The same for a service: the earliest of the checks that make it what it is. */
export function serviceSince(service: ServiceState, state: Pick<EngineState, 'incidents'>): number {
  const worst = Object.values(service.checks).filter((check) => check.state === service.state);
  const begins = worst.map((check) =>
    checkSince(
      check,
      check.incident === undefined ? undefined : getFromShelf(state.incidents, check.incident),
    ),
  );
  return begins.length === 0 ? service.since : Math.min(...begins);
}

/** Since when it is as bad as it is: an incident may have begun as a warning. */
export function downSince({ worseSince, failingSince }: Incident): number {
  return worseSince ?? failingSince;
}
