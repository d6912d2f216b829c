import { emptyShelf, putOnShelf } from '../../lib/shelf.ts';
import type { Config } from '../../model/config.ts';
import type { Instant } from '../../model/instant.ts';
import type { Service } from '../../model/service.ts';
import type { CheckState, EngineState, ServiceState } from '../../model/state.ts';
import { newCheckState } from '../checks/check-state.ts';
import { freshRepair } from '../repairs/budget.ts';

/** Knows the services of a configuration and nothing of their past. Give it `configured` first. */
export function initialState(config: Config, at: Instant): EngineState {
  let services = emptyShelf<ServiceState>();
  for (const service of config.services) {
    services = putOnShelf(services, service.name, newServiceState(service, at.now));
  }
  return { ...blankState(at), services };
}

/** No services yet. */
export function blankState({ now }: Instant): EngineState {
  return {
    services: emptyShelf(),
    incidents: emptyShelf(),
    closed: [],
    silences: [],
    pending: [],
    trust: { trusted: true, since: now },
    calendar: { maintenance: [], routes: [] },
    repairing: [],
    waiting: [],
    troubles: {},
    rates: {},
    timers: [],
    sequence: 0,
  };
}

/** A service that nothing is known of yet. */
export function newServiceState(service: Service, now: number): ServiceState {
  const checks: Record<string, CheckState> = {};
  for (const { name } of service.checks) checks[name] = newCheckState(name, now);
  const monitored = service.mode !== 'manual';
  return {
    name: service.name,
    revision: 0,
    monitored,
    state: monitored ? 'pending' : 'unmonitored',
    since: now,
    checks,
    queue: [],
    freshFrom: Number.MIN_SAFE_INTEGER,
    repair: freshRepair,
    decisions: {},
  };
}
