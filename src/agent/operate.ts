import type { Host } from '../host/host.ts';
import { within } from '../host/time/within.ts';
import { mainsOf } from '../managers/together.ts';
import type { ManagerReport, OperationResult } from '../model/manager.ts';
import type { Service } from '../model/service.ts';
import type { Operation } from '../model/state.ts';
import type { ManagerDesk } from './manager-desk.ts';

/** Beyond everything the rules allow an operation, a manager gets this many milliseconds before it is given up. */
const MARGIN = 10_000;

/** What carrying out an operation goes by. */
export type OrderedOperation = Pick<Operation, 'kind' | 'command' | 'reason' | 'by' | 'incident'>;

/**
 * Carries out one operation through the service's manager, or its own command. Never throws, always ends. `decidedOn` is the
 * report of a repair that was decided on because a process is dead.
 */
export async function operate(
  parts: {
    readonly host: Host;
    readonly desk: ManagerDesk;
    readonly onBug: (error: unknown, about: string) => void;
  },
  service: Service,
  operation: OrderedOperation,
  signal: AbortSignal,
  decidedOn?: ManagerReport,
): Promise<OperationResult> {
  const { host, desk } = parts;
  const started = host.clock.monotonic();
  const failed = (detail: string): OperationResult => ({
    ok: false,
    detail,
    tookMs: host.clock.monotonic() - started,
  });
  const { kind, command } = operation;
  const limit = service.startTimeout + service.stopTimeout + (command?.timeout ?? 0) + MARGIN;
  try {
    const running = carryOut();
    const result = await within(host.clock, limit, running, undefined);
    return result ?? failed(`the manager had not ended it after ${Math.round(limit / 1000)} s`);
  } catch (error) {
    parts.onBug(error, `${kind} of ${service.name}`);
    return failed('it broke because of a mistake in watcher itself; the log has the details');
  } finally {
    desk.forget(service.name);
  }

  async function carryOut(): Promise<OperationResult> {
    if (command !== undefined) return await runCommand(command);
    if (kind === 'run') return failed('there is no command to run');
    const manager = desk.managerOf(service.name);
    if (manager === undefined) {
      return failed(
        `the service has no manager that could ${kind} it; give it one with 'manager:' in its rules`,
      );
    }
    const needless = await whyNeedless();
    if (needless !== undefined)
      return { ok: true, detail: needless, tookMs: host.clock.monotonic() - started };
    if (signal.aborted) return failed('the agent stopped before it had begun');
    return await manager.operate(kind, signal);
  }

  /**
   * Of a service with several members a restart takes those that are broken, and all where none is: one that was decided
   * on because a member was down must not take the healthy ones, when somebody brought that one up in the meantime.
   */
  async function whyNeedless(): Promise<string | undefined> {
    if (operation.by !== 'repair' || kind !== 'restart') return undefined;
    if (decidedOn?.mains === undefined || isWhole(decidedOn, host)) return undefined;
    desk.forget(service.name);
    const now = await desk.report(service.name);
    return now?.mains !== undefined && isWhole(now, host)
      ? `nothing to ${kind} any more: ${now.detail}`
      : undefined;
  }

  async function runCommand(spec: NonNullable<Operation['command']>): Promise<OperationResult> {
    const result = await host.commands.run(spec, {
      signal,
      keep: 4096,
      env: {
        WATCHER_SERVICE: service.name,
        WATCHER_REASON: operation.reason,
        WATCHER_INCIDENT: operation.incident ?? '',
      },
    });
    const output = `${result.stdout}${result.stderr}`.trim();
    const detail = {
      exited:
        result.code === 0
          ? 'the command ended with exit code 0'
          : `the command ended with exit code ${result.code}`,
      signalled: `the command was ended by signal ${result.signal}`,
      'timed-out': `the command did not end within ${Math.round(spec.timeout / 1000)} s and was killed`,
      'not-started': `the command could not be started: ${result.reason ?? 'no reason known'}`,
      aborted: 'the agent stopped before the command had ended',
    }[result.outcome];
    return {
      ok: result.outcome === 'exited' && result.code === 0,
      detail,
      tookMs: result.tookMs,
      ...(output === '' ? {} : { output }),
    };
  }
}

/** Whether no member is down that is meant to run. */
function isWhole(report: ManagerReport, { processes }: Host): boolean {
  return report.activity === 'running' && mainsOf(report).every((main) => processes.alive(main));
}
