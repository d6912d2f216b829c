import { didYouMean } from '../../lib/nearest.ts';
import type { ReadContext } from '../../schema/field.ts';
import type { MapEntry, MapNode, Node, ScalarNode } from '../../schema/node.ts';
import type { Place } from '../../schema/place.ts';
import type { Problem } from '../../schema/problem.ts';
import { reportUnknownKey } from '../../schema/read-fields.ts';
import { entryOf, overlay, without } from '../combine/merge-nodes.ts';
import { names } from '../fields/names.ts';
import { interpolateBody, type Scope } from '../values/interpolate.ts';
import { resolveVars } from '../values/vars.ts';
import { type Parameter, readParameters } from './template-parameters.ts';

/** A part of rules that is written once and used with other parameters again and again. */
export interface Template {
  readonly name: string;
  readonly place: Place;
  readonly parameters: readonly Parameter[];
  /** What it makes. */
  readonly makes: 'service' | 'check';
  readonly body: MapNode;
  /** Whether it was used with good parameters, so that all that is wrong in it is known. */
  readonly tried: { yet: boolean };
}

/** Templates that one service or check may use, those that its templates use among them. */
const MOST_USED = 100;

const usedTemplates = names({ summary: 'Templates to use; the first counts most.' });

/** Reads `templates:`. */
export function readTemplates(node: Node | undefined, context: ReadContext): ReadonlyMap<string, Template> {
  const templates = new Map<string, Template>();
  if (node === undefined) return templates;
  if (node.kind !== 'map') {
    wrong(context, node, "'templates' must be a map of names to templates");
    return templates;
  }
  for (const entry of node.entries) {
    const template = readTemplate(entry, context);
    if (template !== undefined) templates.set(entry.key, template);
  }
  return templates;
}

/** Whether a service or check says anything of templates. */
export function usesTemplates(own: MapNode): boolean {
  return own.entries.some(({ key }) => key === 'use' || key === 'with');
}

/**
 * What the templates of a service or check (its references already replaced) make, with what is written in the service or check itself over it.
 * Problems inside of a template's lines get the place of the use beside them (see `blame`).
 */
export function useTemplates(
  own: MapNode,
  what: Wanted,
  scope: Scope,
  context: ReadContext,
  within: readonly Used[] = [],
): Made {
  if (!usesTemplates(own)) return { body: own, used: [], complete: true };
  const use = entryOf(own, 'use');
  const given = entryOf(own, 'with');
  const body = without(own, ['use', 'with']);
  if (use === undefined) {
    if (given !== undefined)
      wrong(
        context,
        given.value,
        "'with' gives parameters to a template: say which with 'use'",
        given.keyPlace,
      );
    return { body, used: [], complete: given === undefined };
  }
  const uses = usedTemplates.read(use.value, { ...context, name: 'use' });
  const values = given?.value;
  if (values !== undefined && values.kind !== 'map')
    wrong(context, values, "'with' must be a map of parameters");
  const parameters = values?.kind === 'map' ? values : undefined;
  const found = (uses ?? []).flatMap(({ name, place }): readonly Used[] => {
    const template = find(name, place, { ...what, partial: scope.partial === true }, context);
    if (template === undefined || endless(template, place, within, context)) return [];
    return [{ template, place, within, all: within[0]?.all ?? { count: 0 } }];
  });
  if (found.length === uses?.length) {
    const known = found.flatMap(({ template }) => template.parameters.map(({ name }) => name));
    for (const entry of parameters?.entries ?? []) {
      if (!known.includes(entry.key)) reportUnknownKey(entry, known, context, { what: "'with'" });
    }
  }
  const layers = found.map((used) => instantiate(used, what, parameters, scope, context));
  const made = layers.filter((layer) => layer !== undefined);
  const complete = uses !== undefined && made.length === uses.length && made.every((layer) => layer.complete);
  return {
    body: made.reduce((over, under) => overlay(over, under.body), body),
    used: [...found, ...made.flatMap((layer) => layer.used)],
    complete,
  };
}

interface Wanted {
  readonly makes: Template['makes'];
  readonly templates: ReadonlyMap<string, Template>;
}

/** Reports a template that is made of itself, and templates that use more and more others. */
function endless(template: Template, place: Place, within: readonly Used[], context: ReadContext): boolean {
  const names = [...within.map((used) => used.template.name), template.name];
  const circle = names.indexOf(template.name) < names.length - 1;
  const all = within[0]?.all;
  if (all !== undefined) all.count += 1;
  if (!circle && (all === undefined || all.count < MOST_USED)) return false;
  context.report({
    level: 'error',
    code: circle ? 'endless-template' : 'too-large',
    message: circle
      ? `the template '${template.name}' uses itself: ${names.slice(names.indexOf(template.name)).join(' -> ')}`
      : `the template '${names[0]}' uses more than ${MOST_USED} others`,
    place,
  });
  return true;
}

/** What templates made. */
export interface Made {
  readonly body: MapNode;
  readonly used: readonly Used[];
  /** Every template that was asked for could be used. */
  readonly complete: boolean;
}

export interface Used {
  readonly template: Template;
  /** Where it is used. */
  readonly place: Place;
  /** The uses that this one stands in, the outermost first. */
  readonly within: readonly Used[];
  readonly all: { count: number };
}

