import { countAfresh, mapChecks } from '../checks/pause.ts';
import { incidentsOpen } from '../notices/sweep.ts';
import { edit, nextSequence, record, serviceOf, type Work } from '../work.ts';
import { enqueue, noScheduledRestart, withholdOperation } from './operation.ts';

/** What the calendar says of maintenance windows and of routes with hours. */
export function setCalendar(work: Work, maintenance: readonly string[], routes: readonly number[]): void {
  const before = work.calendar;
  if (same(before.maintenance, maintenance) && same(before.routes, routes)) return;
  work.calendar = { maintenance, routes };
  for (const name of maintenance.filter((one) => !before.maintenance.includes(one))) {
    record(work, { type: 'silenced', service: '', text: `maintenance window ${name} begins` });
  }
  for (const name of before.maintenance.filter((one) => !maintenance.includes(one))) {
    record(work, { type: 'silence-ended', service: '', text: `maintenance window ${name} ends` });
  }
  incidentsOpen(work);
}

/** `hold_while` of a service: while it applies, nothing is a failure. Afterwards bad readings are counted from nothing. */
export function setHolding(work: Work, name: string, reason: string | undefined): void {
  const service = serviceOf(work, name);
  if (!service || service.holding === reason) return;
  const over = reason === undefined && {
    checks: mapChecks(service, (state) => countAfresh(state, work.at.now)),
  };
  edit(work, name, { holding: reason, ...over });
  work.flush = true;
}

/** `restart: { cron: ... }` of a service is due. */
export function calendarDue(work: Work, name: string): void {
  const service = serviceOf(work, name);
  const indexed = work.index.services.get(name);
  if (!service || !indexed) return;
  const against = noScheduledRestart(work, indexed, service);
  if (against) {
    withholdOperation(work, name, `no scheduled restart of ${name}`, against);
    return;
  }
  enqueue(work, name, {
    id: `op-${nextSequence(work)}`,
    kind: 'restart',
    reason: 'it is scheduled',
    by: 'schedule',
    requestedAt: work.at.now,
  });
}

function same(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}
