import { getFromShelf, putOnShelf } from '../lib/shelf.ts';
import type { Config } from '../model/config.ts';
import type { Event } from '../model/event.ts';
import type { Incident } from '../model/incident.ts';
import type { Instant } from '../model/instant.ts';
import type { CheckState, Decision, Decisions, EngineState, ServiceState } from '../model/state.ts';
import type { Action, Step } from '../model/step.ts';
import { type ConfigIndex, indexOf } from './config-index.ts';
import type { Judge } from './judge.ts';
import { nextWake } from './next-wake.ts';

/**
 * One step being worked out. Its fields are replaced while it is; the state that came in and everything in it stays as
 * it was, so that the step as a whole is a pure function.
 */
export type Work = { -readonly [K in keyof EngineState]: EngineState[K] } & {
  readonly config: Config;
  readonly index: ConfigIndex;
  readonly at: Instant;
  readonly judge: Judge;
  readonly before: EngineState;
  readonly events: Event[];
  readonly actions: Action[];
  /** Services whose decisions have to be looked at again. */
  readonly dirty: Set<string>;
  /** Something changed that notices may have waited for. */
  flush: boolean;
};

/** Begins a step: a copy of the state whose fields may be replaced, with the rules and the moment it is for. */
export function openWork(config: Config, state: EngineState, at: Instant, judge: Judge): Work {
  // Written out: copying by `...` makes an object of another shape, and is many times slower.
  return {
    services: state.services,
    incidents: state.incidents,
    closed: state.closed,
    silences: state.silences,
    pending: state.pending,
    trust: state.trust,
    calendar: state.calendar,
    repairing: state.repairing,
    waiting: state.waiting,
    troubles: state.troubles,
    rates: state.rates,
    timers: state.timers,
    sequence: state.sequence,
    config,
    index: indexOf(config),
    at,
    judge,
    before: state,
    events: [],
    actions: [],
    dirty: new Set(),
    flush: false,
  };
}

/** Ends a step: the new state, what is worth recording, what is to be done, and when to call again. */
export function closeWork(work: Work): Step {
  const state = withServices(work, work.services);
  const wakeAt = nextWake(work.config, state, work.at);
  const actions = work.actions.length > 1 ? withoutRepeats(work.actions) : work.actions;
  return { state, events: work.events, actions, ...(wakeAt !== undefined && { wakeAt }) };
}

/** Several decisions of one step may ask for the same look. */
function withoutRepeats(actions: readonly Action[]): readonly Action[] {
  const asked = new Set<string>();
  return actions.filter((action) => {
    if (action.do !== 'probe') return true;
    const key = `${action.service}/${action.check ?? ''}`;
    if (asked.has(key)) return false;
    asked.add(key);
    return true;
  });
}

/** A state with other services. */
export function withServices(state: EngineState, services: EngineState['services']): EngineState {
  return {
    services,
    incidents: state.incidents,
    closed: state.closed,
    silences: state.silences,
    pending: state.pending,
    trust: state.trust,
    calendar: state.calendar,
    repairing: state.repairing,
    waiting: state.waiting,
    troubles: state.troubles,
    rates: state.rates,
    timers: state.timers,
    sequence: state.sequence,
  };
}

/** A wall time on the scale of `now`. */
export function fromWall(work: Work, wall: number): number {
  return wall - work.at.wall + work.at.now;
}

/** A time of the state on the wall clock, for people. */
export function toWall(work: Work, time: number): number {
  return time - work.at.now + work.at.wall;
}

/** A service as it is by now in this step; undefined when there is none of that name. */
export function serviceOf(work: Work, name: string): ServiceState | undefined {
  return getFromShelf(work.services, name);
}

/** Replaces parts of a service in a way that must survive a crash, and has its decisions looked at again. */
export function edit(work: Work, name: string, changes: Partial<ServiceState>): void {
  const service = serviceOf(work, name);
  if (!service) return;
  put(work, { ...service, ...changes, revision: service.revision + 1 });
  work.dirty.add(name);
}

/** The same for one of its checks; nothing where there is no such check. */
export function editCheck(work: Work, name: string, check: string, changes: Partial<CheckState>): void {
  const service = serviceOf(work, name);
  const state = service?.checks[check];
  if (!service || !state) return;
  edit(work, name, { checks: { ...service.checks, [check]: { ...state, ...changes } } });
}

/** Replaces a service as it is. */
export function put(work: Work, service: ServiceState): void {
  work.services = putOnShelf(work.services, service.name, service);
}

/** An incident as it is by now in this step; undefined when it is not known any more. */
export function incidentOf(work: Work, id: string | undefined): Incident | undefined {
  return id === undefined ? undefined : getFromShelf(work.incidents, id);
}

/** Replaces parts of an incident; nothing where it is not known any more. */
export function editIncident(work: Work, id: string, changes: Partial<Incident>): void {
  const incident = incidentOf(work, id);
  if (incident) work.incidents = putOnShelf(work.incidents, id, { ...incident, ...changes });
}

/** Open incidents of a service, in the order of its checks. */
export function openIncidents(work: Work, service: ServiceState): readonly Incident[] {
  const open: Incident[] = [];
  for (const name in service.checks) {
    const incident = incidentOf(work, service.checks[name]?.incident);
    if (incident) open.push(incident);
  }
  return open;
}

/** Adds an event of this moment, on the wall clock. */
export function record(work: Work, event: Omit<Event, 'at'>): void {
  work.events.push({ at: work.at.wall, ...event });
}

/**
 * Keeps the reason of a decision for `watcher why`, one of each for every check and for the service as a whole; the time
 * is that of the first moment the reason held. True when it is another reason than before.
 */
export function decide(
  work: Work,
  name: string,
  which: keyof Decisions,
  text: string,
  about: Omit<Decision, 'at' | 'text'> = {},
): boolean {
  const service = serviceOf(work, name);
  const slot = about.check ?? '';
  const last = service?.decisions[slot]?.[which];
  const { key = text } = about;
  if (!service || (last && (last.key ?? last.text) === key && last.incident === about.incident)) return false;
  const slots = { ...service.decisions[slot], [which]: { at: work.at.now, text, ...about } };
  const decisions = { ...service.decisions, [slot]: slots };
  put(work, { ...service, decisions, revision: service.revision + 1 });
  return true;
}

/** A number that no other of this state folder is, for ids. */
export function nextSequence(work: Work): number {
  work.sequence += 1;
  return work.sequence;
}
