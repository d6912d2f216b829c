import type { Host } from '../host/host.ts';
import type { ManagerReport, ProcessIdentity } from '../model/manager.ts';
import type { OptionsOf } from '../schema/field.ts';
import { text } from '../schema/fields.ts';
import { type Discovery, defineManager, type Manager, type ManagerContext, notHere } from './manager-kind.ts';
import { endingOf } from './outcome.ts';
import { askTool, runTool } from './tool.ts';
import { toolManager, withoutProcess } from './tool-manager.ts';

const options = {
  watcher: text({ summary: 'Name of the watcher in Circus.', example: 'api' }),
  endpoint: text({
    summary: 'Control endpoint of circusd, where it is not tcp://127.0.0.1:5555.',
    optional: true,
    example: 'ipc:///run/circus/endpoint',
  }),
};

/** Watchers of Circus, through circusctl: circus.readthedocs.io, "Commands" (`--json` since 0.7). */
export const circus = defineManager({
  kind: 'circus',
  summary: 'A watcher of Circus with all its processes.',
  options,
  main: 'watcher',
  can: () => ['start', 'stop', 'restart', 'reload'],
  notes: {
    sees: 'Whether it is active, and its processes. Circus keeps neither restart counts nor exit codes.',
    events: 'Deaths of its processes; while it is down it is looked at every 5 seconds.',
    rights: 'Reaching the control endpoint, and circusctl installed.',
    intent:
      'Stopped on purpose: status stopped (circusctl stop). Circus itself stops a watcher whose processes fail to start too often (max_retry), which looks the same: set max_retry = -1.',
  },
  example: 'manager: { circus: api }',
  open,
  discover,
});

interface Answer {
  readonly status?: string;
  readonly reason?: string;
  readonly pids?: readonly number[];
  /** Before Circus 0.9. */
  readonly processes?: readonly number[];
}

function open(given: OptionsOf<typeof options>, context: ManagerContext): Manager {
  const { host } = context;
  const tool = ['circusctl', ...(given.endpoint === undefined ? [] : ['--endpoint', given.endpoint])];

  async function ask(...words: readonly string[]): Promise<Answer | string> {
    const ran = await runTool(host, [...tool, '--json', ...words]);
    try {
      return JSON.parse(ran.stdout) as Answer;
    } catch {
      return `circusctl ${words.join(' ')}: ${endingOf(ran)}`;
    }
  }

  async function look(): Promise<ManagerReport> {
    const [status, list] = await Promise.all([ask('status', given.watcher), ask('list', given.watcher)]);
    if (typeof status === 'string') return withoutProcess('unknown', `circusd could not be asked: ${status}`);
    if (status.status === 'error') {
      return withoutProcess(
        'missing',
        `Circus knows no watcher ${given.watcher}: ${status.reason ?? 'no reason given'}`,
      );
    }
    const pids = typeof list === 'string' ? [] : (list.pids ?? list.processes ?? []);
    const mains = pids.flatMap((pid) => host.processes.identify(pid) ?? []);
    return circusReport(status.status ?? '', mains);
  }

  return toolManager(
    {
      look,
      request: (kind, signal) => {
        const timeout = context.startTimeout + context.stopTimeout;
        return askTool(host, [...tool, '--timeout', String(Math.ceil(timeout / 1000)), kind, given.watcher], {
          timeout: timeout + 2_000,
          signal,
        });
      },
    },
    context,
  );
}

/** Statuses: circus/watcher.py, `_status`: active, stopped, starting, stopping. */
export function circusReport(status: string, mains: readonly ProcessIdentity[]): ManagerReport {
  const [main] = mains;
  const processes = main === undefined ? {} : { main, mains };
  switch (status) {
    case 'active':
      return main === undefined
        ? { intent: 'run', activity: 'restarting', detail: 'active, but without a process' }
        : { intent: 'run', activity: 'running', detail: `active, ${mains.length} processes`, ...processes };
    case 'starting':
      return { intent: 'run', activity: 'starting', detail: status, ...processes };
    case 'stopping':
      return { intent: 'unknown', activity: 'stopping', detail: status, ...processes };
    case 'stopped':
      return { intent: 'stopped', activity: 'stopped', detail: 'stopped by hand' };
    default:
      return { intent: 'unknown', activity: 'unknown', detail: `Circus says '${status}'`, ...processes };
  }
}

/** Watchers of the circusd at the usual endpoint: `circusctl --json status` has them by name. */
async function discover(host: Host): Promise<Discovery> {
  const ran = await runTool(host, ['circusctl', '--json', '--timeout', '3', 'status']);
  if (ran.outcome !== 'exited') return notHere;
  let statuses: Readonly<Record<string, string>>;
  try {
    statuses = (JSON.parse(ran.stdout) as { statuses?: Record<string, string> }).statuses ?? {};
  } catch {
    return notHere;
  }
  const services = await Promise.all(
    Object.entries(statuses).map(async ([name, status]) => {
      const listed = await runTool(host, ['circusctl', '--json', 'list', name]);
      return {
        name,
        manager: { circus: name },
        detail: `watcher of Circus, ${status}`,
        pids: pidsIn(listed.stdout),
        restarts: 'circusd',
        lasting: status === 'active',
      };
    }),
  );
  return { present: true, services };
}

function pidsIn(output: string): readonly number[] {
  try {
    const answer = JSON.parse(output) as Answer;
    return answer.pids ?? answer.processes ?? [];
  } catch {
    return [];
  }
}
