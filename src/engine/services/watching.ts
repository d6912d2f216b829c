import type { ServiceState, StopWish } from '../../model/state.ts';
import { newCheckState } from '../checks/check-state.ts';
import { closeIncident } from '../incidents/close-incident.ts';
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
      flap: state.flap,
      ...(state.pace && { pace: state.pace }),
    };
  }
  return checks;
}

/** Nothing about it counts any more: incidents close, trials end, automatic operations are dropped. */
export function stopWatching(work: Work, name: string, because: string): void {
  endTrial(work, name, 'not-held', `its trial ended early: ${because}`);
  const service = serviceOf(work, name);
  if (!service) return;
  for (const incident of openIncidents(work, service))
    closeIncident(work, incident.id, 'closed', because, name);
  const now = serviceOf(work, name);
  if (!now) return;
  const checks: Record<string, ServiceState['checks'][string]> = {};
  for (const [check, state] of Object.entries(now.checks)) {
    checks[check] = {
      ...newCheckState(check, work.at.now),
      state: 'paused',
      flap: state.flap,
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

/** Somebody does not want it to run. That is no failure, whoever said it and wherever. */
export function becomeStopped(work: Work, name: string, stop: StopWish): void {
  const because = `stopped by ${stop.by}`;
  stopWatching(work, name, because);
  edit(work, name, { stop });
  record(work, { type: 'stopped', service: name, text: `${name} was ${because}` });
}
