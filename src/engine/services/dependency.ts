import type { Check } from '../../model/service.ts';
import type { CheckState, ServiceState } from '../../model/state.ts';
import type { IndexedService } from '../config-index.ts';
import { serviceOf, type Work } from '../work.ts';
import { isBeingOperated } from './service-state.ts';

/**
 * Why a bad reading of this check is put down to something else: its service is being operated or comes up, the
 * service's process is down, or something the service depends on is. Undefined when it stands on its own.
 * Checks go on meanwhile, and so does recovery; only incidents, notices and repairs wait.
 */
export function heldBack(
  work: Work,
  indexed: IndexedService,
  service: ServiceState,
  check: Check,
): string | undefined {
  if (isBeingOperated(service)) return `${service.operation?.kind ?? service.queue[0]?.kind} is under way`;
  if (service.startup) return 'it is still starting';
  const { vital } = indexed;
  const main = vital && vital.name !== check.name ? service.checks[vital.name] : undefined;
  // A vital check that only tells must not keep a check that could repair from doing so.
  const mayRepair = check.repair.length > 0 && vital?.repair.length === 0;
  if (main && !mayRepair && isBad(main)) return `${main.name} is ${main.state}`;
  return causeAmongDependencies(work, indexed);
}

/**
 * What a service depends on that is down, or comes up: soon over, or told and repaired itself. What was stopped on
 * purpose may stay so for ever and tells nobody anything, so it keeps nobody who depends on it from being told.
 */
function causeAmongDependencies(work: Work, indexed: IndexedService): string | undefined {
  for (const name of indexed.dependencies) {
    const service = serviceOf(work, name);
    const why = isLeftStopped(service) ? undefined : whyDown(work, name, service);
    if (why !== undefined) return becauseOf(name, why);
  }
  return undefined;
}

/** Why a service will miss what it depends on until somebody starts that. */
export function dependencyStopped(work: Work, indexed: IndexedService): string | undefined {
  const name = indexed.dependencies.find((one) => isLeftStopped(serviceOf(work, one)));
  return name === undefined ? undefined : becauseOf(name, 'is stopped');
}

/** Stopped on purpose, and nothing is being done about it just now. */
export function isLeftStopped(service: ServiceState | undefined): boolean {
  return service?.monitored === true && service.stop !== undefined && !isBeingOperated(service);
}

function becauseOf(name: string, why: string): string {
  return `it depends on ${name}, which ${why}`;
}

/** The first cause among what a service depends on, roots first. */
export function dependencyDown(
  work: Work,
  indexed: IndexedService,
): { readonly service: string; readonly why: string } | undefined {
  for (const name of indexed.dependencies) {
    const why = whyDown(work, name, serviceOf(work, name));
    if (why !== undefined) return { service: name, why: becauseOf(name, why) };
  }
  return undefined;
}

/** Why a service cannot serve those that depend on it: `is down (alive)`. Undefined when it can. */
export function whyDown(work: Work, name: string, service: ServiceState | undefined): string | undefined {
  if (!service?.monitored) return undefined;
  if (service.stop) return 'is stopped';
  const { operation, startup } = service;
  const kind = operation?.kind ?? startup?.kind;
  if (kind === 'stop' || kind === 'start' || kind === 'restart' || kind === 'manager') return 'is starting';
  const checks = work.index.services.get(name)?.checks;
  for (const check in service.checks) {
    const state = service.checks[check];
    const rule = checks?.get(check);
    if (state && rule && isBad(state) && gates(rule, state)) return `is ${state.state} (${check})`;
  }
  return undefined;
}

/**
 * Whether a failing check means that the service itself cannot be used. A full disk or a certificate that will expire
 * must not keep everything that depends on the service from being told and repaired, perhaps for days.
 */
function gates(check: Check, state: CheckState): boolean {
  return check.vital || state.outcome === 'failed';
}

function isBad(check: CheckState): boolean {
  return check.state === 'down' || check.state === 'failing';
}
