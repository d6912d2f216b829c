import { parseDuration } from '../../lib/duration.ts';
import type { Cadence, CalendarTime } from '../../model/service.ts';
import type { Field, ReadContext } from '../../schema/field.ts';
import { makeField, type PresenceOf, type Settings } from '../../schema/fields/make-field.ts';
import { mismatch, textOf } from '../../schema/fields/mismatch.ts';
import { writeDuration } from '../../schema/fields/units.ts';
import { duration, text } from '../../schema/fields.ts';
import { fieldsSchema } from '../../schema/fields-schema.ts';
import type { Node } from '../../schema/node.ts';
import { readFields } from '../../schema/read-fields.ts';

/** The options of a recurring time, for maps that hold it among others. */
export const cronFields = {
  cron: text({
    summary: 'Five fields: minute, hour, day of month, month, day of week.',
    example: '"0 3 * * *"',
  }),
  timezone: text({
    summary: 'IANA name of the time zone the pattern is meant in.',
    optional: true,
    example: 'Europe/Berlin',
  }),
};

/** `"0 3 * * *"`, or `{ cron: "0 3 * * *", timezone: Europe/Berlin }`. */
export function calendarTime<const S extends Settings<string>>(
  settings: S,
): Field<CalendarTime, PresenceOf<S>> {
  return makeField<CalendarTime, string, S>(settings, {
    type: 'cron pattern',
    schema: { anyOf: [{ type: 'string' }, fieldsSchema(cronFields)] },
    fits: () => true,
    value: (cron) => ({ cron }),
    write: (cron) => JSON.stringify(cron),
    print: writeCalendarTime,
    read: readCalendarTime,
  });
}

/** How often a check runs: a duration, or a recurring time. */
export function cadence<const S extends Settings<string>>(settings: S): Field<Cadence, PresenceOf<S>> {
  const every = duration({ summary: '', min: '100ms', max: '7d' });
  return makeField<Cadence, string, S>(settings, {
    type: 'duration or cron pattern',
    schema: { anyOf: [{ type: 'string' }, fieldsSchema(cronFields)] },
    fits: () => true,
    value: (fallback) => ({ every: parseDuration(fallback) ?? 30_000 }),
    write: (fallback) => fallback,
    print: writeCadence,
    read: (node, context) => {
      const written = textOf(node);
      const isCron =
        node.kind === 'map' || (written !== undefined && written.trim().split(/\s+/).length >= 5);
      if (isCron) return readCalendarTime(node, context);
      const value = every.read(node, context);
      return value === undefined ? undefined : { every: value };
    },
  });
}

/** As a user would write it. */
export function writeCadence(value: Cadence): string {
  return 'every' in value ? writeDuration(value.every) : writeCalendarTime(value);
}

function writeCalendarTime({ cron, timezone }: CalendarTime): string {
  return timezone === undefined
    ? JSON.stringify(cron)
    : `{ cron: ${JSON.stringify(cron)}, timezone: ${timezone} }`;
}

/** Reports a cron pattern or time zone that means nothing. */
export function checkCron(time: CalendarTime, node: Node, context: ReadContext): CalendarTime | undefined {
  const fields = time.cron.trim().split(/\s+/).length;
  const wrong =
    fields === 5 ? context.cronProblem?.(time.cron.trim(), time.timezone) : `it has ${fields} fields`;
  if (wrong === undefined) return { ...time, cron: time.cron.trim() };
  return mismatch(context, node, {
    code: 'bad-cron',
    expected: `a cron pattern of five fields such as '0 3 * * *' (${wrong})`,
  });
}

function readCalendarTime(node: Node, context: ReadContext): CalendarTime | undefined {
  if (node.kind === 'map') {
    const value = readFields(cronFields, node, context, { what: context.name ?? 'the time' });
    const cron = node.entries.find((entry) => entry.key === 'cron')?.value ?? node;
    return value === undefined ? undefined : checkCron(value, cron, context);
  }
  const cron = textOf(node);
  if (cron === undefined) {
    return mismatch(context, node, { code: 'wrong-type', expected: "a cron pattern such as '0 3 * * *'" });
  }
  return checkCron({ cron }, node, context);
}
