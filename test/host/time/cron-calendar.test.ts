import { describe, expect, it } from 'vitest';
import { createCronCalendar } from '../../../src/host/time/cron-calendar.ts';

const calendar = createCronCalendar();
const berlin = 'Europe/Berlin';
const at = (iso: string) => Date.parse(iso);
const iso = (instant: number | undefined) =>
  instant === undefined ? undefined : new Date(instant).toISOString();
const next = (cron: string, after: string, zone?: string) =>
  iso(calendar.next(cron, zone ?? 'UTC', at(after)));
const series = (cron: string, after: string, count: number, zone: string) => {
  const found: (string | undefined)[] = [];
  let time = at(after);
  for (let index = 0; index < count; index += 1) {
    time = calendar.next(cron, zone, time);
    found.push(iso(time));
  }
  return found;
};

describe('next', () => {
  it('is strictly after', () => {
    expect(next('0 3 * * *', '2026-01-05T03:00:00Z')).toBe('2026-01-06T03:00:00.000Z');
    expect(next('0 3 * * *', '2026-01-05T02:59:59.999Z')).toBe('2026-01-05T03:00:00.000Z');
    expect(next('* * * * *', '2026-01-05T03:00:00Z')).toBe('2026-01-05T03:01:00.000Z');
  });

  it('knows names, steps, ranges, the last day and nicknames', () => {
    expect(next('*/20 9-17 * * mon-fri', '2026-01-09T17:41:00Z')).toBe('2026-01-12T09:00:00.000Z');
    expect(next('0 0 L * *', '2026-02-01T00:00:00Z')).toBe('2026-02-28T00:00:00.000Z');
    expect(next('0 12 * jan sun', '2026-01-30T00:00:00Z')).toBe('2027-01-03T12:00:00.000Z');
    expect(next('@monthly', '2026-02-01T00:00:00Z')).toBe('2026-03-01T00:00:00.000Z');
    expect(next('0 3 * * 7', '2026-01-05T00:00:00Z')).toBe('2026-01-11T03:00:00.000Z');
  });

  it('finds 29 February years ahead', () => {
    expect(next('0 0 29 2 *', '2096-03-01T00:00:00Z')).toBe('2104-02-29T00:00:00.000Z');
  });

  it('takes either day field when both are restricted, as crontab(5) does', () => {
    expect(series('0 3 13 * 1', '2026-01-06T00:00:00Z', 3, 'UTC')).toEqual([
      '2026-01-12T03:00:00.000Z',
      '2026-01-13T03:00:00.000Z',
      '2026-01-19T03:00:00.000Z',
    ]);
  });

  it('goes by the time zone', () => {
    expect(next('0 3 * * *', '2026-01-05T00:00:00Z', berlin)).toBe('2026-01-05T02:00:00.000Z');
    expect(next('0 3 * * *', '2026-07-05T00:00:00Z', berlin)).toBe('2026-07-05T01:00:00.000Z');
    expect(next('0 3 * * *', '2026-07-05T00:00:00Z', 'Pacific/Kiritimati')).toBe('2026-07-05T13:00:00.000Z');
  });
});

describe('when clocks go forward (Berlin, 29 March 2026, 02:00 becomes 03:00)', () => {
  it('a time that does not exist comes once, as if the clocks had not changed yet', () => {
    expect(series('30 2 * * *', '2026-03-27T12:00:00Z', 3, berlin)).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:30:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  it('times around the gap are not disturbed', () => {
    expect(series('0 1,3 * * *', '2026-03-28T22:59:00Z', 2, berlin)).toEqual([
      '2026-03-29T00:00:00.000Z',
      '2026-03-29T01:00:00.000Z',
    ]);
  });

  it('a pattern by real time has no gap and no doubles', () => {
    expect(series('0 * * * *', '2026-03-28T23:30:00Z', 3, berlin)).toEqual([
      '2026-03-29T00:00:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-29T02:00:00.000Z',
    ]);
  });
});

describe('when clocks go back (Berlin, 25 October 2026, 03:00 becomes 02:00)', () => {
  it('a time that comes twice counts once', () => {
    expect(series('30 2 * * *', '2026-10-24T12:00:00Z', 2, berlin)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
  });

  it('a pattern by real time runs through both hours', () => {
    expect(series('*/30 * * * *', '2026-10-24T23:45:00Z', 5, berlin)).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T01:30:00.000Z',
      '2026-10-25T02:00:00.000Z',
    ]);
  });
});

describe('a zone whose clocks change at midnight (Santiago, 6 September 2026, 24:00 becomes 01:00)', () => {
  it('midnight comes once, an hour later', () => {
    expect(series('0 0 * * *', '2026-09-04T12:00:00Z', 3, 'America/Santiago')).toEqual([
      '2026-09-05T04:00:00.000Z',
      '2026-09-06T04:00:00.000Z',
      '2026-09-07T03:00:00.000Z',
    ]);
  });
});

describe('last', () => {
  it('includes the very moment and looks no further back than it may', () => {
    const last = (moment: string, within: number) =>
      iso(calendar.last('0 3 * * *', 'UTC', at(moment), within));
    expect(last('2026-01-05T03:00:00Z', 0)).toBe('2026-01-05T03:00:00.000Z');
    expect(last('2026-01-05T03:20:00Z', 30 * 60_000)).toBe('2026-01-05T03:00:00.000Z');
    expect(last('2026-01-05T03:40:00Z', 30 * 60_000)).toBeUndefined();
    expect(last('2026-01-05T02:00:00Z', 30 * 3_600_000)).toBe('2026-01-04T03:00:00.000Z');
  });

  it('agrees with next at every minute of both days of change', () => {
    for (const day of ['2026-03-28T20:00:00Z', '2026-10-24T20:00:00Z']) {
      for (const cron of ['30 2 * * *', '*/30 * * * *', '15 0,2,3 * * *']) {
        for (let minute = 0; minute < 720; minute += 7) {
          const moment = at(day) + minute * 60_000;
          const coming = calendar.next(cron, berlin, moment);
          expect(calendar.last(cron, berlin, coming, 0)).toBe(coming);
          const past = calendar.last(cron, berlin, coming - 1, 48 * 3_600_000) ?? 0;
          expect(past).toBeLessThanOrEqual(moment);
          expect(calendar.next(cron, berlin, past)).toBe(coming);
        }
      }
    }
  });
});

describe('problem', () => {
  it('is nothing for good patterns', () => {
    for (const cron of ['* * * * *', '0 3 * * sun', '@daily', '  5 4 1-7 * *  ']) {
      expect(calendar.problem(cron, berlin)).toBeUndefined();
    }
  });

  it('says what is wrong and where', () => {
    expect(calendar.problem('61 3 * * *')).toContain('minute (0 to 59)');
    expect(calendar.problem('0 3 * *')).toContain('has 4');
    expect(calendar.problem('0 0 3 * * *')).toContain('has 6');
    expect(calendar.problem('')).toContain('has 0');
    expect(calendar.problem('@often')).toContain('@daily');
    expect(calendar.problem('0 0 30 2 *')).toContain('never comes');
    expect(calendar.problem('0 3 * * *', 'Europe/Berln')).toContain('time zone');
  });
});
