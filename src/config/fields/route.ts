import type { Route } from '../../model/config.ts';
import type { Field, OptionsOf } from '../../schema/field.ts';
import { makeField, type PresenceOf, plain } from '../../schema/fields/make-field.ts';
import { mismatch } from '../../schema/fields/mismatch.ts';
import { choice, duration, flag, group, record, text } from '../../schema/fields.ts';
import { fieldsSchema } from '../../schema/fields-schema.ts';
import type { MapNode, Node } from '../../schema/node.ts';
import { readFields } from '../../schema/read-fields.ts';
import { entryOf } from '../combine/merge-nodes.ts';
import { checkCron, cronFields } from './calendar-time.ts';
import { type Name, names, plainNames } from './names.ts';

/** A route with the names in it and their places. */
export interface RouteDraft {
  readonly route: Route;
  readonly notify: readonly Name[];
  readonly services: readonly Name[];
  readonly groups: readonly Name[];
}

const fields = {
  match: group(
    {
      services: names({ summary: 'Any of these services; `*` stands for any text.', optional: true }),
      groups: names({ summary: 'Any of these groups.', optional: true }),
      labels: record(text(), { summary: 'All of these labels.', optional: true }),
      severity: choice(['warning', 'critical'], { summary: 'Exactly this severity.', optional: true }),
      during: group(
        { ...cronFields, for: duration({ summary: 'How long each time lasts.', min: '1m' }) },
        { summary: 'Only in these hours.', optional: true },
      ),
    },
    { summary: 'All of these must match.', default: {} },
  ),
  notify: names({ summary: 'Who is told.' }),
  replace: flag({ summary: 'Instead of the others, not in addition.', default: false }),
};

/** `{ match: { groups: web, severity: critical }, notify: [oncall], replace: true }` */
export function routeField(): Field<RouteDraft, PresenceOf<typeof plain>> {
  return makeField<RouteDraft, never, typeof plain>(plain, {
    type: 'route',
    schema: fieldsSchema(fields),
    fields,
    fits: (node) => node.kind === 'map',
    value: (fallback) => fallback,
    write: String,
    read: (node, context) => {
      if (node.kind !== 'map') {
        return mismatch(context, node, { code: 'wrong-type', expected: 'a map with match and notify' });
      }
      const { name: _, ...inner } = context;
      const value = readFields(fields, node, inner, { what: 'the route' });
      if (value === undefined) return undefined;
      const { during } = value.match;
      if (during === undefined) return toRoute(value, undefined);
      const { for: __, ...time } = during;
      const checked = checkCron(time, cronNode(node), { ...inner, name: 'cron' });
      return checked === undefined ? undefined : toRoute(value, { ...checked, duration: during.for });
    },
  });
}

function toRoute(value: OptionsOf<typeof fields>, during: Route['match']['during']): RouteDraft {
  const { services, groups, labels, severity } = value.match;
  return {
    route: {
      match: {
        ...(services === undefined ? {} : { services: plainNames(services) }),
        ...(groups === undefined ? {} : { groups: plainNames(groups) }),
        ...(labels === undefined ? {} : { labels }),
        ...(severity === undefined ? {} : { severity }),
        ...(during === undefined ? {} : { during }),
      },
      notify: plainNames(value.notify),
      replace: value.replace,
    },
    notify: value.notify,
    services: services ?? [],
    groups: groups ?? [],
  };
}

function cronNode(node: MapNode): Node {
  let at: Node = node;
  for (const key of ['match', 'during', 'cron']) {
    if (at.kind === 'map') at = entryOf(at, key)?.value ?? at;
  }
  return at;
}
