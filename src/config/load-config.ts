import type { Config, Secret } from '../model/config.ts';
import type { Service } from '../model/service.ts';
import type { MapNode } from '../schema/node.ts';
import type { Place } from '../schema/place.ts';
import type { Problem } from '../schema/problem.ts';
import { combine } from './combine/combine.ts';
import { readDefaults } from './combine/defaults.ts';
import { type Origin, type Origins, originsIn } from './combine/layers.ts';
import { entryOf, without } from './combine/merge-nodes.ts';
import { defaultPaths, type Surroundings } from './files/find-config.ts';
import { type Gathered, gather, type RuleSource } from './files/gather.ts';
import { quote, readableByOthers } from './files/permissions.ts';
import type { RuleFiles } from './files/rule-files.ts';
import type { Kinds } from './kinds.ts';
import { makeLanguage } from './language.ts';
import { type Collector, collectProblems } from './problem-collector.ts';
import { checkNames } from './resolve/check-names.ts';
import { type ServiceDraft, usedBy } from './resolve/draft.ts';
import { resolveAgent } from './resolve/resolve-agent.ts';
import { type NotifierDraft, resolveNotifiers } from './resolve/resolve-notifiers.ts';
import { resolveService } from './resolve/resolve-service.ts';
import { blame, readTemplates } from './templates/templates.ts';
import { tryTemplates } from './templates/try-templates.ts';
import { externalAnswers } from './values/external.ts';
import { interpolate, MOST_PUT_IN, type Scope } from './values/interpolate.ts';
import { resolveVars } from './values/vars.ts';
import { warnings } from './warnings/warnings.ts';

export interface LoadInput {
  /** The main file, watcher.yaml; its `rules:` and `include:` are followed. */
  readonly file?: string;
  /** Texts instead of, or before, the main file: the embedded default. */
  readonly embedded?: readonly RuleSource[];
  /** Further rule files by path: for linting files alone. Without `file`, names they do not define are taken for granted. */
  readonly lint?: readonly string[];
  readonly files: RuleFiles;
  readonly kinds: Kinds;
  readonly surroundings: Surroundings;
  /** Name of this machine in notices, unless `host_name` says another. */
  readonly hostName: string;
  /**
   * Linting: nothing is asked of this machine (owners and permissions of files, the environment, secrets); what would
   * come from there is taken for good, and then there may be no `config` although there are no problems.
   */
  readonly pure?: boolean;
  /** Owners and permissions of the rule files count although it is linting: what an agent would refuse is told. */
  readonly permissions?: boolean;
  /** A sentence about what is wrong with a cron pattern or its time zone, or nothing (`host.calendar.problem`). */
  readonly cronProblem?: (cron: string, timezone?: string) => string | undefined;
}

export interface LoadResult {
  /** Absent when there is an error, and when linting could not know all values. */
  readonly config?: Config;
  /** What of it is without a problem, whatever else there is: for asking the host about it, never to be run. */
  readonly readable: Config;
  /** All of them, sorted by place, each once. */
  readonly problems: readonly Problem[];
  /** Texts by file name, for the excerpts of problems. */
  readonly sources: ReadonlyMap<string, string>;
  /** The files that were read. */
  readonly files: readonly string[];
  /** Folders in which a new file would belong to the rules. */
  readonly folders: readonly string[];
  /** Notifiers with their places. */
  readonly notifiers: ReadonlyMap<string, NotifierDraft>;
  /** Where the agent's own settings came from. */
  readonly agentOrigins: Origins;
  /** The values of services and checks as read and where they came from, by service. */
  readonly traces: ReadonlyMap<string, ServiceTrace>;
  /** Texts never to be printed, also when there is no `config`. */
  readonly secrets: readonly Secret[];
}

/** Values by the names they have in rule files. */
export interface Trace {
  readonly values: Readonly<Record<string, unknown>>;
  readonly origins: Origins;
}

export interface ServiceTrace extends Trace {
  readonly checks: Readonly<Record<string, CheckTrace>>;
}

/** Of a check also the options of its kind. */
export interface CheckTrace extends Trace {
  readonly optionOrigin: (name: string) => Origin | undefined;
}

/** Reads rule files whole: YAML in, configuration or problems out. Throws only for bugs. */
export async function loadConfig(input: LoadInput): Promise<LoadResult> {
  const { surroundings, files, pure = false, permissions = !pure } = input;
  const { env, home } = surroundings;
  const gathered = await gather({
    entries: [...(input.file === undefined ? [] : [input.file]), ...(input.lint ?? [])],
    embedded: input.embedded ?? [],
    files,
    env,
    home,
    ...(permissions ? { uid: surroundings.uid } : {}),
  });
  const collector = collectProblems({
    home,
    ...(input.cronProblem === undefined ? {} : { cronProblem: input.cronProblem }),
  });
  // Most files refer to nothing, and then their thousands of values need not be looked at.
  const referring = gathered.documents.filter(({ place }) => gathered.sources.get(place.file)?.includes('$'));
  const external = await externalAnswers(referring, files, env, { pure });
  collector.add(external.problems);
  const refers = referring.length > 0;
  const budget = { left: MOST_PUT_IN };
  const scope: Scope = { env, external: external.answers, names: new Map(), pure, refers, budget };
  const resolved = resolve(input, gathered, scope, collector);
  collector.add(includeProblems(gathered, resolved.watched));
  collector.add(secretProblems(gathered, collector.inlineSecrets()));
  const problems = collector.problems();
  const failed = problems.some(({ level }) => level === 'error') || gathered.broken;
  const readable = { ...resolved.readable, secrets: collector.secrets() };
  return {
    ...(failed || !resolved.whole ? {} : { config: readable }),
    readable,
    problems,
    sources: gathered.sources,
    files: gathered.files,
    folders: gathered.folders,
    notifiers: new Map(resolved.notifiers.map((draft) => [draft.notifier.name, draft])),
    agentOrigins: originsIn([{ map: resolved.settings, label: 'the settings' }]),
    traces: tracesOf(resolved.services),
    secrets: collector.secrets(),
  };
}

