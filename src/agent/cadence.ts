import type { Calendar } from '../host/calendar.ts';
import type { Instant } from '../model/instant.ts';
import type { Cadence } from '../model/service.ts';

/** The period of a cadence in milliseconds, or nothing when it goes by the calendar. */
export function periodOf(cadence: Cadence): number | undefined {
  return 'every' in cadence ? cadence.every : undefined;
}

/** When a cadence by the calendar comes next, on the scale of `now`; never for one with a period. */
export function calendarDue(cadence: Cadence, calendar: Calendar, { now, wall }: Instant): number {
  if (!('cron' in cadence)) return Number.POSITIVE_INFINITY;
  return now + (calendar.next(cadence.cron, cadence.timezone, wall) - wall);
}

export function sameCadence(a: Cadence, b: Cadence): boolean {
  if ('every' in a) return 'every' in b && a.every === b.every;
  return 'cron' in b && a.cron === b.cron && a.timezone === b.timezone;
}

/** Between 0 and 1, always the same for the same key (FNV-1a): restarts of the agent do not move the load about. */
export function phaseOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) / 2 ** 32;
}
