import { readableHistory } from '../engine/checks/check-state.ts';
import { checkSince } from '../engine/checks/since.ts';
import { recentAttempts } from '../engine/repairs/budget.ts';
import { formatDuration } from '../lib/duration.ts';
import { getFromShelf } from '../lib/shelf.ts';
import type { Cadence, Check, Service } from '../model/service.ts';
import type { ServiceState } from '../model/state.ts';
import { API_VERSION, type CheckStatus, type ServiceStatus, type Status } from './api.ts';
import { incidentOnWall } from './describe-incident.ts';
import { measurements } from './measurements.ts';
import { rowOf } from './summarise.ts';
import { lastRunOf, toWall, type ViewSource } from './view-source.ts';

/** Everything known of these services. */
export function describeStatus(source: ViewSource, services: readonly Service[]): Status {
  return {
    version: API_VERSION,
    agent: source.agent,
    services: services.map((service) => serviceStatus(source, service)),
  };
}

function serviceStatus(source: ViewSource, service: Service): ServiceStatus {
  const state = getFromShelf(source.state.services, service.name);
  const { report } = state ?? {};
  return {
    ...rowOf(source, service),
    ...(service.description === undefined ? {} : { description: service.description }),
    groups: service.groups,
    ...(service.manager === undefined
      ? {}
      : { manager: { kind: service.manager.kind, ...(report === undefined ? {} : { report }) } }),
    monitored: state?.monitored ?? true,
    checks: service.checks.map((check) => checkStatus(source, service, check, state)),
    repairsInWindow:
      state === undefined ? 0 : recentAttempts(state.repair, service.budget, source.at.now).length,
    repairsAllowed: service.checks.some((check) => check.repair.length > 0) ? service.budget.attempts : 0,
  };
}

function checkStatus(
  source: ViewSource,
  service: Service,
  check: Check,
  of: ServiceState | undefined,
): CheckStatus {
  const state = of?.checks[check.name];
  const kind = source.kinds[check.kind];
  const reading = state?.reading ?? {};
  const lastRun = state && lastRunOf(source, service.name, state);
  const incident =
    state?.incident === undefined ? undefined : getFromShelf(source.state.incidents, state.incident);
  return {
    name: check.name,
    kind: check.kind,
    state: state?.state ?? 'pending',
    since: toWall(source, state === undefined ? source.at.now : checkSince(state, incident)),
    ...(lastRun === undefined ? {} : { lastRun }),
    ...(state?.tookMs === undefined ? {} : { tookMs: state.tookMs }),
    every: cadenceText(check.cadence),
    summary: state?.judgement?.summary ?? '',
    findings: state?.judgement?.findings ?? [],
    reading,
    measurements: measurements(reading, kind?.readings ?? {}, kind?.headline ?? []),
    history: state === undefined ? [] : readableHistory(state),
    ...(incident === undefined ? {} : { incident: incidentOnWall(source, incident) }),
    missed: source.missedOf(service.name, check.name),
  };
}

/** `10 s`, or the cron pattern with its zone. */
export function cadenceText(cadence: Cadence): string {
  if ('every' in cadence) return formatDuration(cadence.every);
  return cadence.timezone === undefined ? cadence.cron : `${cadence.cron} ${cadence.timezone}`;
}
