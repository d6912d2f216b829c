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
    missing(agent.serviceNames, known.services, 'service', 'error', context);
    missing(agent.groupNames, groupWords, 'group', 'warning', context);
  }
  const dependencies = services.map(({ service, dependsOn }) => ({ name: service.name, to: dependsOn }));
  circles(dependencies, 'circular-dependency', 'depends on itself', context);
  const fallbacks = notifiers.map(({ notifier, fallback }) => ({ name: notifier.name, to: fallback }));
  circles(fallbacks, 'circular-fallback', 'falls back to itself', context);
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
