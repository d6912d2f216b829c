import type { Check, Service } from '../../model/service.ts';
import type { OptionsOf, ReadContext } from '../../schema/field.ts';
import { mismatch } from '../../schema/fields/mismatch.ts';
import type { MapNode, Node } from '../../schema/node.ts';
import { defaultsOf, readKnown } from '../../schema/read-fields.ts';
import { checkName, type ServiceRules } from '../combine/combine.ts';
import type { Defaults, WideDefaults } from '../combine/defaults.ts';
import { type Layer, layerOf, originsIn, takeNearest } from '../combine/layers.ts';
import { entryOf, without } from '../combine/merge-nodes.ts';
import { plainNames } from '../fields/names.ts';
import { serviceHint } from '../key-hints.ts';
import type { Language } from '../language.ts';
import { inheritedCheckSettings } from '../settings/check-settings.ts';
import { blame, type Template, type Used, usesTemplates, useTemplates } from '../templates/templates.ts';
import { interpolateBody, type Scope, withName } from '../values/interpolate.ts';
import { resolveVars } from '../values/vars.ts';
import type { CheckDraft, ServiceDraft } from './draft.ts';
import { resolveCheck } from './resolve-check.ts';

/** What services are resolved in. */
export interface ServiceSurroundings {
  readonly language: Language;
  readonly defaults: Defaults;
  readonly templates: ReadonlyMap<string, Template>;
  readonly scope: Scope;
}

const besides = [...Object.keys(inheritedCheckSettings), 'checks', 'use', 'with', 'vars'];

/** One service with every setting of it and its checks filled in; what could not be read, by defaults. */
export function resolveService(
  rules: ServiceRules,
  surroundings: ServiceSurroundings,
  context: ReadContext,
): ServiceDraft {
  const { language, defaults, templates } = surroundings;
  const what = `the service '${rules.name}'`;
  const vars = resolveVars(entryOf(rules.body, 'vars')?.value, surroundings.scope, context);
  const scope = withName(vars, 'service', rules.name, rules.place);
  const written = interpolateBody(without(rules.body, ['vars']), scope, context);
  const made = useTemplates(written, { makes: 'service', templates }, scope, context);
  const blaming = blame(context, made.used);
  const checks = entryOf(made.body, 'checks');
  const own: Layer = { map: without(made.body, ['checks']), label: 'the service' };
  const groups = groupDefaults(own.map, defaults);
  const layers = [own, ...groups.map(({ service }) => service), defaults.all.service];
  const map: MapNode = { ...own.map, entries: takeNearest(layers) };
  const read = readKnown(language.service, map, blaming, {
    known: besides,
    what,
    place: rules.place,
    hint: serviceHint(language),
  });
  const resolved = resolveChecks(
    checks?.value,
    { used: made.used, templates, scope },
    {
      language,
      defaults,
      service: layerOf(own, language.inherited),
      groups: groups.map(({ check }) => check),
      labels: read.values.labels ?? {},
    },
    blaming,
  );
  const empty = checks?.value.kind === 'map' && checks.value.entries.length === 0;
  if ((checks === undefined && made.complete) || empty) {
    const hint = 'add checks: with at least one check';
    context.report({
      level: 'error',
      code: 'no-checks',
      message: `${what} has no checks`,
      place: rules.place,
      hint,
    });
  }
  const settled = read.complete && made.complete;
  const set = (read.complete ? read.values : { ...defaultsOf(language.service), ...read.values }) as Settings;
  const drafts = withVital(resolved.drafts);
  return {
    service: toService(
      rules.name,
      set,
      drafts.map(({ check }) => check),
    ),
    place: rules.place,
    origins: originsIn(layers),
    values: set,
    groups: set.groups,
    dependsOn: set.depends_on,
    checks: drafts,
    used: made.used,
    complete: settled && resolved.complete && !empty,
    settled,
    unread: made.complete ? read.unread : [...read.unread, 'manager'],
  };
}

type Settings = OptionsOf<Language['service']>;

