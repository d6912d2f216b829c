import { maintenanceOf } from '../notices/mute.ts';
import { incidentsOpen } from '../notices/sweep.ts';
import { noRepairs } from '../repairs/repair-mute.ts';
import { edit, nextSequence, record, serviceOf, type Work } from '../work.ts';
import { enqueue } from './operation.ts';
import { isWatched } from './service-state.ts';

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
  edit(work, name, { holding: reason });
  work.flush = true;
}

/** `restart: { cron: ... }` of a service is due. */
export function calendarDue(work: Work, name: string): void {
  const service = serviceOf(work, name);
  const indexed = work.index.services.get(name);
  if (!service || !indexed) return;
  const why = isWatched(service) ? noRepairs(work, indexed, service) : 'it is not being watched';
  const window = maintenanceOf(work, indexed.service)[0];
  if (why !== undefined || window) {
    const because = why ?? `maintenance window ${window?.name}`;
    record(work, {
      type: 'repair-withheld',
      service: name,
      text: `no scheduled restart of ${name}: ${because}`,
    });
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
