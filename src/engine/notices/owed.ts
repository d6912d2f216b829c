import type { Incident, OwedKind, OwedNotice } from '../../model/incident.ts';
import type { PendingNotice } from '../../model/state.ts';
import { editIncident, incidentOf, type Work } from '../work.ts';

/** Later kinds replace earlier ones; the first one, which opens, can only be replaced by one that closes. */
const RANK: Readonly<Record<OwedKind, number>> = {
  reminder: 0,
  escalated: 1,
  'stood-down': 2,
  unknown: 3,
  failed: 4,
  recovered: 5,
  closed: 6,
};

/** These wait for `group_wait`, so that what belongs together arrives together; the others are news of their own. */
const GROUPED: ReadonlySet<OwedKind> = new Set<OwedKind>(['failed', 'unknown', 'recovered', 'closed']);

/**
 * Writes down that people must hear of this incident. Who, and whether something keeps it back, is decided when it is
 * due; until then a newer notice takes the older one's place.
 */
export function oweNotice(work: Work, id: string, kind: OwedKind, extra: readonly string[] = []): void {
  const incident = incidentOf(work, id);
  if (!incident) return;
  const { now } = work.at;
  const { owed } = incident;
  const merged: OwedNotice = {
    kind: owed && RANK[owed.kind] > RANK[kind] ? owed.kind : kind,
    since: owed?.since ?? now,
    extra: [...new Set([...(owed?.extra ?? []), ...extra])],
  };
  editIncident(work, id, { owed: merged });
  const due = now + (GROUPED.has(merged.kind) ? work.config.notices.groupWait : 0);
  joinGroup(work, incident, due);
}

/** An owed notice is settled, one way or the other. */
export function settleOwed(work: Work, id: string): void {
  editIncident(work, id, { owed: undefined, withheld: undefined, withheldBy: undefined });
}

function joinGroup(work: Work, incident: Incident, due: number): void {
  const key = groupKey(work, incident);
  const group = work.pending.find((one) => one.key === key);
  const joined: PendingNotice = group
    ? {
        ...group,
        due: Math.min(group.due, due),
        incidents: group.incidents.includes(incident.id)
          ? group.incidents
          : [...group.incidents, incident.id],
      }
    : { key, since: work.at.now, due, incidents: [incident.id] };
  work.pending = group
    ? work.pending.map((one) => (one === group ? joined : one))
    : [...work.pending, joined];
}

/** What incidents have in common: the first root of what the service depends on, else the service itself. */
function groupKey(work: Work, incident: Incident): string {
  return work.index.services.get(incident.service)?.dependencies[0] ?? incident.service;
}
