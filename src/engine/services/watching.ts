import type { ServiceState, StopWish } from '../../model/state.ts';
import { newCheckState } from '../checks/check-state.ts';
import { closeIncident } from '../incidents/close-incident.ts';
import { raise, worstSeverity } from '../incidents/raise.ts';
import { note } from '../incidents/timeline.ts';
import { oweNotice } from '../notices/owed.ts';
import { freshRepair } from '../repairs/budget.ts';
import { endTrial } from '../repairs/verification.ts';
import { edit, openIncidents, record, serviceOf, type Work } from '../work.ts';

/** From now on its readings count again, from nothing: what was before belongs to another life. */
export function watchAfresh(work: Work, name: string, changes: Partial<ServiceState> = {}): void {
  const service = serviceOf(work, name);
  if (!service) return;
  edit(work, name, {
    monitored: true,
    unmonitoredBy: undefined,
    resumeAt: undefined,
    stop: undefined,
    checks: freshChecks(work, service),
    freshFrom: work.at.now,
    grace: undefined,
    ...changes,
  });
  work.actions.push({ do: 'probe', service: name });
}

function freshChecks(work: Work, service: ServiceState): ServiceState['checks'] {
  const checks: Record<string, ServiceState['checks'][string]> = {};
  for (const [name, state] of Object.entries(service.checks)) {
    checks[name] = {
      ...newCheckState(name, work.at.now),
      // An incident that outlived a stop ends when it is up; who started it gets as much time as ever until it fails.
      incident: state.incident,
      flap: state.flap,
      ...(state.pace && { pace: state.pace }),
    };
  }
  return checks;
}

/** Nothing about it counts any more: incidents close but for `keep`, trials end, automatic operations are dropped. */
export function stopWatching(work: Work, name: string, because: string, keep?: string): void {
  endTrial(work, name, 'not-held', `its trial ended early: ${because}`);
  const service = serviceOf(work, name);
  if (!service) return;
  for (const { id } of openIncidents(work, service)) {
    if (id !== keep) closeIncident(work, id, 'closed', because, name);
  }
  const now = serviceOf(work, name);
  if (!now) return;
  const checks: Record<string, ServiceState['checks'][string]> = {};
  for (const [check, state] of Object.entries(now.checks)) {
    checks[check] = {
      ...newCheckState(check, work.at.now),
      state: 'paused',
      flap: state.flap,
      incident: state.incident,
      ...(state.pace && { pace: state.pace }),
    };
  }
  edit(work, name, {
    checks,
    startup: undefined,
    queue: now.queue.filter(({ by }) => by === 'operator'),
    repair: { ...freshRepair, attempts: now.repair.attempts },
  });
}

/**
 * A repair has stopped it, as its rule says: nothing starts it but a human, and its incident stays open until it is up
 * again. People are told that this one waits for them.
 */
export function becomeStoppedByRepair(work: Work, name: string, incident: string, check: string): void {
  const by = `the repair of ${check}`;
  const because = `stopped by ${by}`;
  stopWatching(work, name, because, incident);
  edit(work, name, { stop: { by, at: work.at.now, source: 'watcher', seenDown: false, incident } });
  const text = `${name} was ${because} and stays so until somebody starts it`;
  record(work, { type: 'stopped', service: name, check, incident, text });
  note(work, incident, text);
  oweNotice(work, incident, 'stood-down');
  raise(work, incident, worstSeverity(work, incident), text);
}

/** Somebody does not want it to run. That is no failure, whoever said it and wherever. */
export function becomeStopped(work: Work, name: string, stop: StopWish): void {
  const because = `stopped by ${stop.by}`;
  stopWatching(work, name, because);
  edit(work, name, { stop });
  record(work, { type: 'stopped', service: name, text: `${name} was ${because}` });
}
