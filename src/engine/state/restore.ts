import { emptyShelf, putOnShelf, shelfValues } from '../../lib/shelf.ts';
import type { Config } from '../../model/config.ts';
import type { Incident } from '../../model/incident.ts';
import type { Instant } from '../../model/instant.ts';
import type { CheckState, EngineState, ServiceState } from '../../model/state.ts';
import { newCheckState } from '../checks/check-state.ts';
import { firstSequence } from '../incidents/incident-id.ts';
import { freshRepair } from '../repairs/budget.ts';
import { withTimer } from '../timers.ts';
import { blankState } from './initial.ts';
import type { EnginePart } from './parts.ts';

/** Entries of the store with their keys, as `changedParts` gave them. */
export type StoredParts = Iterable<readonly [key: string, value: unknown]>;

/**
 * The state as it was stored. What is damaged is left out (`dropped` hears of each key), never guessed: a service that
 * is left out starts anew, and an incident that no service holds any more is closed by `configured`, with its notices.
 * Give it `configured` with reason `start` first.
 */
export function restoreState(
  stored: StoredParts | undefined,
  _config: Config,
  at: Instant,
  dropped: (key: string) => void = () => {},
): EngineState {
  let services = emptyShelf<ServiceState>();
  let incidents = emptyShelf<Incident>();
  let state = blankState(at);
  let whole = false;
  for (const [key, value] of stored ?? []) {
    const name = key.slice(key.indexOf('/') + 1);
    if (key === 'engine') {
      whole = isEnginePart(value);
      if (isEnginePart(value)) state = restoreEngine(state, value, at);
      else dropped(key);
    } else if (key.startsWith('service/')) {
      if (isService(value, name)) services = putOnShelf(services, name, restoreService(value, at));
      else dropped(key);
    } else if (key.startsWith('incident/')) {
      if (isIncident(value, name)) incidents = putOnShelf(incidents, name, value);
      else dropped(key);
    }
  }
  // Without its counter it goes on from a number that no earlier life has come to, one a second.
  const lost = !whole && services.size + incidents.size > 0;
  const begin = lost ? Math.floor(at.now / 1000) : firstSequence(at.now);
  const sequence = whole ? state.sequence : begin;
  return withTimers({ ...state, services, incidents, sequence });
}

function restoreEngine(blank: EngineState, part: EnginePart, { now }: Instant): EngineState {
  const { version: _, ...rest } = part;
  const trust = { ...part.trust, since: Math.min(part.trust.since, now) };
  return { ...blank, ...rest, trust };
}

/** A clock that was set back between two lives of the agent must not put the past into the future. */
function restoreService(service: ServiceState, { now }: Instant): ServiceState {
  const { repair } = service;
  const late = service.since > now || repair.attempts.some((at) => at > now) || service.freshFrom > now;
  if (!late && Object.values(service.checks).every((check) => check.since <= now)) return service;
  const checks: Record<string, CheckState> = {};
  for (const [name, check] of Object.entries(service.checks)) {
    const { incident, level, state, memory, flap } = check;
    checks[name] = { ...newCheckState(name, now), incident, level, state, memory, flap };
  }
  return {
    ...service,
    since: Math.min(service.since, now),
    freshFrom: Math.min(service.freshFrom, now),
    checks,
    startup: undefined,
    repair: {
      ...freshRepair,
      attempts: repair.attempts.map((at) => Math.min(at, now)),
      rung: repair.rung,
      check: repair.check,
      failures: repair.failures,
      secondTries: repair.secondTries,
      stoodDownAt: repair.stoodDownAt === undefined ? undefined : Math.min(repair.stoodDownAt, now),
    },
  };
}

function withTimers(state: EngineState): EngineState {
  let { timers } = state;
  for (const { name, wakeAt } of shelfValues(state.services)) {
    if (wakeAt !== undefined) timers = withTimer(timers, { at: wakeAt, service: name });
  }
  return { ...state, timers };
}

function isEnginePart(value: unknown): value is EnginePart {
  return (
    isObject(value) &&
    value.version === 1 &&
    ['closed', 'silences', 'pending', 'repairing', 'waiting'].every((key) => Array.isArray(value[key])) &&
    ['trust', 'calendar', 'troubles', 'rates'].every((key) => isObject(value[key])) &&
    typeof value.sequence === 'number'
  );
}

function isService(value: unknown, name: string): value is ServiceState {
  return (
    isObject(value) &&
    value.name === name &&
    typeof value.revision === 'number' &&
    typeof value.monitored === 'boolean' &&
    typeof value.since === 'number' &&
    Array.isArray(value.queue) &&
    isObject(value.decisions) &&
    isObject(value.repair) &&
    Array.isArray(value.repair.attempts) &&
    isObject(value.checks) &&
    Object.values(value.checks).every(isCheck)
  );
}

function isCheck(value: unknown): value is CheckState {
  return (
    isObject(value) &&
    typeof value.name === 'string' &&
    typeof value.level === 'string' &&
    typeof value.countFrom === 'number' &&
    Array.isArray(value.samples) &&
    isObject(value.turned) &&
    isObject(value.memory) &&
    isObject(value.flap)
  );
}

function isIncident(value: unknown, id: string): value is Incident {
  return (
    isObject(value) &&
    value.id === id &&
    typeof value.service === 'string' &&
    typeof value.check === 'string' &&
    typeof value.openedAt === 'number' &&
    ['told', 'timeline', 'repairs', 'findings'].every((key) => Array.isArray(value[key]))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
