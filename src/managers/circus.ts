import type { Host } from '../host/host.ts';
import type { ManagerReport, ProcessIdentity } from '../model/manager.ts';
import type { OptionsOf } from '../schema/field.ts';
import { text } from '../schema/fields.ts';
import { logTails, noLog } from './log-tails.ts';
import { type Discovery, defineManager, type Manager, type ManagerContext, notHere } from './manager-kind.ts';
import { endingOf } from './outcome.ts';
import { runTool, type ToolOptions } from './tool.ts';
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
    sees: 'Whether it is active, its processes, the files of its streams. Circus keeps neither restart counts nor exit codes.',
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
  readonly options?: Readonly<Record<string, unknown>>;
  readonly pids?: readonly number[];
  /** Before Circus 0.9. */
  readonly processes?: readonly number[];
}

function open(given: OptionsOf<typeof options>, context: ManagerContext): Manager {
  const { host } = context;
  const tool = ['circusctl', ...(given.endpoint === undefined ? [] : ['--endpoint', given.endpoint])];

  /** An error is an answer too, with exit code 0 (circus/circusctl.py, handle_dealer): only its status tells. */
  async function ask(
    words: readonly string[],
    flags: readonly string[] = [],
    options: ToolOptions = {},
  ): Promise<Answer | string> {
    const ran = await runTool(host, [...tool, '--json', ...flags, ...words], options);
    try {
      return JSON.parse(ran.stdout) as Answer;
    } catch {
      return `circusctl ${words.join(' ')}: ${endingOf(ran)}`;
    }
  }

  async function look(): Promise<ManagerReport> {
    const [status, list] = await Promise.all([ask(['status', given.watcher]), ask(['list', given.watcher])]);
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
      request: async (kind, signal) => {
        const timeout = context.startTimeout + context.stopTimeout;
        const seconds = String(Math.ceil(timeout / 1000));
        const answer = await ask([kind, given.watcher], ['--timeout', seconds], {
          timeout: timeout + 2_000,
          signal,
        });
        if (typeof answer === 'string') return { ok: false, reason: answer };
        if (answer.status === 'ok') return { ok: true };
        const reason = answer.reason ?? `it answered '${answer.status}'`;
        return { ok: false, reason: `Circus refused to ${kind} ${given.watcher}: ${reason}` };
      },
      async logs(lines) {
        const answer = await ask(['options', given.watcher]);
        if (typeof answer === 'string') return [noLog(answer)];
        const files = ['stdout_stream', 'stderr_stream'].map((stream) =>
          fileOf(answer.options ?? {}, stream),
        );
        const none = 'neither stdout_stream nor stderr_stream of the watcher has a filename';
        return logTails(host.files, files, lines, none);
      },
    },
    context,
  );
}

/** The file of a stream, as the options of a watcher have it: `stdout_stream_conf` (circus/watcher.py, optnames). */
function fileOf(options: NonNullable<Answer['options']>, stream: string): string | undefined {
  const given = options[`${stream}_conf`] ?? options[stream];
  const file =
    typeof given === 'object' && given !== null ? (given as { filename?: unknown }).filename : undefined;
  const found = file ?? options[`${stream}.filename`];
  return typeof found === 'string' ? found : undefined;
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
