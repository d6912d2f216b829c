import { matchesName } from '../../lib/name-pattern.ts';
import { nearestWord } from '../../lib/nearest.ts';
import type { ReadContext } from '../../schema/field.ts';
import type { Name } from '../fields/names.ts';
import type { ServiceDraft } from './draft.ts';
import type { AgentDraft } from './resolve-agent.ts';
import type { NotifierDraft } from './resolve-notifiers.ts';

/** All rules together, for what can only be seen from above. */
export interface Drafts {
  readonly agent: AgentDraft;
  readonly notifiers: readonly NotifierDraft[];
  readonly services: readonly ServiceDraft[];
}

/** Reports names that name nothing, and circles of dependencies and of fallbacks. */
export function checkNames(
  { agent, notifiers, services }: Drafts,
  /** All names there are, also of what could not be read; absent where not all of them are known. */
  known: { readonly notifiers?: readonly string[]; readonly services?: readonly string[] },
  context: ReadContext,
  defaultGroups: readonly Name[] = [],
): void {
  const groupWords = services.flatMap(({ service }) => service.groups);
  if (known.notifiers !== undefined) {
    const used = [
      ...agent.notifierNames,
      ...notifiers.flatMap(({ fallback }) => fallback),
      ...services.flatMap(({ checks }) => checks.flatMap(({ notify, escalate }) => [...notify, ...escalate])),
    ];
    missing(used, known.notifiers, 'notifier', 'error', context);
  }
  if (known.services !== undefined) {
    missing(
      services.flatMap(({ dependsOn }) => dependsOn),
      known.services,
      'service',
      'error',
      context,
    );
    const { services: names } = known;
    const unknown = agent.serviceNames.filter(
      ({ name }) => !name.includes('*') || !names.some((one) => matchesName(name, one)),
    );
    missing(unknown, names, 'service', 'error', context);
    missing([...agent.groupNames, ...defaultGroups], groupWords, 'group', 'warning', context);
  }
  twice(agent.windowNames, context);
  const dependencies = services.map(({ service, dependsOn }) => ({ name: service.name, to: dependsOn }));
  circles(dependencies, 'circular-dependency', 'depends on itself', context);
  const fallbacks = notifiers.map(({ notifier, fallback }) => ({ name: notifier.name, to: fallback }));
  circles(fallbacks, 'circular-fallback', 'falls back to itself', context);
}

/** By its name people and the agent tell whether a maintenance window is on: of one name there can be only one. */
function twice(windows: readonly Name[], context: ReadContext): void {
  const first = new Map<string, Name>();
  for (const window of windows) {
    const other = first.get(window.name);
    if (other === undefined) {
      first.set(window.name, window);
      continue;
    }
    context.report({
      level: 'error',
      code: 'duplicate-window',
      message: `there is another maintenance window '${window.name}' at ${other.place.file}:${other.place.line}`,
      place: window.place,
      hint: 'give each a name of its own',
    });
  }
}

function missing(
  used: readonly Name[],
  words: readonly string[],
  noun: string,
  level: 'error' | 'warning',
  context: ReadContext,
): void {
  const known = new Set(words);
  for (const { name, place } of used) {
    // Names without a place are defaults.
    if (known.has(name) || place.line === 0) continue;
    const near = nearestWord(name, known);
    const none =
      known.size === 0
        ? `there are no ${noun}s at all`
        : `known: ${[...known].sort().slice(0, 20).join(', ')}`;
    context.report({
      level,
      code: `unknown-${noun}`,
      message: `there is no ${noun} '${name}'`,
      place,
      hint: near === undefined ? (addressHint(name, noun) ?? none) : `did you mean '${near}'?`,
    });
  }
}

/** Who is told stands in `notifiers:`; Monit has addresses there. */
function addressHint(name: string, noun: string): string | undefined {
  if (noun !== 'notifier' || !name.includes('@')) return undefined;
  return `add it to watcher.yaml: notifiers: { mail: { email: ${name} } }, and write notify: mail here`;
}

interface Arrow {
  readonly name: string;
  readonly to: readonly Name[];
}

/** Each circle once, at the reference that closes it. */
function circles(arrows: readonly Arrow[], code: string, verb: string, context: ReadContext): void {
  const byName = new Map(arrows.map((arrow) => [arrow.name, arrow]));
  const done = new Set<string>();
  for (const start of arrows) {
    const stack: { readonly arrow: Arrow; next: number }[] = [{ arrow: start, next: 0 }];
    const path = new Set([start.name]);
    if (done.has(start.name)) continue;
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const reference = top.arrow.to[top.next];
      top.next += 1;
      if (reference === undefined) {
        done.add(top.arrow.name);
        path.delete(top.arrow.name);
        stack.pop();
        continue;
      }
      const target = byName.get(reference.name);
      if (path.has(reference.name)) {
        const names = [...path];
        const circle = [...names.slice(names.indexOf(reference.name)), reference.name].join(' -> ');
        const message = `'${reference.name}' ${verb}: ${circle}`;
        context.report({ level: 'error', code, message, place: reference.place });
      } else if (target !== undefined && !done.has(target.name)) {
        path.add(target.name);
        stack.push({ arrow: target, next: 0 });
      }
    }
  }
}
