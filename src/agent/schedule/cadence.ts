import type { Calendar } from '../../host/calendar.ts';
import type { Cadence } from '../../model/service.ts';

/**
 * A wall clock that was put back by no more than so many milliseconds does not bring a turn again that has come. One that
 * was put back further does: a check that has a turn each minute must not stand still for as long as it was wrong.
 */
const PUT_BACK = 60_000;

/** The period of a cadence in milliseconds, or nothing when it goes by the calendar. */
export function periodOf(cadence: Cadence): number | undefined {
  return 'every' in cadence ? cadence.every : undefined;
}

/**
 * The wall time of the next turn of a cadence by the calendar, never the one that came last (`took`); never at all for one
 * with a period. The clock by which it is waited for and the wall clock differ by fractions of a millisecond: a turn may
 * come just before its time is reached.
 */
export function nextSlot(cadence: Cadence, calendar: Calendar, wall: number, took: number): number {
  if (!('cron' in cadence)) return Number.POSITIVE_INFINITY;
  const after = took > wall && took - wall <= PUT_BACK ? took : wall;
  return calendar.next(cadence.cron, cadence.timezone, after);
}

/** Whether both come at the same times, so that a job may keep its grid. */
export function sameCadence(a: Cadence, b: Cadence): boolean {
  if ('every' in a) return 'every' in b && a.every === b.every;
  return 'cron' in b && a.cron === b.cron && a.timezone === b.timezone;
}
