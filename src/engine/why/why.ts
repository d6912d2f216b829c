import { formatDuration } from '../../lib/duration.ts';
import type { Config } from '../../model/config.ts';
import type { Instant } from '../../model/instant.ts';
import type { Check, Service } from '../../model/service.ts';
import type { CheckState, EngineState, ServiceState } from '../../model/state.ts';
import { readableHistory } from '../checks/check-state.ts';
import { percentOfChange } from '../checks/flapping.ts';
import { checkSince, serviceSince } from '../checks/since.ts';
import { describeTolerance } from '../checks/tolerance.ts';
import type { IndexedService } from '../config-index.ts';
import { maintenanceOf, muteBySilence, silenceFor } from '../notices/mute.ts';
import { noRepairs } from '../repairs/repair-mute.ts';
import { heldBack } from '../services/dependency.ts';
import { deriveState } from '../services/service-state.ts';
import { incidentOf, openIncidents, openWork, serviceOf, type Work } from '../work.ts';
import { isCalm, lastDecisions } from './why-decisions.ts';
import { whyNotice } from './why-notice.ts';
import { whyNoRepair } from './why-repair.ts';

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
    check === undefined ? checks.filter((one) => isInteresting(service.checks[one.name])) : checks;
  return [
    `${name} is ${deriveState(service)} for ${ago(work, serviceSince({ ...service, state: deriveState(service) }, work))}.`,
    ...aboutService(work, indexed, service),
    ...interesting.flatMap((one) => aboutCheck(work, indexed, service, one)),
    ...whyNoRepair(work, indexed, service),
    ...lastDecisions(work, service, check),
  ];
}

function isInteresting(state: CheckState | undefined): boolean {
  return !isCalm(state) || state?.flap.flapping === true;
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
    const { unmonitoredBy } = service;
    lines.push(
      unmonitoredBy === undefined
        ? `It is not monitored: its mode is manual, so \`watcher monitor ${service.name}\` begins it.`
        : `It is not monitored, asked for by ${unmonitoredBy}${until}.`,
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
    lines.push(`It would not be repaired just now: ${muted.why}.`);
  }
  const quiet = openIncidents(work, service).length === 0 ? muteOfAll(work, indexed.service) : undefined;
  if (quiet !== undefined) lines.push(`Nobody would be told just now: ${quiet}.`);
  return lines;
}

/** What keeps people from being told of anything about a service, where nothing has happened yet. */
function muteOfAll(work: Work, rule: Service): string | undefined {
  const silence = silenceFor(work, rule, undefined);
  const window = maintenanceOf(work, rule)[0];
  return silence ? muteBySilence(work, silence).why : window && `maintenance window ${window.name}`;
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
  if (state.flap.flapping) {
    const percent = Math.round(percentOfChange(state.flap.changes));
    lines.push(
      `It is flapping: ${percent} % of its last readings differ from the one before. Below ${check.flapping?.low ?? 0} % it is steady.`,
    );
  }
  if (state.unknownSince !== undefined && !incident) {
    const told = state.unknownSince + check.unknownAfter;
    lines.push(
      `What cannot be told is no failure and is not repaired; people are told in ${ahead(work, told)}.`,
    );
  }
  if (state.state === 'failing') {
    lines.push(`It counts as down after ${describeTolerance(check.failAfter)}.`);
  } else if (state.level !== 'ok' && state.judgement?.verdict === 'ok') {
    lines.push(`It counts as up again after ${describeTolerance(check.recoverAfter)} that pass.`);
  }
  if (incident) return [...lines, ...whyNotice(work, incident)];
  const bad = state.state === 'down' || state.state === 'failing' || state.state === 'warning';
  const cause = bad ? heldBack(work, indexed, service, check) : undefined;
  if (cause !== undefined) lines.push(`It has no incident of its own: ${cause}.`);
  return lines;
}

function ago(work: Work, time: number): string {
  return formatDuration(Math.max(0, work.at.now - time));
}

function ahead(work: Work, time: number): string {
  return formatDuration(Math.max(0, time - work.at.now));
}
