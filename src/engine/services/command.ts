import type { OperationKind } from '../../model/manager.ts';
import type { OperatorCommand } from '../../model/step.ts';
import { note } from '../incidents/timeline.ts';
import { addSilence, removeSilence } from '../notices/silence.ts';
import { freshRepair } from '../repairs/budget.ts';
import { endTrial } from '../repairs/verification.ts';
import { edit, editIncident, incidentOf, nextSequence, record, serviceOf, type Work } from '../work.ts';
import { enqueue } from './operation.ts';
import { isWatched } from './service-state.ts';
import { becomeStopped, stopWatching, watchAfresh } from './watching.ts';

/** What a human asked for. It always wins over what the watcher would have done by itself. */
export function command(work: Work, asked: OperatorCommand, by: string): void {
  switch (asked.do) {
    case 'monitor':
      monitor(work, asked.service, by);
      return;
    case 'unmonitor':
      unmonitor(work, asked.service, by, asked.for);
      return;
    case 'start':
    case 'restart':
      bringUp(work, asked.service, asked.do, by);
      return;
    case 'stop':
      stop(work, asked.service, by);
      return;
    case 'reload':
      operate(work, asked.service, 'reload', by);
      return;
    case 'acknowledge':
      acknowledge(work, asked, by);
      return;
    case 'unacknowledge':
      unacknowledge(work, asked.incident, by);
      return;
    case 'silence':
      addSilence(work, asked.silence);
      return;
    case 'unsilence':
      removeSilence(work, asked.id, by);
      return;
  }
}

function monitor(work: Work, name: string, by: string): void {
  const service = serviceOf(work, name);
  if (!service) return;
  const { repair } = service;
  if (!isWatched(service)) {
    watchAfresh(work, name, { repair: freshRepair });
    record(work, {
      type: 'monitored',
      service: name,
      text: `${name} is monitored again, asked for by ${by}`,
    });
    return;
  }
  startOver(work, name, by);
  edit(work, name, { repair: { ...freshRepair, verifying: repair.verifying } });
  work.actions.push({ do: 'probe', service: name });
}

function startOver(work: Work, name: string, by: string): void {
  if (serviceOf(work, name)?.repair.stoodDownAt === undefined) return;
  record(work, { type: 'repair-resumed', service: name, text: `${name} may be repaired again, said ${by}` });
}

function unmonitor(work: Work, name: string, by: string, duration: number | undefined): void {
  const service = serviceOf(work, name);
  if (!service) return;
  const resumeAt = duration === undefined ? undefined : work.at.now + duration;
  if (service.monitored) {
    stopWatching(work, name, `no longer monitored, asked for by ${by}`);
    record(work, {
      type: 'unmonitored',
      service: name,
      text: `${name} is not monitored, asked for by ${by}`,
    });
  }
  edit(work, name, { monitored: false, unmonitoredBy: by, resumeAt });
}

/** `unmonitor --for` has run out. */
export function considerResume(work: Work, name: string): void {
  const service = serviceOf(work, name);
  if (!service || service.monitored || service.resumeAt === undefined || work.at.now < service.resumeAt)
    return;
  if (service.stop) edit(work, name, { monitored: true, unmonitoredBy: undefined, resumeAt: undefined });
  else watchAfresh(work, name);
  record(work, { type: 'monitored', service: name, text: `${name} is monitored again, as was asked for` });
}

function bringUp(work: Work, name: string, kind: 'start' | 'restart', by: string): void {
  const service = serviceOf(work, name);
  const indexed = work.index.services.get(name);
  if (!service || !indexed) return;
  for (const other of indexed.dependencies) {
    const dependency = serviceOf(work, other);
    if (!dependency?.stop) continue;
    record(work, { type: 'started', service: other, text: `${other} is started first, ${name} needs it` });
    watchAfresh(work, other);
    operate(work, other, 'start', by, `${name} needs it`);
  }
  if (!isWatched(service)) watchAfresh(work, name);
  startOver(work, name, by);
  endTrial(work, name, 'not-held', `its trial ended early: ${kind} was asked for by ${by}`);
  edit(work, name, { repair: freshRepair });
  operate(work, name, kind, by);
}

function stop(work: Work, name: string, by: string): void {
  const service = serviceOf(work, name);
  if (!service) return;
  if (service.stop?.source !== 'watcher' || service.stop.incident !== undefined) {
    becomeStopped(work, name, { by, at: work.at.now, source: 'watcher', seenDown: false });
  }
  operate(work, name, 'stop', by);
}

function operate(
  work: Work,
  name: string,
  kind: OperationKind,
  by: string,
  reason = 'an operator wants it',
): void {
  enqueue(work, name, {
    id: `op-${nextSequence(work)}`,
    kind,
    reason,
    by: 'operator',
    who: by,
    requestedAt: work.at.now,
  });
}

function acknowledge(work: Work, asked: Extract<OperatorCommand, { do: 'acknowledge' }>, by: string): void {
  const incident = incidentOf(work, asked.incident);
  if (!incident || incident.closedAt !== undefined) return;
  const { comment, until } = asked;
  editIncident(work, incident.id, {
    acknowledged: {
      by,
      at: work.at.now,
      ...(comment !== undefined && { comment }),
      ...(until !== undefined && { until }),
    },
  });
  sayAcknowledged(work, incident.id, `acknowledged by ${by}${comment ? `: ${comment}` : ''}`);
}

function unacknowledge(work: Work, id: string, by: string): void {
  if (!incidentOf(work, id)?.acknowledged) return;
  editIncident(work, id, { acknowledged: undefined });
  work.flush = true;
  sayAcknowledged(work, id, `acknowledgement taken back by ${by}`);
}

function sayAcknowledged(work: Work, id: string, text: string): void {
  const incident = incidentOf(work, id);
  if (!incident) return;
  const { service, check } = incident;
  record(work, { type: 'acknowledged', service, check, incident: id, text: `${id} ${text}` });
  note(work, id, text);
  work.dirty.add(service);
}
