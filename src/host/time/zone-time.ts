const MINUTE = 60_000;
const DAY = 86_400_000;

/**
 * Local times of one IANA time zone, both ways. A "local" value is the time a wall clock there shows, written as the
 * milliseconds that the same digits would have in UTC: so local days always have 24 hours and no gaps.
 */
export interface ZoneTime {
  toLocal(instant: number): number;
  /** The instants at which clocks there show this: none in the gap of spring, two in the repeated hour of autumn. */
  toInstants(local: number): readonly number[];
  /** As `toInstants`, but exactly one: RFC 5545, 3.3.5: the first of two; in a gap, as if clocks had not been changed yet. */
  toInstant(local: number): number;
  /** Minutes ahead of UTC in milliseconds, when it is the same from two days before to two days after this local time. */
  steadyOffset(local: number): number | undefined;
}

/** Making one is costly (Intl), so they are kept; configurations that come and go may name many over the years. */
const zones = new Map<string, ZoneTime>();
const MOST_ZONES = 64;

/** Throws a RangeError for a zone that the runtime does not know. No zone: the machine's own. */
export function zoneTime(timezone: string | undefined): ZoneTime {
  const key = timezone ?? '';
  const known = zones.get(key);
  if (known) return known;
  const made = makeZoneTime(timezone);
  if (zones.size >= MOST_ZONES) zones.clear();
  zones.set(key, made);
  return made;
}

function makeZoneTime(timezone: string | undefined): ZoneTime {
  const offset = timezone === undefined ? machineOffset : intlOffset(timezone);
  const toLocal = (instant: number) => instant + offset(instant);
  const around = (local: number): readonly number[] => {
    // No zone is further than a day from UTC, and none changes twice within two days.
    const before = offset(local - DAY);
    const after = offset(local + DAY);
    return before === after ? [local - before] : [local - before, local - after];
  };
  const toInstants = (local: number) =>
    around(local)
      .filter((instant) => toLocal(instant) === local)
      .sort((left, right) => left - right);
  return {
    toLocal,
    toInstants,
    toInstant: (local) => toInstants(local)[0] ?? around(local)[0] ?? local,
    steadyOffset(local) {
      const first = offset(local - 2 * DAY);
      return first === offset(local + 2 * DAY) && first === offset(local) ? first : undefined;
    },
  };
}

/** The machine's own zone, through Date: it follows TZ and needs no Intl. */
function machineOffset(instant: number): number {
  return -new Date(instant).getTimezoneOffset() * MINUTE;
}

function intlOffset(timezone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (instant) => {
    const field: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(instant)) field[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = field;
    const whole = Math.floor(instant / 1000) * 1000;
    return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
  };
}
