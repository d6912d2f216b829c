import { formatDuration } from '../lib/duration.ts';
import type { Config } from '../model/config.ts';
import type { Incident } from '../model/incident.ts';
import type { Instant } from '../model/instant.ts';
import type { Check } from '../model/service.ts';
import type { CheckState, Decision, EngineState, ServiceState } from '../model/state.ts';
import { readableHistory } from './check-state.ts';
import type { IndexedService } from './config-index.ts';
import { heldBack } from './dependency.ts';
import { muteOf } from './mute.ts';
import { nextStep } from './notice-item.ts';
import { noRepairs } from './repair-mute.ts';
import { deriveState } from './service-state.ts';
import { checkSince, serviceSince } from './since.ts';
import { describeTolerance } from './tolerance.ts';
import { whyNoRepair } from './why-repair.ts';
import { incidentOf, openWork, serviceOf, type Work } from './work.ts';

/**
 * The chain of reasons for the present state of a service (or of one check), and for the last repair and notice that
 * was done and that was not. One plain sentence each, most important first. Empty when there is no such service or check.
 */
export function why(
  config: Config,
  state: EngineState,
  name: string,
  check: string | undefined,
  at: Instant,
): readonly string[] {
  const work = openWork(config, state, at, () => {
    throw new Error('explaining judges nothing');
  });
  const service = serviceOf(work, name);
  const indexed = work.index.services.get(name);
  if (!service || !indexed || (check !== undefined && !indexed.checks.has(check))) return [];
  const checks = indexed.service.checks.filter((one) => (check === undefined ? true : one.name === check));
  const interesting =
    check === undefined ? checks.filter((one) => !isCalm(service.checks[one.name])) : checks;
  return [
    `${name} is ${deriveState(service)} for ${ago(work, serviceSince({ ...service, state: deriveState(service) }, work))}.`,
    ...aboutService(work, indexed, service),
    ...interesting.flatMap((one) => aboutCheck(work, indexed, service, one)),
    ...whyNoRepair(work, indexed, service),
    ...lastDecisions(work, service, check),
  ];
}

function isCalm(state: CheckState | undefined): boolean {
  return state === undefined || ((state.state === 'up' || state.state === 'paused') && !state.incident);
}

function aboutService(work: Work, indexed: IndexedService, service: ServiceState): readonly string[] {
  const lines: string[] = [];
  const { trust } = work;
  const { operation, startup, stop, repair } = service;
  if (!trust.trusted) {
    lines.push(
      `Nothing counts for ${ago(work, trust.since)}: ${trust.reason ?? 'the agent does not trust itself'}.`,
    );
  }
  if (stop) lines.push(`It was stopped by ${stop.by} ${ago(work, stop.at)} ago, so it is left alone.`);
  if (!service.monitored) {
    const until = service.resumeAt === undefined ? '' : `, for another ${ahead(work, service.resumeAt)}`;
    lines.push(
      `It is not monitored${service.unmonitoredBy ? `, asked for by ${service.unmonitoredBy}` : ''}${until}.`,
    );
  }
  if (service.holding !== undefined) lines.push(`Nothing is a failure just now: ${service.holding}.`);
  if (operation) {
    const started = ago(work, operation.startedAt ?? operation.requestedAt);
    lines.push(`${operation.kind} has been running for ${started}: ${operation.reason}.`);
  }
  for (const waiting of service.queue) lines.push(`${waiting.kind} waits its turn: ${waiting.reason}.`);
  if (startup) {
    const missing = startup.required.filter((name) => !startup.passed.includes(name));
    lines.push(
      `It has another ${ahead(work, startup.until)} to come up after ${startup.kind}; not yet passed: ${missing.join(', ')}.`,
    );
  }
  if (repair.verifying?.readySince !== undefined) {
    lines.push(
      `The ${repair.verifying.kind} is on trial for another ${ahead(work, repair.verifying.until)}.`,
    );
  }
  const muted = noRepairs(work, indexed, service);
  if (muted !== undefined && indexed.service.checks.some((check) => check.repair.length > 0)) {
    lines.push(`It would not be repaired just now: ${muted}.`);
  }
  return lines;
}

