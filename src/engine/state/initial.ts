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

/**
 * Every field by name, also those without a value: what is copied from this has one shape for V8. A field that were added to a copy
 * would give each service a shape of its own, and everything that looks at services would never settle.
 */
const NOTHING_KNOWN: Required<ServiceState> = {
  name: '',
  revision: 0,
  monitored: true,
  unmonitoredBy: undefined,
  resumeAt: undefined,
  state: 'pending',
  since: 0,
  stop: undefined,
  report: undefined,
  holding: undefined,
  checks: {},
  operation: undefined,
  queue: [],
  startup: undefined,
  freshFrom: Number.MIN_SAFE_INTEGER,
  grace: undefined,
  repair: freshRepair,
  decisions: {},
  wakeAt: undefined,
};

/** A service as it was written down, which leaves out what has no value. */
export function rememberedService(written: ServiceState): ServiceState {
  const checks: Record<string, CheckState> = {};
  for (const [name, check] of Object.entries(written.checks)) {
    checks[name] = { ...newCheckState(name, written.since), ...check };
  }
  return { ...NOTHING_KNOWN, ...written, checks, repair: { ...freshRepair, ...written.repair } };
}

/** A service that nothing is known of yet. */
export function newServiceState(service: Service, now: number): ServiceState {
  const checks: Record<string, CheckState> = {};
  for (const { name } of service.checks) checks[name] = newCheckState(name, now);
  const monitored = service.mode !== 'manual';
  return {
    ...NOTHING_KNOWN,
    name: service.name,
    monitored,
    state: monitored ? 'pending' : 'unmonitored',
    since: now,
    checks,
  };
}
