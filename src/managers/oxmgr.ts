import type { Host } from '../host/host.ts';
import type { ManagerReport } from '../model/manager.ts';
import type { OptionsOf } from '../schema/field.ts';
import { path, text } from '../schema/fields.ts';
import { keepStream } from './kept-stream.ts';
import { logTails, noLog } from './log-tails.ts';
import { type Discovery, defineManager, type Manager, type ManagerContext, notHere } from './manager-kind.ts';
import { endingOf } from './outcome.ts';
import { runSharedTool } from './shared-tool.ts';
import { askTool, runTool } from './tool.ts';
import { toolManager, withoutProcess } from './tool-manager.ts';

const options = {
  name: text({ summary: 'Name of the process in Oxmgr.', example: 'api' }),
  user: text({ summary: 'Whose Oxmgr: that of this user (needs root).', optional: true, example: 'deploy' }),
  home: path({
    summary: "OXMGR_HOME, where it is not .local/share/oxmgr in the user's home folder.",
    optional: true,
  }),
};

/** Processes of Oxmgr, through `oxmgr list --json` and its event socket (Oxmgr documentation: CLI.md, event bus; since 0.5). */
export const oxmgr = defineManager({
  kind: 'oxmgr',
  summary: 'A process of Oxmgr.',
  options,
  main: 'name',
  can: () => ['start', 'stop', 'restart', 'reload'],
  notes: {
    sees: 'Status, process, restarts, exit code, health, log files.',
    events: "Every change, through Oxmgr's event socket.",
    rights: 'The same user as Oxmgr, or root.',
    intent:
      'Stopped on purpose: the state Oxmgr itself wants is stopped (oxmgr stop). Errored: Oxmgr gave up.',
  },
  example: 'manager: { oxmgr: api }',
  open,
  discover,
});

/** One element of `oxmgr list --json`; its environment is never looked at. */
export interface OxmgrProcess {
  readonly id: number;
  readonly name: string;
  readonly pid: number | null;
  readonly status: string;
  readonly desired_state?: string;
  readonly restart_count?: number;
  readonly restart_delay_secs?: number;
  readonly last_exit_code?: number | null;
  readonly health_status?: string;
  readonly last_health_error?: string | null;
  readonly stdout_log?: string;
  readonly stderr_log?: string;
}

function open(given: OptionsOf<typeof options>, context: ManagerContext): Manager {
  const { host } = context;
  const tool = { user: given.user, env: given.home === undefined ? {} : { OXMGR_HOME: given.home } };

  async function find(): Promise<
    OxmgrProcess | { readonly activity: 'unknown' | 'missing'; readonly reason: string }
  > {
    const ran = await runSharedTool(host, ['oxmgr', 'list', '--json'], tool);
    try {
      const all = JSON.parse(ran.stdout) as readonly OxmgrProcess[];
      const found = all.find(({ name, id }) => name === given.name || String(id) === given.name);
      return (
        found ?? { activity: 'missing', reason: `Oxmgr knows no process ${given.name}; see: oxmgr list` }
      );
    } catch {
      return { activity: 'unknown', reason: `oxmgr list --json: ${endingOf(ran)}` };
    }
  }

  async function look(): Promise<ManagerReport> {
    const found = await find();
    if ('reason' in found) return withoutProcess(found.activity, found.reason);
    return oxmgrReport(found, found.pid === null ? undefined : host.processes.identify(found.pid));
  }

  return toolManager(
    {
      look,
      request: (kind, signal) => {
        // A process that Oxmgr knows is started again by restart; its start makes new ones.
        const verb = kind === 'start' ? 'restart' : kind;
        const timeout = context.startTimeout + context.stopTimeout;
        return askTool(host, ['oxmgr', verb, given.name], { ...tool, timeout, signal });
      },
      async logs(lines) {
        const found = await find();
        if ('reason' in found) return [noLog(found.reason)];
        return logTails(
          host.files,
          [found.stdout_log, found.stderr_log],
          lines,
          'Oxmgr names no log file of it',
        );
      },
      events: (changed) => followEvents(given, context, changed),
    },
    context,
  );
}

