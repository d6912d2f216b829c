import type { ServiceState, Timer } from '../model/state.ts';
import { followUpTimes } from './incidents/follow-up.ts';
import { budgetFreesAt, secondTryAt } from './repairs/budget.ts';
import { lastWait } from './services/readiness.ts';
import { openIncidents, put, serviceOf, type Work } from './work.ts';

/** Notes when a service wants to be looked at next though nothing happens. */
export function setTimer(work: Work, name: string): void {
  const service = serviceOf(work, name);
  const wakeAt = service && soonest(work, service);
  if (!service || service.wakeAt === wakeAt) return;
  if (service.wakeAt !== undefined) {
    work.timers = work.timers.filter((timer) => timer.service !== name);
  }
  if (wakeAt !== undefined) work.timers = withTimer(work.timers, { at: wakeAt, service: name });
  put(work, { ...service, wakeAt });
}

/** Services whose time has come. */
export function dueTimers(work: Work): readonly string[] {
  const due: string[] = [];
  for (const { at, service } of work.timers) {
    if (at > work.at.now) break;
    due.push(service);
  }
  return due;
}

/** Sorted by time, then by name so that the order never depends on history. */
export function withTimer(timers: readonly Timer[], timer: Timer): readonly Timer[] {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = timers[middle] as Timer;
    if (other.at < timer.at || (other.at === timer.at && other.service < timer.service)) low = middle + 1;
    else high = middle;
  }
  return timers.toSpliced(low, 0, timer);
}

function soonest(work: Work, service: ServiceState): number | undefined {
  const indexed = work.index.services.get(service.name);
  if (!indexed) return undefined;
  const { now } = work.at;
  const { budget } = indexed.service;
  const { repair, startup } = service;
  const times = [service.resumeAt, startup?.until, repair.verifying?.readySince && repair.verifying.until];
  if (startup) times.push(lastWait(work, service.name, startup));
  const incidents = openIncidents(work, service);
  if (incidents.some(({ about }) => about === 'failing')) {
    times.push(repair.notBefore, secondTryAt(repair, budget, now), budgetFreesAt(repair, budget, now));
  }
  for (const name in service.checks) {
    const since = service.checks[name]?.unknownSince;
    const after = indexed.checks.get(name)?.unknownAfter;
    if (since !== undefined && after !== undefined) times.push(since + after);
  }
  for (const incident of incidents) times.push(...followUpTimes(work, incident));
  let soon = Number.POSITIVE_INFINITY;
  // What is past waits for something else than time, and that will be an input of its own.
  for (const time of times) if (time !== undefined && time > now && time < soon) soon = time;
  return soon === Number.POSITIVE_INFINITY ? undefined : soon;
}
