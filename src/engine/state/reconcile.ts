import { putOnShelf, shelfEntries, shelfValues, takeFromShelf } from '../../lib/shelf.ts';
import type { Check, Service } from '../../model/service.ts';
import type { CheckState, ServiceState } from '../../model/state.ts';
import { newCheckState } from '../checks/check-state.ts';
import { closeIncident } from '../incidents/close-incident.ts';
import { oweNotice } from '../notices/owed.ts';
import { endTrouble } from '../notices/trouble.ts';
import { setTrust } from '../services/trust.ts';
import { watchAfresh } from '../services/watching.ts';
import { edit, openIncidents, record, serviceOf, type Work } from '../work.ts';
import { newServiceState } from './initial.ts';
import { resumeAfterStart } from './resume.ts';

/** Brings the state in line with the configuration: what kept its name keeps its past, what is gone is closed. */
export function reconcile(work: Work, reason: 'start' | 'reload'): void {
  // A new agent has its own opinion of itself; if it has doubts it says so at once.
  if (reason === 'start') setTrust(work, true, undefined);
  for (const service of shelfValues(work.services)) {
    if (!work.index.services.has(service.name)) removeService(work, service);
  }
  for (const rule of work.config.services) {
    const service = serviceOf(work, rule.name);
    if (service) adapt(work, rule, service);
    else work.services = putOnShelf(work.services, rule.name, newServiceState(rule, work.at.now));
    work.dirty.add(rule.name);
    if (reason === 'start') resumeAfterStart(work, rule);
  }
  closeOrphans(work);
  rejoinGroups(work);
  work.repairing = work.repairing.filter((name) => work.index.services.has(name));
  work.waiting = [];
  work.timers = work.timers.filter(({ service }) => work.index.services.has(service));
  work.flush = true;
  // Of a reload the shell tells more: by whom, and what it changed.
  if (reason === 'start') {
    record(work, { type: 'agent-started', service: '', text: configured(work.config.services.length) });
  } else {
    endTrouble(work, 'reload', 'RELOADED the rules', 'The rule files are in order again and are in use.');
  }
}

function configured(count: number): string {
  return count === 1 ? '1 service is configured' : `${count} services are configured`;
}

const REMOVED = 'removed from the rules';

function removeService(work: Work, service: ServiceState): void {
  for (const { id } of openIncidents(work, service)) closeIncident(work, id, 'closed', REMOVED, service.name);
  work.services = takeFromShelf(work.services, service.name);
  work.dirty.delete(service.name);
}

function adapt(work: Work, rule: Service, service: ServiceState): void {
  const gone = Object.values(service.checks).filter(
    ({ name }) => !rule.checks.some((check) => check.name === name),
  );
  for (const { incident } of gone) {
    if (incident !== undefined) closeIncident(work, incident, 'closed', REMOVED, rule.name);
  }
  settleRule(work, rule, service);
  const now = serviceOf(work, rule.name) ?? service;
  const checks: Record<string, CheckState> = {};
  let changed = gone.length > 0;
  for (const check of rule.checks) {
    const state = now.checks[check.name];
    checks[check.name] = state ?? newCheck(work, now, check);
    if (!state) changed = true;
  }
  const startup = now.startup && {
    ...now.startup,
    required: now.startup.required.filter((name) => name in checks),
  };
  const { verifying } = now.repair;
  const orphan = verifying !== undefined && !(verifying.check in checks);
  if (!changed) return;
  edit(work, rule.name, {
    checks,
    startup,
    repair: orphan ? { ...now.repair, verifying: undefined } : now.repair,
  });
}

/** What followed from the old rule alone must not outlive it. */
function settleRule(work: Work, rule: Service, service: ServiceState): void {
  if (service.holding !== undefined && rule.holdWhile.length === 0)
    edit(work, rule.name, { holding: undefined });
  // Unmonitored by nobody: its mode was `manual`.
  const wasManual = !service.monitored && service.unmonitoredBy === undefined;
  if (wasManual && rule.mode !== 'manual') watchAfresh(work, rule.name);
}

function newCheck(work: Work, service: ServiceState, check: Check): CheckState {
  const state = newCheckState(check.name, work.at.now);
  return service.monitored && !service.stop ? state : { ...state, state: 'paused' };
}

/** Incidents that no check holds any more, after damage to the stored state: whoever was told of them is told of the end. */
function closeOrphans(work: Work): void {
  for (const [id, incident] of shelfEntries(work.incidents)) {
    if (incident.closedAt !== undefined) continue;
    const held = serviceOf(work, incident.service)?.checks[incident.check]?.incident === id;
    if (!held) closeIncident(work, id, 'closed', 'the agent lost track of it', incident.service);
  }
}

/** Notices that are owed but wait in no group, after damage to the stored state. */
function rejoinGroups(work: Work): void {
  const waiting = new Set(work.pending.flatMap(({ incidents }) => incidents));
  for (const [id, { owed }] of shelfEntries(work.incidents)) {
    if (owed && !waiting.has(id)) oweNotice(work, id, owed.kind, owed.extra);
  }
}
