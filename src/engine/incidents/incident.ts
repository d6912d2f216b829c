import { putOnShelf } from '../../lib/shelf.ts';
import type { Incident } from '../../model/incident.ts';
import type { Check, Severity } from '../../model/service.ts';
import type { CheckState, ServiceState } from '../../model/state.ts';
import { hasReached, readableHistory } from '../checks/check-state.ts';
import { describeTolerance } from '../checks/tolerance.ts';
import { oweNotice } from '../notices/owed.ts';
import { forgive } from '../repairs/budget.ts';
import { neverRepaired } from '../repairs/repair-mute.ts';
import { heldBack } from '../services/dependency.ts';
import {
  decide,
  edit,
  editCheck,
  editIncident,
  incidentOf,
  nextSequence,
  record,
  serviceOf,
  type Work,
} from '../work.ts';
import { closeIncident } from './close-incident.ts';
import { incidentId } from './incident-id.ts';
import { raise } from './raise.ts';
import { note } from './timeline.ts';

/** Opens, worsens or closes the incident of one check, from what the check has come to. */
export function considerIncident(work: Work, name: string, checkName: string): void {
  const service = serviceOf(work, name);
  const indexed = work.index.services.get(name);
  const check = indexed?.checks.get(checkName);
  const state = service?.checks[checkName];
  if (!service || !indexed || !check || !state) return;
  const incident = incidentOf(work, state.incident);
  if (incident) {
    follow(work, service, check, state, incident);
    return;
  }
  const about = whatAbout(work, check, state);
  if (about === undefined || service.holding !== undefined) return;
  const cause = heldBack(work, indexed, service, check);
  if (cause !== undefined) {
    if (state.heldAt !== work.at.now) editCheck(work, name, checkName, { heldAt: work.at.now });
    decide(work, name, 'noNotice', `${checkName} is ${state.state}, but ${cause}`, { check: checkName });
    return;
  }
  // What was put down to a cause elsewhere must be seen again on its own, for as long as the rule says.
  const { heldAt } = state;
  if (heldAt !== undefined && about !== 'unknown' && !hasReached(check, state, about, heldAt)) return;
  open(work, service, check, state, about);
}

function whatAbout(work: Work, check: Check, state: CheckState): Incident['about'] | undefined {
  if (state.level !== 'ok') return state.level;
  const { unknownSince } = state;
  return unknownSince !== undefined && work.at.now - unknownSince >= check.unknownAfter
    ? 'unknown'
    : undefined;
}

function follow(
  work: Work,
  service: ServiceState,
  check: Check,
  state: CheckState,
  incident: Incident,
): void {
  const { level } = state;
  const { name } = service;
  if (level !== 'ok') {
    if (incident.upAt !== undefined) editIncident(work, incident.id, { upAt: undefined });
    if (level === 'failing' && incident.about !== 'failing') worsen(work, service, check, state, incident);
    if (level === 'warning' && incident.about === 'unknown') worsen(work, service, check, state, incident);
    if (level === 'failing' && check.repair.length > 0) giveUpHope(work, service, check, incident.id);
    return;
  }
  // Not looked at yet since it was started: nothing is known to be well.
  const verdict = state.judgement?.verdict;
  if (verdict === undefined || verdict === 'unknown' || verdict === 'failing') return;
  const upAt = incident.about === 'unknown' ? work.at.now : state.turned.warning;
  if (incident.upAt === undefined) editIncident(work, incident.id, { upAt });
  // While its repair is on trial the incident stays open, so that a relapse is the same incident.
  if (service.repair.verifying?.incident === incident.id) return;
  closeIncident(work, incident.id, 'recovered', 'recovered', name);
}

/** It was a warning because a repair was to be tried first; now none will be. */
function giveUpHope(work: Work, service: ServiceState, check: Check, id: string): void {
  const why = neverRepaired(work, service);
  if (why !== undefined) raise(work, id, check.severity, `it is not repaired: ${why}`);
}

function worsen(
  work: Work,
  service: ServiceState,
  check: Check,
  state: CheckState,
  incident: Incident,
): void {
  const about = state.level === 'failing' ? 'failing' : 'warning';
  const { judgement } = state;
  const summary = judgement?.summary ?? incident.summary;
  editIncident(work, incident.id, {
    about,
    summary,
    findings: judgement?.findings ?? [],
    tolerance: describeTolerance(check.failAfter),
    history: readableHistory(state),
    worseSince: Math.max(incident.failingSince, state.turned[about]),
  });
  if (about === 'failing') forgivePast(work, service.name, state.turned.failing);
  const text = `${service.name}/${check.name} is ${state.state}: ${summary}`;
  record(work, {
    type: about === 'failing' ? 'failed' : 'warning',
    service: service.name,
    check: check.name,
    incident: incident.id,
    text,
  });
  note(work, incident.id, text);
  const severity = severityOf(work, service, check, about);
  if (severity !== incident.severity) raise(work, incident.id, severity, summary);
  else oweNotice(work, incident.id, 'escalated');
}

/**
 * A check that has a repair to try first begins as a warning; it becomes critical when that does not help, or at once
 * when nothing will be tried.
 */
function severityOf(work: Work, service: ServiceState, check: Check, about: Incident['about']): Severity {
  if (about !== 'failing') return 'warning';
  const hopeful = check.repair.length > 0 && neverRepaired(work, service) === undefined;
  return hopeful ? 'warning' : check.severity;
}

/** Something fails again: after long health that is a new story for the repairs. */
function forgivePast(work: Work, name: string, brokenSince: number): void {
  const budget = work.index.services.get(name)?.service.budget;
  const repair = serviceOf(work, name)?.repair;
  if (budget && repair) edit(work, name, { repair: forgive(repair, budget, brokenSince) });
}

function open(
  work: Work,
  service: ServiceState,
  check: Check,
  state: CheckState,
  about: Incident['about'],
): void {
  const { now } = work.at;
  const { name } = service;
  const id = incidentId(name, nextSequence(work));
  const since = about === 'unknown' ? state.unknownSince : state.failingSince;
  const failingSince = Math.max(since ?? now, state.heldAt ?? Number.MIN_SAFE_INTEGER);
  const judgement = state.judgement;
  const summary = judgement?.summary ?? state.state;
  const severity = severityOf(work, service, check, about);
  const incident: Incident = {
    id,
    service: name,
    check: check.name,
    severity,
    about,
    openedAt: now,
    failingSince,
    summary,
    findings: judgement?.findings ?? [],
    repairs: [],
    timeline: [],
    told: [],
    notices: 0,
    escalations: 0,
    tolerance: describeTolerance(about === 'unknown' ? { duration: check.unknownAfter } : check.failAfter),
    history: readableHistory(state),
  };
  work.incidents = putOnShelf(work.incidents, id, incident);
  editCheck(work, name, check.name, { incident: id, heldAt: undefined });
  if (about === 'failing') forgivePast(work, name, failingSince);
  const type = about === 'failing' ? 'failed' : about;
  const text = `${name}/${check.name} ${about === 'unknown' ? 'could not be told' : `is ${state.state}`}: ${summary}`;
  record(work, { type, service: name, check: check.name, incident: id, severity, text });
  note(work, id, `${text} (${incident.tolerance})`);
  oweNotice(work, id, about === 'unknown' ? 'unknown' : 'failed');
}