/**
 * `events.sock` in Oxmgr's folder: the client sends one filter object and a newline within 500 ms, the daemon then sends
 * one JSON object per line.
 */
function followEvents(
  given: OptionsOf<typeof options>,
  { host }: ManagerContext,
  changed: () => void,
): () => void {
  const filter = { subscribe: ['process:*', 'health:*', 'daemon:*'], process: given.name };
  let stop = () => {};
  let over = false;

  async function connect(): Promise<void> {
    const home = given.home ?? (await usualHome(host, given.user));
    if (over || home === undefined) return;
    stop = keepStream(host, {
      target: { path: `${home}/events.sock` },
      greeting: `${JSON.stringify(filter)}\n`,
      connected: () => changed,
      ended: changed,
    });
  }

  void connect();
  return () => {
    over = true;
    stop();
  };
}

/** Undefined for a user that this machine does not have: changes are then found by asking. */
async function usualHome(host: Host, user: string | undefined): Promise<string | undefined> {
  const owner = await host.users.user(user ?? String(host.self.uid));
  return owner === undefined ? undefined : `${owner.home}/.local/share/oxmgr`;
}

/** Statuses and wanted states: src/process.rs of Oxmgr, ProcessStatus and DesiredState. */
export function oxmgrReport(found: OxmgrProcess, main: ManagerReport['main']): ManagerReport {
  const code = found.last_exit_code;
  const ended = code === undefined || code === null ? '' : ` (exit code ${code})`;
  const unhealthy =
    found.health_status === 'unhealthy'
      ? [`its own health check fails: ${found.last_health_error ?? 'no reason given'}`]
      : [];
  const common = {
    ...(main === undefined ? {} : { main }),
    ...(found.restart_count === undefined ? {} : { restarts: found.restart_count }),
    ...(ended === '' ? {} : { lastExit: `exit code ${code}` }),
    ...(unhealthy.length === 0 ? {} : { warnings: unhealthy }),
  };
  if (found.desired_state === 'stopped') {
    return main === undefined
      ? { intent: 'stopped', activity: 'stopped', detail: 'stopped by hand', ...common }
      : { intent: 'stopped', activity: 'stopping', detail: 'about to stop', ...common };
  }
  switch (found.status) {
    case 'running':
      return main === undefined
        ? { intent: 'run', activity: 'restarting', detail: 'running, but its process just ended', ...common }
        : { intent: 'run', activity: 'running', detail: 'running', ...common };
    case 'restarting': {
      const delay = found.restart_delay_secs;
      const readyIn = delay === undefined ? {} : { readyIn: delay * 1000 };
      return { intent: 'run', activity: 'restarting', detail: `restarting${ended}`, ...readyIn, ...common };
    }
    case 'errored':
      return { intent: 'run', activity: 'failed', detail: `errored: Oxmgr gave up on it${ended}`, ...common };
    case 'crashed':
    case 'stopped':
      return {
        intent: 'run',
        activity: 'failed',
        detail: `it ended by itself (${found.status})${ended}`,
        ...common,
      };
    default:
      return { intent: 'unknown', activity: 'unknown', detail: `Oxmgr says '${found.status}'`, ...common };
  }
}

async function discover(host: Host): Promise<Discovery> {
  const ran = await runTool(host, ['oxmgr', 'list', '--json']);
  if (ran.outcome === 'not-started') return notHere;
  try {
    const all = JSON.parse(ran.stdout) as readonly OxmgrProcess[];
    const services = all.map(({ name, pid, status, desired_state: wanted }) => ({
      name,
      manager: { oxmgr: name },
      detail: `process of Oxmgr, ${status}`,
      pids: pid === null ? [] : [pid],
      restarts: 'Oxmgr',
      lasting: wanted !== 'stopped',
    }));
    return { present: true, services };
  } catch {
    return { present: true, services: [], trouble: `oxmgr list --json: ${endingOf(ran)}` };
  }
}
