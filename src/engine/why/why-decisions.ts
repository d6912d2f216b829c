import { formatDuration } from '../../lib/duration.ts';
import type { CheckState, Decision, Decisions, ServiceState } from '../../model/state.ts';
import { incidentOf, type Work } from '../work.ts';

/**
 * The last decisions done, and those not done that nothing has followed since. What was not done counts until it was
 * done after all, for the same check. What belongs to an incident that is over is marked so: it answers the question of
 * the morning after.
 */
export function lastDecisions(work: Work, service: ServiceState, check?: string): readonly string[] {
  const slots = Object.entries(service.decisions)
    .filter(([about]) => check === undefined || about === '' || about === check)
    .map(([, decisions]) => decisions);
  return [
    ...say(work, 'repair', newest(slots.map(({ repair }) => repair))),
    ...say(work, 'repair that was not done', ...withheld(work, service, slots, 'repair', 'noRepair')),
    ...say(work, 'notice', newest(slots.map(({ notice }) => notice))),
    ...say(work, 'notice that was not sent', ...withheld(work, service, slots, 'notice', 'noNotice')),
  ];
}

function say(work: Work, what: string, ...decisions: readonly (Decision | undefined)[]): readonly string[] {
  return decisions.flatMap((one) =>
    one ? [`Last ${what}, ${formatDuration(Math.max(0, work.at.now - one.at))} ago: ${one.text}.`] : [],
  );
}

function newest(decisions: readonly (Decision | undefined)[]): Decision | undefined {
  return decisions.reduce((last, one) => (one && one.at >= (last?.at ?? 0) ? one : last), undefined);
}

/** All that still holds, newest first; of what is over, the newest, and only where nothing came after it. */
function withheld(
  work: Work,
  service: ServiceState,
  slots: readonly Decisions[],
  done: 'repair' | 'notice',
  not: 'noRepair' | 'noNotice',
): readonly Decision[] {
  const standing = slots.flatMap((slot) => {
    const [one, after] = [slot[not], slot[done]];
    return one && !(after && after.at >= one.at) ? [one] : [];
  });
  const holding = standing.filter((one) => !isOver(work, service, one)).sort((a, b) => b.at - a.at);
  if (holding.length > 0) return holding;
  const over = newest(standing.filter((one) => isKnown(work, one)));
  const later = newest(slots.map((slot) => slot[done]));
  return over && (later?.at ?? 0) < over.at
    ? [{ ...over, text: `${over.lasting ?? over.text} (that is over)` }]
    : [];
}

function isKnown(work: Work, { incident }: Decision): boolean {
  return incident === undefined || incidentOf(work, incident) !== undefined;
}

function isOver(work: Work, service: ServiceState, { incident, check }: Decision): boolean {
  if (incident !== undefined)
    return incidentOf(work, incident)?.closedAt !== undefined || !incidentOf(work, incident);
  return check !== undefined && isCalm(service.checks[check]);
}

/** Nothing is wrong with it, or it is not watched. */
export function isCalm(state: CheckState | undefined): boolean {
  return state === undefined || ((state.state === 'up' || state.state === 'paused') && !state.incident);
}
