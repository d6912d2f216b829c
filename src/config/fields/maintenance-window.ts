import type { MaintenanceWindow } from '../../model/config.ts';
import type { Field, OptionsOf, ReadContext } from '../../schema/field.ts';
import { makeField, type PresenceOf, plain } from '../../schema/fields/make-field.ts';
import { mismatch } from '../../schema/fields/mismatch.ts';
import { duration, flag, text } from '../../schema/fields.ts';
import { fieldsSchema } from '../../schema/fields-schema.ts';
import type { MapNode } from '../../schema/node.ts';
import { readFields } from '../../schema/read-fields.ts';
import { entryOf } from '../combine/merge-nodes.ts';
import { checkCron } from './calendar-time.ts';
import { moment } from './moment.ts';
import { type Name, names, plainNames } from './names.ts';

/** A window with the names in it and their places. */
export interface WindowDraft {
  readonly window: MaintenanceWindow;
  readonly name: Name;
  readonly services: readonly Name[];
  readonly groups: readonly Name[];
}

const fields = {
  name: text({ summary: 'What it is for.' }),
  cron: text({ summary: 'When it begins, again and again.', optional: true, example: '"0 3 * * *"' }),
  timezone: text({ summary: 'IANA name of the time zone of cron.', optional: true }),
  for: duration({ summary: 'How long it lasts.', optional: true, min: '1m' }),
  from: moment({ summary: 'When it begins, once.', optional: true, example: '2025-03-01T22:00:00+01:00' }),
  until: moment({ summary: 'When it ends, once.', optional: true }),
  services: names({
    summary: 'These services (`*` stands for any text); none and no groups: all.',
    default: [],
  }),
  groups: names({ summary: 'The services of these groups.', default: [] }),
  repairs: flag({ summary: 'Whether repairs go on.', default: false }),
};

/** `{ name, cron, for, timezone }` again and again, or `{ name, from, until }` once; for some services or all. */
export function maintenanceWindow(): Field<WindowDraft, PresenceOf<typeof plain>> {
  return makeField<WindowDraft, never, typeof plain>(plain, {
    type: 'maintenance window',
    schema: fieldsSchema(fields),
    fields,
    fits: (node) => node.kind === 'map',
    value: (fallback) => fallback,
    write: String,
    read: (node, context) => {
      if (node.kind !== 'map') {
        return mismatch(context, node, { code: 'wrong-type', expected: 'a map with name, cron and for' });
      }
      const { name: _, ...inner } = context;
      const value = readFields(fields, node, inner, { what: 'the maintenance window' });
      return value === undefined ? undefined : toWindow(value, node, inner);
    },
  });
}

function toWindow(
  value: OptionsOf<typeof fields>,
  node: MapNode,
  context: ReadContext,
): WindowDraft | undefined {
  const { name, cron, timezone, for: duration, from, until, services, groups, repairs } = value;
  const window = (when: MaintenanceWindow['when']): WindowDraft => ({
    name: { name, place: (entryOf(node, 'name')?.value ?? node).place },
    window: { name, when, services: plainNames(services), groups: plainNames(groups), repairs },
    services,
    groups,
  });
  if (cron !== undefined && duration !== undefined && from === undefined && until === undefined) {
    const zone = timezone === undefined ? {} : { timezone };
    const time = checkCron({ cron, ...zone }, entryOf(node, 'cron')?.value ?? node, {
      ...context,
      name: 'cron',
    });
    return time === undefined ? undefined : window({ ...time, duration });
  }
  const once = from !== undefined && cron === undefined && timezone === undefined;
  const end = until ?? (from === undefined || duration === undefined ? undefined : from + duration);
  const both = until !== undefined && duration !== undefined;
  if (once && end !== undefined && end > from && !both) return window({ from, until: end });
  const backwards = once && end !== undefined && end <= from;
  context.report({
    level: 'error',
    code: 'bad-window',
    message: backwards
      ? `the maintenance window '${name}' ends before it begins`
      : `the maintenance window '${name}' must say either cron: and for:, or from: and until:`,
    place: node.place,
  });
  return undefined;
}