/** A context that puts the place of the use beside every problem that lies in a used template. */
export function blame<C extends ReadContext>(context: C, used: readonly Used[]): C {
  if (used.length === 0) return context;
  return { ...context, report: (problem) => context.report(withUse(problem, used)) };
}

/** A problem that lies in one of these used templates, with the place of the use. */
export function withUse(problem: Problem, used: readonly Used[]): Problem {
  const { place, related = [] } = problem;
  const use = place && used.find(({ template }) => inside(place, template));
  if (use === undefined || related.some(({ message }) => message.startsWith(USED))) return problem;
  const uses = [use, ...use.within.toReversed()];
  const places = uses.map((one) => ({ place: one.place, message: `${USED} ${one.template.name}` }));
  return { ...problem, related: [...related, ...places] };
}

const USED = 'used here:';

function instantiate(
  used: Used,
  what: Wanted,
  given: MapNode | undefined,
  scope: Scope,
  outer: ReadContext,
): Made | undefined {
  const { template, place } = used;
  const context = blame(outer, [used]);
  const values = new Map(scope.names);
  let complete = true;
  for (const { name, field, fallback } of template.parameters) {
    const node = (given === undefined ? undefined : entryOf(given, name)?.value) ?? fallback;
    if (node === undefined) {
      complete = false;
      context.report({
        level: 'error',
        code: 'missing-parameter',
        message: `the template '${template.name}' needs the parameter '${name}' (${field.type})`,
        place,
        hint: `add it: with: { ${name}: <${field.type}> }`,
      });
    } else if (field.read(node, { ...context, name }) === undefined) {
      complete = false;
    } else {
      values.set(name, quotedAsMeant(node, field.type));
    }
  }
  if (!complete) return undefined;
  template.tried.yet = true;
  return makeBody(
    template,
    { ...scope, names: values },
    (body, inner) => useTemplates(body, what, inner, context, [...used.within, used]),
    context,
  );
}

/** What a template makes by itself: variables of its own, and templates that it uses, count in it as in a service. */
export function makeBody(
  { body, makes }: Template,
  scope: Scope,
  use: (body: MapNode, scope: Scope) => Made,
  context: ReadContext,
): Made {
  const vars = makes === 'service' ? entryOf(body, 'vars') : undefined;
  const inner = resolveVars(vars?.value, scope, context);
  return use(interpolateBody(vars === undefined ? body : without(body, ['vars']), inner, context), inner);
}

/** A number given for a text parameter stays the text it was written as. */
function quotedAsMeant(node: Node, type: string): Node {
  if (type !== 'text' || node.kind !== 'scalar') return node;
  const text: ScalarNode = { ...node, value: node.source, quoted: true };
  return text;
}

function find(
  name: string,
  place: Place,
  { makes, templates, partial }: Wanted & { readonly partial: boolean },
  context: ReadContext,
): Template | undefined {
  const template = templates.get(name);
  if (template?.makes === makes) return template;
  const names = [...templates.values()].filter((one) => one.makes === makes).map((one) => one.name);
  const hint = didYouMean(name, names);
  if (partial && template === undefined && hint === undefined) return undefined;
  context.report({
    level: 'error',
    code: 'unknown-template',
    message:
      template === undefined
        ? `there is no template '${name}'`
        : `the template '${name}' makes a ${template.makes}, not a ${makes}`,
    place,
    ...(hint === undefined ? {} : { hint }),
  });
  return undefined;
}

function readTemplate(entry: MapEntry, context: ReadContext): Template | undefined {
  const { value, key: name } = entry;
  if (value.kind !== 'map')
    return wrong(context, value, `the template '${name}' must be a map with service: or check:`);
  for (const part of value.entries) {
    if (!['parameters', 'service', 'check', 'summary'].includes(part.key)) {
      reportUnknownKey(part, ['parameters', 'service', 'check', 'summary'], context, {
        what: `the template '${name}'`,
      });
    }
  }
  const service = entryOf(value, 'service');
  const check = entryOf(value, 'check');
  const body = service ?? check;
  if (body === undefined || (service !== undefined && check !== undefined)) {
    return wrong(
      context,
      value,
      `the template '${name}' must hold either service: or check:`,
      entry.keyPlace,
    );
  }
  if (body.value.kind !== 'map') return wrong(context, body.value, `'${body.key}' must be a map of settings`);
  const declared = entryOf(value, 'parameters')?.value;
  if (declared !== undefined && declared.kind !== 'map') {
    return wrong(context, declared, "'parameters' must be a map of names to types");
  }
  const parameters = declared === undefined ? [] : readParameters(declared, context);
  return {
    name,
    place: value.place,
    parameters,
    makes: service === undefined ? 'check' : 'service',
    body: body.value,
    tried: { yet: false },
  };
}

/** By lines: a template's map knows where it begins, and its body where its last value is. */
function inside(place: Place, template: Template): boolean {
  return (
    place.file === template.place.file &&
    place.line >= template.place.line &&
    place.line <= lastLine(template.body)
  );
}

function lastLine(node: Node): number {
  if (node.kind === 'scalar') return node.place.line;
  const children = node.kind === 'list' ? node.items : node.entries.map((entry) => entry.value);
  return Math.max(node.place.line, ...children.map(lastLine));
}

function wrong(context: ReadContext, node: Node, message: string, place = node.place): undefined {
  context.report({ level: 'error', code: 'wrong-type', message, place });
  return undefined;
}
