import type { Discovered } from '../../managers/manager-kind.ts';
import type { Surveyed } from '../starter/survey-managers.ts';
import type { Finding } from './finding.ts';
import type { Watched } from './watched.ts';

/** So many names stand in a line; `--json` has all. */
const NAMED = 8;

/** Which managers run here, and which of what they have no rule watches. */
export function lookAtManagers(
  surveys: readonly Surveyed[],
  watched: readonly Watched[],
): readonly Finding[] {
  const findings = surveys.flatMap(({ kind, services, trouble }): readonly Finding[] => {
    const lasting = services.filter((service) => service.lasting);
    if (trouble !== undefined && services.length === 0) return [];
    const missed = lasting.filter((service) => ruleFor(kind, service, watched) === undefined);
    const rest = missed.length === 0 ? '' : `; no rule for ${listed(missed)}`;
    const counted = lasting.length === 1 ? '1 service' : `${lasting.length} services`;
    return [
      {
        level: 'ok',
        topic: 'managers',
        code: 'manager-runs',
        message: `${kind} runs ${counted} for good${rest}`,
      },
    ];
  });
  if (surveys.some(({ kind }) => kind === 'monit')) {
    findings.push({
      level: 'note',
      topic: 'managers',
      code: 'monit-runs',
      message: 'Monit runs here: it restarts what it watches, whatever the rules of the watcher say',
      hint: 'side by side: repairs in one of them only; instead of it: watcher init FOLDER writes rules for what Monit watches',
    });
  }
  return findings;
}

/** The service of the rules that watches this one: it has that manager, or the same process. */
export function ruleFor(
  kind: string,
  { name, manager, pids }: Discovered,
  watched: readonly Watched[],
): string | undefined {
  const found = watched.find(
    (one) =>
      one.pids.some((pid) => pids.includes(pid)) ||
      (one.service.manager?.kind === kind && namesIt(one.service.manager.options, manager[kind], name)),
  );
  return found?.service.name;
}

/** Options of the rule against what discovery wrote: a text stands for the first of them. */
function namesIt(options: Readonly<Record<string, unknown>>, written: unknown, name: string): boolean {
  const text = typeof written === 'string' ? written : name;
  return Object.values(options).some((value) => value === text || `${String(value)}.service` === text);
}

function listed(services: readonly Discovered[]): string {
  const names = services.slice(0, NAMED).map(({ name }) => name);
  return services.length > NAMED
    ? `${names.join(', ')} and ${services.length - NAMED} more`
    : names.join(', ');
}
