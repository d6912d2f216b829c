import { createRequire } from 'node:module';
import type { Calendar } from '../calendar.ts';
import { type ZoneTime, zoneTime } from './zone-time.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Long enough for 29 February across 2100, which is no leap year. */
const SEARCH_DAYS = 366 * 9;

/**
 * Calendar questions on top of node-cron: it parses the pattern and says which days match; the walk over days and over
 * clock changes is ours. Where a pattern names hours and minutes, a time that the change of clocks skips or repeats
 * happens exactly once that day (RFC 5545); a pattern with `*` for hours or minutes goes by real time, as cron(8) does.
 */
export function createCronCalendar(): Calendar {
  const patterns = new Map<string, Pattern>();
  const patternOf = (cron: string): Pattern => {
    let pattern = patterns.get(cron);
    if (!pattern) {
      pattern = compile(cron);
      patterns.set(cron, pattern);
    }
    return pattern;
  };

  return {
    problem: (cron, timezone) => patternProblem(cron) ?? zoneProblem(timezone),
    next(cron, timezone, after) {
      const pattern = patternOf(cron);
      const zone = zoneTime(timezone);
      const today = startOfDay(zone.toLocal(after));
      // From a day earlier on: a time in a gap around midnight may land on the following day.
      for (let day = today - DAY; day <= today + SEARCH_DAYS * DAY; day += DAY) {
        const found = firstAfter(pattern.instants(day, zone), after);
        if (found === undefined) continue;
        const nextDay = firstAfter(pattern.instants(day + DAY, zone), after);
        return nextDay === undefined ? found : Math.min(found, nextDay);
      }
      throw new RangeError(`the cron pattern '${cron}' matches no time in the next nine years`);
    },
    last(cron, timezone, at, within) {
      const pattern = patternOf(cron);
      const zone = zoneTime(timezone);
      const today = startOfDay(zone.toLocal(at));
      const earliest = startOfDay(zone.toLocal(at - within)) - DAY;
      for (let day = today + DAY; day >= earliest; day -= DAY) {
        const candidates = [...pattern.instants(day, zone), ...pattern.instants(day - DAY, zone)];
        const fitting = candidates.filter((instant) => instant <= at && instant >= at - within);
        if (fitting.length > 0) return Math.max(...fitting);
      }
      return undefined;
    },
  };
}

interface Pattern {
  /** All matches that belong to one local day, oldest first. */
  instants(day: number, zone: ZoneTime): readonly number[];
}

const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

function compile(cron: string): Pattern {
  const text = expand(cron);
  const parsed = nodeCron().parse(text);
  const [minute = '*', hour = '*', dayOfMonth = '*', month = '*', dayOfWeek = '*'] = text.split(/\s+/);
  // crontab(5): when both day fields are restricted, a day that matches either one counts. node-cron wants both.
  const either = !/^[*?]/.test(dayOfMonth) && !/^[*?]/.test(dayOfWeek);
  const days = either
    ? [dayTest(`0 0 ${dayOfMonth} ${month} *`), dayTest(`0 0 * ${month} ${dayOfWeek}`)]
    : [dayTest(`0 0 ${dayOfMonth} ${month} ${dayOfWeek}`)];
  const times = parsed.hour.flatMap((h) => parsed.minute.map((m) => h * 60 * MINUTE + m * MINUTE));
  times.sort((left, right) => left - right);
  const byRealTime = hour.startsWith('*') || minute.startsWith('*');

  const instantsOf = (day: number, zone: ZoneTime): readonly number[] => {
    if (!days.some((matches) => matches(day))) return [];
    const offset = zone.steadyOffset(day);
    if (offset !== undefined) return times.map((time) => day + time - offset);
    const found = times.flatMap((time) =>
      byRealTime ? zone.toInstants(day + time) : [zone.toInstant(day + time)],
    );
    return [...new Set(found)].sort((left, right) => left - right);
  };

  // Windows are asked about every few seconds, always for the same few days.
  const kept = new Map<ZoneTime, Map<number, readonly number[]>>();
  return {
    instants(day, zone) {
      const ofZone = kept.get(zone) ?? new Map<number, readonly number[]>();
      kept.set(zone, ofZone);
      const known = ofZone.get(day);
      if (known) return known;
      if (ofZone.size >= 8) ofZone.clear();
      const instants = instantsOf(day, zone);
      ofZone.set(day, instants);
      return instants;
    },
  };
}

/** Whether the local day that starts at `day` (see `ZoneTime`) matches a pattern for midnight. */
function dayTest(midnightPattern: string): (day: number) => boolean {
  const task = nodeCron().createTask(midnightPattern, () => undefined, { timezone: 'UTC' });
  // Takes it out of node-cron's own list; matching needs no running task.
  void task.destroy();
  const answers = new Map<number, boolean>();
  return (day) => {
    let answer = answers.get(day);
    if (answer === undefined) {
      answer = task.match(new Date(day));
      if (answers.size > 1000) answers.clear();
      answers.set(day, answer);
    }
    return answer;
  };
}

function patternProblem(cron: string): string | undefined {
  const text = expand(cron);
  const fields = text === '' ? 0 : text.split(/\s+/).length;
  if (text.startsWith('@')) return `'${cron}' is not known; there are ${Object.keys(NICKNAMES).join(', ')}`;
  if (fields !== 5) {
    return `a cron pattern has five fields (minute, hour, day of month, month, day of week), '${cron}' has ${fields}`;
  }
  const error = nodeCron().validateDetailed(text).errors[0];
  if (!error) return undefined;
  const name = FIELD_NAMES[error.field] ?? error.field;
  if (/impossible/.test(error.message)) return `'${cron}' never comes: no such month has that day`;
  return `'${error.value ?? cron}' is not a valid ${name} in the cron pattern '${cron}'`;
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  minute: 'minute (0 to 59)',
  hour: 'hour (0 to 23)',
  dayOfMonth: 'day of month (1 to 31)',
  month: 'month (1 to 12 or jan to dec)',
  dayOfWeek: 'day of week (0 to 7 or sun to sat)',
  expression: 'character sequence',
};

function zoneProblem(timezone: string | undefined): string | undefined {
  try {
    zoneTime(timezone);
    return undefined;
  } catch {
    return `'${timezone}' is not a known time zone; write it as 'Europe/Berlin'`;
  }
}

function expand(cron: string): string {
  const text = cron.trim();
  return NICKNAMES[text.toLowerCase()] ?? text;
}

function startOfDay(local: number): number {
  return Math.floor(local / DAY) * DAY;
}

function firstAfter(instants: readonly number[], after: number): number | undefined {
  return instants.find((instant) => instant > after);
}

type NodeCron = typeof import('node-cron');

/** Questions are synchronous, so this one package comes by require; Node keeps it after the first time. */
function nodeCron(): NodeCron {
  const load = createRequire(import.meta.url);
  return load('node-cron') as NodeCron;
}
