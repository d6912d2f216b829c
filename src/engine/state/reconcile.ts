import { putOnShelf, shelfEntries, shelfValues, takeFromShelf } from '../../lib/shelf.ts';
import type { Check, Service } from '../../model/service.ts';
import type { CheckState, ServiceState } from '../../model/state.ts';
import { newCheckState } from '../checks/check-state.ts';
import { noFlapping } from '../checks/flapping.ts';
import { closeIncident } from '../incidents/close-incident.ts';
import { oweNotice } from '../notices/owed.ts';
import { endTrouble, notifierOf } from '../notices/trouble.ts';
import { endTrial } from '../repairs/verification.ts';
import { setHolding } from '../services/calendar.ts';
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
    // Whether it holds still is for the new agent to find out; a lock that went away meanwhile must not mute it for ever.
    if (reason === 'start') setHolding(work, rule.name, undefined);
    if (service) adapt(work, rule, serviceOf(work, rule.name) ?? service);
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
  }
  endOldTroubles(work);
}

/** Either way the rules were read: an agent that started with them has nothing left to complain of, nor of a notifier that is gone. */
function endOldTroubles(work: Work): void {
  endTrouble(work, 'reload', 'RELOADED the rules', 'The rule files are in order again and are in use.');
  for (const key of Object.keys(work.troubles)) {
    const name = notifierOf(key);
    if (name === undefined || work.config.notifiers[name]) continue;
    endTrouble(work, key, `CLOSED notifier ${name}`, `Notifier ${name} is no longer in the rules.`);
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
    const kept = state && withoutFlapping(work, rule, check, state);
    checks[check.name] = kept ?? newCheck(work, now, check);
    if (kept !== state || !state) changed = true;
  }
  const startup = now.startup && {
    ...now.startup,
    required: now.startup.required.filter((name) => name in checks),
  };
  if (!changed) return;
  const { verifying } = now.repair;
  if (verifying !== undefined && !(verifying.check in checks)) {
    endTrial(
      work,
      rule.name,
      'unclear',
      `its trial ended early: ${verifying.check} was removed from the rules`,
    );
  }
  edit(work, rule.name, { checks, startup });
}

/** Whether it flaps is looked at no more: that it once did must not mute it for ever. */
function withoutFlapping(work: Work, rule: Service, check: Check, state: CheckState): CheckState {
  if (check.flapping || !state.flap.flapping) return state;
  const text = `${rule.name}/${check.name} is no longer looked at for flapping`;
  record(work, { type: 'flapping-ended', service: rule.name, check: check.name, text });
  return { ...state, flap: noFlapping };
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
