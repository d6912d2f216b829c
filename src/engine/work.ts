import { getFromShelf, putOnShelf } from '../lib/shelf.ts';
import type { Config } from '../model/config.ts';
import type { Event } from '../model/event.ts';
import type { Incident } from '../model/incident.ts';
import type { Instant } from '../model/instant.ts';
import type { CheckState, Decisions, EngineState, ServiceState } from '../model/state.ts';
import type { Action, Step } from '../model/step.ts';
import { type ConfigIndex, indexOf } from './config-index.ts';
import type { Judge } from './judge.ts';

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

export function openWork(config: Config, state: EngineState, at: Instant, judge: Judge): Work {
  return {
    ...state,
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

export function closeWork(work: Work): Step {
  const wakeAt = nextWake(work);
  const state: EngineState = {
    services: work.services,
    incidents: work.incidents,
    closed: work.closed,
    silences: work.silences,
    pending: work.pending,
    trust: work.trust,
    calendar: work.calendar,
    repairing: work.repairing,
    waiting: work.waiting,
    troubles: work.troubles,
    rates: work.rates,
    timers: work.timers,
    sequence: work.sequence,
  };
  return { state, events: work.events, actions: work.actions, ...(wakeAt !== undefined && { wakeAt }) };
}

/** The soonest of the services' timers, waiting notices, ends of silences and digests. */
function nextWake(work: Work): number | undefined {
  let soonest = work.timers[0]?.at ?? Number.POSITIVE_INFINITY;
  for (const group of work.pending) soonest = Math.min(soonest, group.due);
  for (const silence of work.silences) soonest = Math.min(soonest, fromWall(work, silence.until));
  for (const [name, rate] of Object.entries(work.rates)) {
    const limit = work.config.notifiers[name]?.rateLimit;
    if (rate.held.length === 0) continue;
    const frees = limit && rate.sent[Math.max(0, rate.sent.length - limit.messages)];
    soonest = Math.min(soonest, frees === undefined || !limit ? work.at.now : frees + limit.window);
  }
  return soonest === Number.POSITIVE_INFINITY ? undefined : soonest;
}

/** A wall time on the scale of `now`. */
export function fromWall(work: Work, wall: number): number {
  return wall - work.at.wall + work.at.now;
}

/** A time of the state on the wall clock, for people. */
export function toWall(work: Work, time: number): number {
  return time - work.at.now + work.at.wall;
}

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

export function incidentOf(work: Work, id: string | undefined): Incident | undefined {
  return id === undefined ? undefined : getFromShelf(work.incidents, id);
}

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

export function record(work: Work, event: Omit<Event, 'at'>): void {
  work.events.push({ at: work.at.wall, ...event });
}

/** Keeps the reason of a decision for `watcher why`; the time is that of the first moment the reason held. */
export function decide(work: Work, name: string, which: keyof Decisions, text: string): void {
  const service = serviceOf(work, name);
  if (!service || service.decisions[which]?.text === text) return;
  const decisions = { ...service.decisions, [which]: { at: work.at.now, text } };
  put(work, { ...service, decisions, revision: service.revision + 1 });
}

export function nextSequence(work: Work): number {
  work.sequence += 1;
  return work.sequence;
}
