import type { Origin, Origins } from '../../config/combine/layers.ts';
import { commandsIn } from '../../config/commands-in.ts';
import { quote } from '../../config/files/permissions.ts';
import type { LoadResult, ServiceTrace } from '../../config/load-config.ts';
import { maskProblem } from '../../config/problem-collector.ts';
import { registeredKinds } from '../../config/registered-kinds.ts';
import type { Host } from '../../host/host.ts';
import { maskTexts } from '../../lib/redactor.ts';
import type { Config, Notifier } from '../../model/config.ts';
import type { CommandSpec, Service } from '../../model/service.ts';
import type { Place } from '../../schema/place.ts';
import type { Problem } from '../../schema/problem.ts';
import { openManager } from '../open-manager.ts';
import { checkPaths } from './check-paths.ts';

/** Longest wait for one notifier or manager. */
const PATIENCE = 10_000;

/**
 * What this machine says to the rules: whether managers know their services, the programs of commands and their users
 * exist, and notifiers can be reached. Nobody is told anything, nothing is started.
 */
export async function checkHost(
  config: Config,
  { traces, notifiers }: Pick<LoadResult, 'traces' | 'notifiers'>,
  host: Host,
): Promise<readonly Problem[]> {
  const found = await Promise.all([
    ...config.services.map((service) => checkService(service, traces.get(service.name), host)),
    ...Object.values(config.notifiers).map((notifier) =>
      checkNotifier(notifier, notifiers.get(notifier.name)?.place, host),
    ),
  ]);
  // Managers and programs quote what they were asked about.
  const mask = maskTexts(config.secrets.map(({ text }) => text));
  return found.flat().map((problem) => maskProblem(problem, mask));
}

async function checkService(
  service: Service,
  trace: ServiceTrace | undefined,
  host: Host,
): Promise<readonly Problem[]> {
  const problems = await checkManager(service, trace?.origins, host);
  const { kind = '', options = {} } = service.manager ?? {};
  const programs = await Promise.all(
    Object.entries(options).map(([name, value]) =>
      checkCommands(service.name, value, trace?.origins('manager', kind, name), host),
    ),
  );
  const evidence = await checkCommands(service.name, service.evidence, trace?.origins('evidence'), host);
  const holding = await checkCommands(service.name, service.holdWhile, trace?.origins('hold_while'), host);
  const paths =
    service.manager === undefined
      ? []
      : named(service.name, trace?.origins('manager'), await checkPaths(service.manager, host));
  const checks = await Promise.all(
    service.checks.map(async (check) => {
      const name = `${service.name}/${check.name}`;
      const origin = trace?.checks[check.name]?.origins;
      const repairs = await checkCommands(name, check.repair, origin?.('repair'), host);
      const probes = await checkCommands(name, check.options, origin?.(check.kind), host);
      const places = named(name, origin?.(check.kind), await checkPaths(check, host));
      return [...repairs, ...probes, ...places];
    }),
  );
  return [...problems, ...programs.flat(), ...evidence, ...holding, ...paths, ...checks.flat()];
}

async function checkManager(
  service: Service,
  origins: Origins | undefined,
  host: Host,
): Promise<readonly Problem[]> {
  const manager = openManager(service, host);
  if (manager === undefined) return [];
  try {
    const { activity, detail, warnings = [] } = await manager.report();
    const problem = (level: Problem['level'], code: string, message: string): Problem => ({
      level,
      code,
      message: `${service.name}: ${message}`,
      ...at(origins?.('manager')),
    });
    return [
      ...(activity === 'missing'
        ? [problem('error', 'unknown-to-manager', `${service.manager?.kind}: ${detail}`)]
        : []),
      ...(activity === 'unknown'
        ? [problem('warning', 'manager-not-asked', `${service.manager?.kind}: ${detail}`)]
        : []),
      ...warnings.map((warning) =>
        problem('warning', 'manager-warning', `${service.manager?.kind}: ${warning}`),
      ),
    ];
  } finally {
    manager.close();
  }
}

async function checkCommands(
  owner: string,
  value: unknown,
  origin: Origin | undefined,
  host: Host,
): Promise<readonly Problem[]> {
  const found = await Promise.all(commandsIn(value).map((command) => checkCommand(command, host)));
  return named(owner, origin, found.flat());
}

function named(owner: string, origin: Origin | undefined, problems: readonly Problem[]): readonly Problem[] {
  return problems.map((problem) => ({ ...problem, message: `${owner}: ${problem.message}`, ...at(origin) }));
}

async function checkCommand(command: CommandSpec, host: Host): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const folder = command.cwd === undefined || (await host.files.exists(command.cwd));
  const trouble = folder ? await host.commands.trouble(command) : undefined;
  if (trouble !== undefined) {
    const hint = 'install it, or write the path of one that is there';
    problems.push({ level: 'error', code: 'no-such-program', message: trouble, hint });
  }
  if (command.user !== undefined && (await host.users.user(command.user)) === undefined) {
    problems.push({
      level: 'error',
      code: 'no-such-user',
      message: `there is no user ${command.user}`,
      hint: `run: useradd --system ${quote(command.user)}`,
    });
  }
  if (command.group !== undefined && (await host.users.group(command.group)) === undefined) {
    problems.push({
      level: 'error',
      code: 'no-such-group',
      message: `there is no group ${command.group}`,
      hint: `run: groupadd --system ${quote(command.group)}`,
    });
  }
  if (command.cwd !== undefined && !folder) {
    problems.push({
      level: 'error',
      code: 'no-such-folder',
      message: `there is no folder ${command.cwd}`,
      hint: `run: mkdir -p ${quote(command.cwd)}`,
    });
  }
  return problems;
}

async function checkNotifier(
  notifier: Notifier,
  place: Place | undefined,
  host: Host,
): Promise<readonly Problem[]> {
  const label = `the notifier ${notifier.name}`;
  const origin = place === undefined ? undefined : { label, place };
  const programs = await checkCommands(label, notifier.options, origin, host);
  if (programs.length > 0) return programs;
  const kind = registeredKinds().notifiers[notifier.kind];
  const delivery = await kind?.reach?.({
    options: notifier.options,
    host,
    timeout: PATIENCE,
    signal: AbortSignal.timeout(PATIENCE),
    attempt: 1,
    lateBy: 0,
    evidence: async () => undefined,
  });
  if (delivery === undefined || delivery.ok) return [];
  const message = `${label} cannot be reached: ${delivery.reason}`;
  return [{ level: 'warning', code: 'notifier-unreachable', message, ...at(origin) }];
}

function at(origin: Origin | undefined): { readonly place?: NonNullable<Problem['place']> } {
  return origin?.place === undefined ? {} : { place: origin.place };
}