function toService(name: string, set: Settings, checks: readonly Check[]): Service {
  const { repair_budget: budget, evidence } = set;
  return {
    name,
    ...(set.description === undefined ? {} : { description: set.description }),
    ...(set.manager === undefined ? {} : { manager: set.manager }),
    groups: plainNames(set.groups),
    labels: set.labels,
    dependsOn: plainNames(set.depends_on),
    ...(set.runbook === undefined ? {} : { runbook: set.runbook }),
    mode: set.mode,
    budget: {
      attempts: budget.attempts.times,
      window: budget.attempts.window,
      backoff: budget.backoff,
      hold: budget.hold,
      ...(budget.retry_after === undefined ? {} : { retryAfter: budget.retry_after }),
      retryTimes: budget.retry_times,
    },
    startTimeout: set.start_timeout,
    stopTimeout: set.stop_timeout,
    restartAfterDependency: set.restart_after_dependency,
    ...(set.restart_schedule === undefined ? {} : { restartSchedule: set.restart_schedule }),
    holdWhile: set.hold_while,
    evidence,
    checks,
  };
}

/**
 * Without a word of the user, the check that watches the manager's main process is the vital one (kind process without
 * options that name another process), else the first process check of the service.
 */
function withVital(drafts: readonly CheckDraft[]): readonly CheckDraft[] {
  if (drafts.some(({ vital }) => vital === true)) return drafts;
  const processes = drafts.filter(({ check, vital }) => check.kind === 'process' && vital === undefined);
  const main = processes.find(({ check }) => !('pidfile' in check.options) && !('match' in check.options));
  const chosen = main ?? processes[0];
  return drafts.map((draft) =>
    draft === chosen ? { ...draft, check: { ...draft.check, vital: true } } : draft,
  );
}

function resolveChecks(
  node: Node | undefined,
  around: {
    readonly used: readonly Used[];
    readonly templates: ReadonlyMap<string, Template>;
    readonly scope: Scope;
  },
  surroundings: Parameters<typeof resolveCheck>[1],
  context: ReadContext,
): { readonly drafts: readonly CheckDraft[]; readonly complete: boolean } {
  if (node?.kind !== 'map') {
    const named = { ...context, name: 'checks' };
    if (node !== undefined)
      mismatch(named, node, { code: 'wrong-type', expected: 'a map of names to checks' });
    return { drafts: [], complete: false };
  }
  const drafts = node.entries.map(({ key: name, keyPlace: place, value }) => {
    if (!checkName(name, 'a check', place, context)) return undefined;
    if (value.kind !== 'map')
      return mismatch({ ...context, name }, value, { code: 'wrong-type', expected: 'a map of settings' });
    if (!usesTemplates(value)) return resolveCheck({ name, place, body: value }, surroundings, context);
    const scope = withName(around.scope, 'check', name, place);
    const made = useTemplates(value, { makes: 'check', templates: around.templates }, scope, context);
    const inner = blame(context, made.used);
    const draft = resolveCheck(
      { name, place, body: made.body },
      surroundings,
      made.complete ? inner : lenient(inner),
    );
    return draft && { ...draft, used: made.used };
  });
  const found = drafts.filter((draft) => draft !== undefined);
  return { drafts: found, complete: drafts.every((draft) => draft?.complete === true) };
}

/** What a template that could not be used was to bring is not missing as well. */
function lenient(context: ReadContext): ReadContext {
  return {
    ...context,
    report: (problem) => {
      if (problem.code !== 'no-kind' && problem.code !== 'missing-key') context.report(problem);
    },
  };
}

function groupDefaults(own: MapNode, defaults: Defaults): readonly WideDefaults[] {
  const node = entryOf(own, 'groups')?.value;
  const items: readonly Node[] = node?.kind === 'list' ? node.items : node === undefined ? [] : [node];
  return items.flatMap((item) => {
    const layer = item.kind === 'scalar' ? defaults.groups.get(item.source) : undefined;
    return layer === undefined ? [] : [layer];
  });
}
