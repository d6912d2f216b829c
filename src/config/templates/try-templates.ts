import type { ReadContext } from '../../schema/field.ts';
import type { Node, ScalarNode } from '../../schema/node.ts';
import { resolveCheck } from '../resolve/resolve-check.ts';
import { resolveService, type ServiceSurroundings } from '../resolve/resolve-service.ts';
import { blame, makeBody, type Template, useTemplates } from './templates.ts';

/** What whoever uses a template may still add to it. */
const addedByUse = new Set(['no-checks', 'no-kind', 'missing-key']);

/**
 * Mistakes in templates that nothing uses, or nothing with good parameters: whoever writes the first use must not be the one
 * to find them. What comes from a parameter counts as good.
 */
export function tryTemplates(surroundings: ServiceSurroundings, context: ReadContext): void {
  const quiet: ReadContext = {
    ...context,
    report: (problem) => {
      if (!addedByUse.has(problem.code)) context.report(problem);
    },
  };
  for (const template of surroundings.templates.values()) {
    if (!template.tried.yet) tryTemplate(template, surroundings, quiet);
  }
}

function tryTemplate(template: Template, surroundings: ServiceSurroundings, context: ReadContext): void {
  const { name, place } = template;
  const names = new Map<string, Node>(surroundings.scope.names);
  for (const word of ['service', 'check', ...template.parameters.map((parameter) => parameter.name)]) {
    const unknown: ScalarNode = { kind: 'scalar', value: '', source: '', quoted: true, place, opaque: true };
    names.set(word, unknown);
  }
  const scope = { ...surroundings.scope, names };
  if (template.makes === 'service') {
    resolveService({ name, place, body: template.body }, { ...surroundings, scope }, context);
    return;
  }
  const { language, defaults } = surroundings;
  const { templates } = surroundings;
  const made = makeBody(
    template,
    scope,
    (own, inner) => useTemplates(own, { makes: 'check', templates }, inner, context),
    context,
  );
  const { body } = made;
  const service = { map: { ...body, entries: [] }, label: 'the service' };
  const around = { language, defaults, service, groups: [], labels: {} };
  resolveCheck({ name, place, body }, around, blame(context, made.used));
}
