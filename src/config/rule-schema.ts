import type { Fields, JsonSchema } from '../schema/field.ts';
import { fieldsSchema } from '../schema/fields-schema.ts';
import { defaultableSettings } from './combine/defaults.ts';
import type { Kinds } from './kinds.ts';
import { makeLanguage } from './language.ts';
import { agentSettings } from './settings/agent-settings.ts';
import { inheritedCheckSettings } from './settings/check-settings.ts';
import { kindProperties } from './settings/kind-choice.ts';
import { notifierSettings } from './settings/notifier-settings.ts';
import { parameterField } from './templates/template-parameters.ts';

const ref = (name: string): JsonSchema => ({ $ref: `#/definitions/${name}` });
const mapOf = (schema: JsonSchema, description: string): JsonSchema => ({
  type: 'object',
  description,
  additionalProperties: schema,
});
const textOrList: JsonSchema = { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] };

/** Draft-07 JSON Schema of rule files and of watcher.yaml, from the same declarations that read them. */
export function ruleSchema(kinds: Kinds): JsonSchema {
  const language = makeLanguage(kinds);
  const reuse = {
    use: { ...textOrList, description: 'Templates to use; the first counts most.' },
    with: mapOf({}, 'Parameters of the templates.'),
  };
  const { manager = {}, ...plain } = properties({ ...language.service, ...optional(inheritedCheckSettings) });
  const service = { ...plain, manager: ref('manager') };
  const check = properties(language.check);
  const checks = mapOf(ref('check'), 'What is looked at, by name.');
  const vars = agentSettings.vars.schema;
  const defaults = properties(defaultableSettings);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Rules of watcher',
    type: 'object',
    if: { required: ['service'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema, not a promise
    then: ref('serviceDocument'),
    else: ref('settings'),
    definitions: {
      manager,
      serviceDocument: strict(
        {
          service: { type: ['string', 'number'], description: 'Name of the service.' },
          ...service,
          ...reuse,
          vars,
          checks,
          include: { ...textOrList, description: 'Further files, relative to this one.' },
        },
        ['service'],
      ),
      service: strict({ ...service, ...reuse, vars, checks }),
      check: strict({ ...check, ...kindProperties(kinds.checks), ...reuse }),
      // Options in defaults need not be complete, so they are not described a second time.
      kindDefaults: strict({
        ...check,
        ...Object.fromEntries(
          Object.values(kinds.checks).map(({ kind, summary }) => [
            kind,
            { type: 'object', description: summary },
          ]),
        ),
      }),
      notifier: strict({ ...properties(notifierSettings), ...kindProperties(kinds.notifiers) }),
      defaults: strict({
        ...defaults,
        groups: mapOf(strict(defaults), 'For the services of a group.'),
        kinds: {
          type: 'object',
          description: 'For the checks of a kind.',
          properties: Object.fromEntries(
            Object.values(kinds.checks).map((kind) => [kind.kind, ref('kindDefaults')]),
          ),
          additionalProperties: false,
        },
      }),
      template: strict({
        summary: { type: 'string', description: 'What it is for.' },
        parameters: mapOf(parameterField.schema, 'What it wants to be told.'),
        service: ref('service'),
        check: ref('check'),
      }),
      settings: strict({
        ...properties(agentSettings),
        rules: { ...textOrList, description: 'Rule files: patterns, relative to this file.' },
        include: { ...textOrList, description: 'Further files, relative to this one.' },
        services: mapOf(ref('service'), 'Services by name.'),
        notifiers: mapOf(ref('notifier'), 'Ways to tell people, by name.'),
        defaults: ref('defaults'),
        templates: mapOf(ref('template'), 'Parts of rules to be used with parameters.'),
      }),
    },
  };
}

function properties(fields: Fields): Readonly<Record<string, JsonSchema>> {
  return (fieldsSchema(fields)['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
}

function optional(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, { ...field, presence: 'optional' }]),
  );
}

function strict(all: Readonly<Record<string, JsonSchema>>, required: readonly string[] = []): JsonSchema {
  return {
    type: 'object',
    properties: all,
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}
