import type { Calendar } from '../../host/calendar.ts';
import type { Instant } from '../../model/instant.ts';
import type { Cadence } from '../../model/service.ts';

/** The period of a cadence in milliseconds, or nothing when it goes by the calendar. */
export function periodOf(cadence: Cadence): number | undefined {
  return 'every' in cadence ? cadence.every : undefined;
}

/** When a cadence by the calendar comes next, on the scale of `now`; never for one with a period. */
export function calendarDue(cadence: Cadence, calendar: Calendar, { now, wall }: Instant): number {
  if (!('cron' in cadence)) return Number.POSITIVE_INFINITY;
  return now + (calendar.next(cadence.cron, cadence.timezone, wall) - wall);
}

/** Whether both come at the same times, so that a job may keep its grid. */
export function sameCadence(a: Cadence, b: Cadence): boolean {
  if ('every' in a) return 'every' in b && a.every === b.every;
  return 'cron' in b && a.cron === b.cron && a.timezone === b.timezone;
}