interface Resolved {
  readonly readable: Config;
  /** Everything could be read. */
  readonly whole: boolean;
  readonly services: readonly ServiceDraft[];
  readonly notifiers: readonly NotifierDraft[];
  readonly settings: MapNode;
  /** Services that the files name, also those with mistakes in them. */
  readonly watched: number;
}

function resolve(input: LoadInput, gathered: Gathered, base: Scope, collector: Collector): Resolved {
  const { context } = collector;
  const language = makeLanguage(input.kinds);
  const { settings: raw, services: rules } = combine(gathered.documents, context);
  // Rule files without their watcher.yaml: variables, templates, who is told, and what else there is, stand elsewhere.
  const alone = input.file === undefined;
  const partial = alone && input.lint !== undefined;
  const scope = resolveVars(entryOf(raw, 'vars')?.value, { ...base, partial }, context);
  const templates = readTemplates(entryOf(raw, 'templates')?.value, context);
  const settings = interpolate(without(raw, ['templates', 'vars']), scope, context) as MapNode;
  const defaults = readDefaults(settings, language, context);
  const agent = resolveAgent(settings, context);
  const notifiers = resolveNotifiers(entryOf(settings, 'notifiers')?.value, input.kinds, context);
  const surroundings = { language, defaults, templates, scope };
  const drafts = rules.map((one) => resolveService(one, surroundings, context));
  tryTemplates(surroundings, context);
  const read = drafts.every(({ complete }) => complete) && !gathered.broken;
  const toldKnown = agent.complete && notifiers.complete && !gathered.broken;
  const whole = read && toldKnown;
  const known = {
    ...(gathered.broken || (alone && notifiers.names.length === 0) ? {} : { notifiers: notifiers.names }),
    ...(gathered.broken || alone ? {} : { services: rules.map(({ name }) => name) }),
  };
  const all = { agent, notifiers: notifiers.drafts, services: drafts };
  checkNames(all, known, blame(context, usedBy(drafts)), defaults.groupNames);
  collector.add(warnings({ drafts: all, kinds: input.kinds, told: !alone && toldKnown, whole }));
  const paths = defaultPaths(input.surroundings);
  const { stateDir = paths.stateDir, socket, hostName = input.hostName, ...rest } = agent.settings;
  const good = drafts.filter(({ settled }) => settled).map(withoutMistakes);
  const readable: Config = {
    ...rest,
    ...(input.file === undefined ? {} : { file: input.file }),
    hostName,
    stateDir,
    socket: socket ?? paths.socket,
    services: good.map((service) => told(service, rest.notify)),
    notifiers: Object.fromEntries(notifiers.drafts.map(({ notifier }) => [notifier.name, notifier])),
    secrets: [],
  };
  return { readable, whole, services: drafts, notifiers: notifiers.drafts, settings, watched: rules.length };
}

/** The service with those of its checks that are without a problem. */
function withoutMistakes({ service, checks, complete }: ServiceDraft): Service {
  if (complete) return service;
  return { ...service, checks: checks.flatMap((draft) => (draft.complete ? [draft.check] : [])) };
}

/** Checks that name nobody tell those of the agent. */
function told(service: Service, notify: readonly string[]): Service {
  const checks = service.checks.map((check) => (check.notify.length > 0 ? check : { ...check, notify }));
  return { ...service, checks };
}

/** A pattern that matches nothing is worth a warning; where nothing at all is watched because of it, it is a mistake. */
function includeProblems({ problems, broken }: Gathered, watched: number): readonly Problem[] {
  if (watched > 0 || broken) return problems;
  return problems.map((problem): Problem => {
    if (problem.code !== 'empty-include') return problem;
    const message = `${problem.message}, so that nothing is watched`;
    return {
      ...problem,
      level: 'error',
      message,
      hint: 'mend the path, or write the rules of a service there',
    };
  });
}

function secretProblems(gathered: Gathered, places: readonly Place[]): readonly Problem[] {
  return places.flatMap((place): readonly Problem[] => {
    const facts = gathered.facts.get(place.file);
    if (facts === undefined || !readableByOthers(facts)) return [];
    return [
      {
        level: 'error',
        code: 'readable-secret',
        message: 'the file holds a secret and others can read it',
        place,
        hint: `run: chmod go-rwx ${quote(place.file)}, or put the secret into a file of its own: \${file:/path}`,
      },
    ];
  });
}

function tracesOf(services: readonly ServiceDraft[]): ReadonlyMap<string, ServiceTrace> {
  return new Map(
    services.map(({ service, values, origins, checks }) => {
      const traces = checks.map((draft) => [
        draft.check.name,
        { values: draft.values, origins: draft.origins, optionOrigin: draft.optionOrigin },
      ]);
      return [service.name, { values, origins, checks: Object.fromEntries(traces) }];
    }),
  );
}
