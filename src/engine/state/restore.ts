import { emptyShelf, putOnShelf, shelfValues } from '../../lib/shelf.ts';
import type { Incident } from '../../model/incident.ts';
import type { Instant } from '../../model/instant.ts';
import type { CheckState, EngineState, ServiceState } from '../../model/state.ts';
import { firstSequence } from '../incidents/incident-id.ts';
import { withTimer } from '../timers.ts';
import { blankState, rememberedService } from './initial.ts';
import type { EnginePart } from './parts.ts';
import { engineNow, incidentNow, serviceNow } from './set-back.ts';

/** Entries of the store with their keys, as `changedParts` gave them. */
export type StoredParts = Iterable<readonly [key: string, value: unknown]>;

/**
 * The state as it was stored. What is damaged is left out (`dropped` hears of each key), never guessed: a service that
 * is left out starts anew, and an incident that no service holds any more is closed by `configured`, with its notices.
 * Give it `configured` with reason `start` first.
 */
export function restoreState(
  stored: StoredParts | undefined,
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
      if (isService(value, name))
        services = putOnShelf(services, name, serviceNow(rememberedService(value), at.now));
      else dropped(key);
    } else if (key.startsWith('incident/')) {
      if (isIncident(value, name)) incidents = putOnShelf(incidents, name, incidentNow(value, at.now));
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
  return engineNow({ ...blank, ...rest }, now);
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
