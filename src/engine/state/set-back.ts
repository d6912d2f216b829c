import type { Incident } from '../../model/incident.ts';
import type { CheckState, EngineState, Operation, ServiceState, Verification } from '../../model/state.ts';
import { newCheckState } from '../checks/check-state.ts';
import { freshRepair } from '../repairs/budget.ts';

/**
 * A clock that was set back between two lives of the agent must not put the past into the future: what was before is at
 * the latest now, and what was to come after a while comes after that while at the latest. What lies in the past already
 * stays as it is.
 */
export function engineNow(state: EngineState, now: number): EngineState {
  const past = (time: number): number => Math.min(time, now);
  const { trust, pending, troubles, rates } = state;
  return {
    ...state,
    trust: { ...trust, since: past(trust.since) },
    pending: mapped(pending, (one) => {
      const wait = one.since > now ? one.due - one.since : MOST_WAIT;
      const due = Math.min(one.due, now + Math.min(wait, MOST_WAIT));
      return one.since <= now && due === one.due ? one : { ...one, since: past(one.since), due };
    }),
    troubles: eachOf(troubles, (one) => (one.since <= now ? one : { ...one, since: now })),
    rates: eachOf(rates, (rate) =>
      [...rate.sent, ...rate.held.map(({ at }) => at)].every((at) => at <= now)
        ? rate
        : { sent: rate.sent.map(past), held: rate.held.map((one) => ({ ...one, at: past(one.at) })) },
    ),
  };
}

/**
 * No notice waits for longer before it is looked at again: what is kept back by then is kept back again. Milliseconds;
 * more than any sensible `group_wait`.
 */
const MOST_WAIT = 300_000;

/** The same for an incident. */
export function incidentNow(incident: Incident, now: number): Incident {
  const { openedAt, closedAt = openedAt, toldAt = openedAt, upAt = openedAt, owed, timeline } = incident;
  const latest = Math.max(openedAt, closedAt, toldAt, upAt, owed?.since ?? 0, timeline.at(-1)?.at ?? 0);
  if (latest <= now) return incident;
  const past = (time: number): number => Math.min(time, now);
  const maybe = (time: number | undefined) => (time === undefined ? undefined : past(time));
  const { acknowledged } = incident;
  return {
    ...incident,
    openedAt: past(openedAt),
    failingSince: past(incident.failingSince),
    worseSince: maybe(incident.worseSince),
    upAt: maybe(incident.upAt),
    closedAt: maybe(incident.closedAt),
    toldAt: maybe(incident.toldAt),
    owed: owed && { ...owed, since: past(owed.since) },
    acknowledged: acknowledged && { ...acknowledged, at: past(acknowledged.at) },
    repairs: incident.repairs.map((one) => ({ ...one, at: past(one.at), endedAt: maybe(one.endedAt) })),
    timeline: timeline.map((one) => ({ ...one, at: past(one.at) })),
  };
}

/** The same for a service. What its checks saw by the other clock is forgotten; what was decided stays. */
export function serviceNow(service: ServiceState, now: number): ServiceState {
  const { repair, stop, grace, resumeAt, operation, startup } = service;
  const { verifying } = repair;
  if (latestOf(service) <= now) return service;
  const past = (time: number): number => Math.min(time, now);
  const checks: Record<string, CheckState> = {};
  for (const [name, check] of Object.entries(service.checks)) {
    const { incident, level, state, memory, flap, pace } = check;
    checks[name] = { ...newCheckState(name, now), incident, level, state, memory, flap, pace };
  }
  // `unmonitor --for` lasts for as long as was asked for, at most.
  const resume = resumeAt && Math.min(resumeAt, now + Math.max(0, resumeAt - service.since));
  return {
    ...service,
    since: past(service.since),
    freshFrom: past(service.freshFrom),
    resumeAt: resume,
    checks,
    startup: startup && {
      ...startup,
      since: past(startup.since),
      until: Math.min(startup.until, now + startup.until - startup.since),
    },
    grace: grace && {
      at: past(grace.at),
      ...(grace.readyAt !== undefined && { readyAt: past(grace.readyAt) }),
    },
    stop: stop && { ...stop, at: past(stop.at) },
    operation: operation && operationNow(operation, now),
    queue: service.queue.map((one) => operationNow(one, now)),
    repair: {
      ...freshRepair,
      attempts: repair.attempts.map(past),
      rung: repair.rung,
      check: repair.check,
      failures: repair.failures,
      secondTries: repair.secondTries,
      stoodDownAt: repair.stoodDownAt === undefined ? undefined : past(repair.stoodDownAt),
      healthySince: repair.healthySince === undefined ? undefined : past(repair.healthySince),
      verifying: verifying && trialNow(verifying, now),
    },
  };
}

/** The latest of the times that lay in the past when they were written down. */
function latestOf({
  since,
  freshFrom,
  checks,
  repair,
  stop,
  grace,
  operation,
  startup,
}: ServiceState): number {
  const times = [
    since,
    freshFrom,
    ...repair.attempts,
    repair.stoodDownAt,
    repair.healthySince,
    repair.askedAt,
  ];
  times.push(stop?.at, grace?.at, operation?.requestedAt, startup?.since, repair.verifying?.readySince);
  for (const name in checks) times.push(checks[name]?.since, checks[name]?.lastRun);
  return Math.max(...times.map((time) => time ?? Number.NEGATIVE_INFINITY));
}

function trialNow(trial: Verification, now: number): Verification {
  const { readySince, until } = trial;
  if (readySince === undefined) return trial;
  return {
    ...trial,
    readySince: Math.min(readySince, now),
    until: Math.min(until, now + until - readySince),
  };
}

function operationNow(operation: Operation, now: number): Operation {
  const { requestedAt, startedAt } = operation;
  return {
    ...operation,
    requestedAt: Math.min(requestedAt, now),
    startedAt: startedAt === undefined ? undefined : Math.min(startedAt, now),
  };
}

function mapped<T>(all: readonly T[], change: (one: T) => T): readonly T[] {
  const changed = all.map(change);
  return changed.every((one, index) => one === all[index]) ? all : changed;
}

function eachOf<T extends object>(all: T, change: (one: T[keyof T]) => T[keyof T]): T {
  return Object.fromEntries(Object.entries(all).map(([key, one]) => [key, change(one)])) as T;
}