function aboutCheck(
  work: Work,
  indexed: IndexedService,
  service: ServiceState,
  check: Check,
): readonly string[] {
  const state = service.checks[check.name];
  if (!state) return [];
  const lines: string[] = [];
  const said = state.judgement?.summary;
  const incident = incidentOf(work, state.incident);
  lines.push(
    `${check.name} is ${state.state} for ${ago(work, checkSince(state, incident))}${said ? `: ${said}` : ''}.`,
  );
  const shown = readableHistory(state);
  if (shown.length > 0) lines.push(`Its last readings: ${shown.join(' | ')}.`);
  if (state.state === 'failing') {
    lines.push(`It counts as down after ${describeTolerance(check.failAfter)}.`);
  } else if (state.level !== 'ok' && state.judgement?.verdict === 'ok') {
    lines.push(`It counts as up again after ${describeTolerance(check.recoverAfter)} that pass.`);
  }
  if (incident) return [...lines, ...aboutIncident(work, incident)];
  const bad = state.state === 'down' || state.state === 'failing' || state.state === 'warning';
  const cause = bad ? heldBack(work, indexed, service, check) : undefined;
  if (cause !== undefined) lines.push(`It has no incident of its own: ${cause}.`);
  return lines;
}

function aboutIncident(work: Work, incident: Incident): readonly string[] {
  const { id, severity, told, failingSince, upAt, owed } = incident;
  const lines = [`Incident ${id} (${severity}) is open for ${ago(work, failingSince)}.`];
  lines.push(told.length > 0 ? `Told so far: ${told.join(', ')}.` : 'Nobody has been told yet.');
  const mute = muteOf(work, incident);
  if (mute) lines.push(`No notices just now: ${mute.why}.`);
  else if (owed) {
    const group = work.pending.find(({ incidents }) => incidents.includes(id));
    lines.push(`A notice (${owed.kind}) goes out in ${ahead(work, group?.due ?? work.at.now)}.`);
  }
  if (upAt !== undefined) lines.push('It passes again; the incident closes when the repair has held.');
  else lines.push(`Next: ${nextStep(work, incident)}.`);
  return lines;
}

/** What was not done counts until it was done after all, or its incident is over; of another check, not at all. */
function lastDecisions(work: Work, { decisions }: ServiceState, check?: string): readonly string[] {
  const about = (one: Decision | undefined) =>
    check === undefined || one?.check === undefined || one.check === check ? one : undefined;
  const stillWithheld = (not: Decision | undefined, done: Decision | undefined) => {
    if (not === undefined || (done !== undefined && done.at >= not.at)) return undefined;
    if (not.incident === undefined) return not;
    const incident = incidentOf(work, not.incident);
    return incident === undefined || incident.closedAt !== undefined ? undefined : not;
  };
  const repair = about(decisions.repair);
  const noRepair = stillWithheld(about(decisions.noRepair), decisions.repair);
  const notice = about(decisions.notice);
  const noNotice = stillWithheld(about(decisions.noNotice), decisions.notice);
  return [
    ...(repair ? [`Last repair, ${ago(work, repair.at)} ago: ${repair.text}.`] : []),
    ...(noRepair ? [`Last repair that was not done, ${ago(work, noRepair.at)} ago: ${noRepair.text}.`] : []),
    ...(notice ? [`Last notice, ${ago(work, notice.at)} ago: ${notice.text}.`] : []),
    ...(noNotice ? [`Last notice that was not sent, ${ago(work, noNotice.at)} ago: ${noNotice.text}.`] : []),
  ];
}

function ago(work: Work, time: number): string {
  return formatDuration(Math.max(0, work.at.now - time));
}

function ahead(work: Work, time: number): string {
  return formatDuration(Math.max(0, time - work.at.now));
}
