import type { Problem } from '../../schema/problem.ts';
import { sameData } from '../combine/same-data.ts';
import type { CheckDraft, ServiceDraft } from '../resolve/draft.ts';
import { kindNamed } from '../settings/kind-choice.ts';
import { type Look, type Looking, nameOf, placeOf } from './looking.ts';

/** Repairs that nobody can carry out, and looks at a main process that nobody can name. */
export const checkRepairs: Look = (looking) =>
  // Also where other things are wrong; but a manager that could not be read may be a good one.
  looking.drafts.services.flatMap((service) =>
    service.unread.includes('manager')
      ? []
      : service.checks.flatMap((draft) => checkRepair(draft, service, looking)),
  );

function checkRepair(draft: CheckDraft, service: ServiceDraft, looking: Looking): readonly Problem[] {
  const { check } = draft;
  const { manager, mode } = service.service;
  const name = (): string => nameOf(draft, service);
  const problems: Problem[] = [];
  const kind = kindNamed(looking.kinds.checks, check.kind);
  const optionsRead = !draft.unread.includes(check.kind);
  if (manager === undefined && optionsRead && kind?.needsManager?.(check.options) === true) {
    problems.push({
      level: 'error',
      code: 'no-manager',
      message: `${name()} looks at the main process of ${service.service.name}, but nothing says what runs it`,
      place: placeOf(draft, check.kind),
      hint: 'add manager: to the service, or say which process: { pidfile: ... } or { match: ... }',
    });
  }
  for (const step of check.repair) problems.push(...checkStep(step.kind, draft, service, looking));
  if (mode === 'passive' && check.repair.length > 0) {
    problems.push({
      level: 'warning',
      code: 'never-repaired',
      message: `${name()} has a repair, but ${service.service.name} is passive and never repaired`,
      place: placeOf(draft, 'repair'),
    });
  }
  return problems;
}

function checkStep(
  step: string,
  draft: CheckDraft,
  { service }: ServiceDraft,
  { kinds }: Looking,
): readonly Problem[] {
  const operation = kindNamed(kinds.repairs, step)?.operation;
  if (operation === undefined || operation === 'run') return [];
  const { manager } = service;
  const place = placeOf(draft, 'repair');
  if (manager === undefined) {
    const message = `${service.name} has no manager that could ${operation} it`;
    const hint = 'add manager: to the service, or repair with { run: [...] }';
    return [{ level: 'error', code: 'no-manager', message, place, hint }];
  }
  const can = kindNamed(kinds.managers, manager.kind)?.can(manager.options) ?? [];
  if (can.includes(operation)) return [];
  const message = `the manager ${manager.kind} cannot ${operation} ${service.name} as it is configured`;
  const hint = can.length === 0 ? 'it can only look' : `it can ${can.join(', ')}`;
  return [{ level: 'error', code: 'manager-cannot', message, place, hint }];
}

/** The same thing managed under two names: two budgets, two verdicts, one process. */
export const checkSameManager: Look = ({ drafts }) => {
  const byKind = new Map<string, ServiceDraft[]>();
  for (const draft of drafts.services) {
    const { manager } = draft.service;
    if (manager === undefined) continue;
    const key = `${manager.kind} ${JSON.stringify(manager.options)}`;
    const same = byKind.get(key);
    if (same === undefined) byKind.set(key, [draft]);
    else same.push(draft);
  }
  return [...byKind.values()].flatMap(([first, ...others]) =>
    others.flatMap((other): readonly Problem[] => {
      if (first === undefined || !sameData(first.service.manager, other.service.manager)) return [];
      return [
        {
          level: 'warning',
          code: 'same-manager',
          message: `${other.service.name} and ${first.service.name} are the same ${other.service.manager?.kind} service: both would repair it`,
          place: other.origins('manager')?.place ?? other.place,
          related: [{ place: first.origins('manager')?.place ?? first.place, message: 'the other one' }],
          hint: 'make them one service with the checks of both',
        },
      ];
    }),
  );
};

const verbs = new Set(['restart', 'stop', 'try-restart', 'reload-or-restart', 'kill']);

/** Services whose repair commands restart one another: each restart makes the other one fail. */
export const checkCrossRestarts: Look = ({ drafts }) => {
  const targets = new Map<string, readonly string[]>();
  for (const { service, checks } of drafts.services) {
    const commands = checks.flatMap(({ check }) =>
      check.repair.flatMap(({ command }) => (command ? [command] : [])),
    );
    const words = commands.flatMap(({ argv }) => {
      const split = argv.flatMap((word) => word.split(/\s+/));
      return split.some((word) => verbs.has(word)) ? split : [];
    });
    if (words.length === 0) continue;
    const others = drafts.services.filter((other) => other.service !== service && speaksOf(words, other));
    targets.set(
      service.name,
      others.map((other) => other.service.name),
    );
  }
  return drafts.services.flatMap(({ service, checks }): readonly Problem[] => {
    const back = (targets.get(service.name) ?? []).find((other) =>
      targets.get(other)?.includes(service.name),
    );
    // Told once, at the first of the two.
    if (back === undefined || back < service.name) return [];
    const draft = checks.find(({ check }) => check.repair.some(({ command }) => command !== undefined));
    const message = `${service.name} and ${back} restart each other: one failure would go round between them`;
    const hint = 'let each repair itself, and say depends_on for what it needs';
    const place = draft === undefined ? {} : { place: placeOf(draft, 'repair') };
    return [{ level: 'warning', code: 'mutual-restart', message, hint, ...place }];
  });
};

function speaksOf(words: readonly string[], { service }: ServiceDraft): boolean {
  const named = Object.values(service.manager?.options ?? {}).filter((value) => typeof value === 'string');
  const names = new Set([service.name, ...named].flatMap((name) => [name, name.replace(/\.service$/, '')]));
  return words.some((word) => names.has(word) || names.has(word.replace(/\.service$/, '')));
}
