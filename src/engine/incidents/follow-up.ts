import { formatDuration } from '../../lib/duration.ts';
import type { Incident } from '../../model/incident.ts';
import type { ServiceState } from '../../model/state.ts';
import { muteOf } from '../notices/mute.ts';
import { oweNotice } from '../notices/owed.ts';
import { editIncident, fromWall, openIncidents, record, serviceOf, type Work } from '../work.ts';
import { raise } from './raise.ts';
import { note } from './timeline.ts';

/** What becomes due in an open incident by time alone: acknowledgements end, escalations, reminders. */
export function considerFollowUps(work: Work, name: string): void {
  const service = serviceOf(work, name);
  if (!service) return;
  for (const { id } of openIncidents(work, service)) {
    endAcknowledgement(work, id, service);
    escalate(work, id, service);
    remind(work, id, service);
  }
}

function endAcknowledgement(work: Work, id: string, service: ServiceState): void {
  const incident = current(work, id, service);
  const until = incident?.acknowledged?.until;
  if (!incident || until === undefined || work.at.wall < until) return;
  editIncident(work, id, { acknowledged: undefined });
  work.flush = true;
  const text = 'the acknowledgement has run out';
  record(work, {
    type: 'acknowledged',
    service: incident.service,
    check: incident.check,
    incident: id,
    text,
  });
  note(work, id, text);
}

/** Nobody took it in time: the next ones are told, until somebody acknowledges. */
function escalate(work: Work, id: string, service: ServiceState): void {
  const incident = current(work, id, service);
  if (!incident || incident.acknowledged || incident.upAt !== undefined) return;
  const step = checkOf(work, incident)?.escalate[incident.escalations];
  if (!step || work.at.now - incident.openedAt < step.after || muteOf(work, incident)) return;
  editIncident(work, id, { escalations: incident.escalations + 1 });
  const text = `open for ${formatDuration(step.after)} and not acknowledged: ${step.notify.join(', ')} told`;
  note(work, id, text);
  oweNotice(work, id, 'escalated', step.notify);
  if (step.severity) raise(work, id, step.severity, text);
}

function remind(work: Work, id: string, service: ServiceState): void {
  const incident = current(work, id, service);
  const due = incident && reminderAt(work, incident);
  if (!incident || due === undefined || work.at.now < due || muteOf(work, incident)) return;
  oweNotice(work, id, 'reminder');
}

/** When the next reminder is due; none while somebody has acknowledged, or the repair is on trial. */
export function reminderAt(work: Work, incident: Incident): number | undefined {
  const every = checkOf(work, incident)?.remindEvery;
  const quiet =
    incident.acknowledged || incident.upAt !== undefined || incident.owed || incident.told.length === 0;
  return every === undefined || quiet ? undefined : (incident.toldAt ?? incident.openedAt) + every;
}

/** When something of this becomes due, soonest first; times may lie in the past while something mutes it. */
export function followUpTimes(work: Work, incident: Incident): readonly number[] {
  const step = checkOf(work, incident)?.escalate[incident.escalations];
  const until = incident.acknowledged?.until;
  const reminder = reminderAt(work, incident);
  return [
    ...(step ? [incident.openedAt + step.after] : []),
    ...(until === undefined ? [] : [fromWall(work, until)]),
    ...(reminder === undefined ? [] : [reminder]),
  ];
}

function checkOf(work: Work, incident: Incident) {
  return work.index.services.get(incident.service)?.checks.get(incident.check);
}

function current(work: Work, id: string, service: ServiceState): Incident | undefined {
  return openIncidents(work, service).find((incident) => incident.id === id);
}
