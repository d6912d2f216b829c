import { readPidFile } from '../host/files/pid-file.ts';
import type { Host } from '../host/host.ts';
import type { ManagerReport } from '../model/manager.ts';
import type { OptionsOf } from '../schema/field.ts';
import { path, text } from '../schema/fields.ts';
import { logTails } from './log-tails.ts';
import { type Discovery, defineManager, type Manager, type ManagerContext, notHere } from './manager-kind.ts';
import { endingOf, succeeded } from './outcome.ts';
import { askTool, runTool } from './tool.ts';
import { toolManager, withoutProcess } from './tool-manager.ts';

const options = {
  service: text({ summary: 'The service, as rc-service(8) takes it.', example: 'nginx' }),
  pidfile: path({
    summary: 'Its pid file, where OpenRC does not know it.',
    optional: true,
    example: '/run/nginx.pid',
  }),
};

/** Services of OpenRC, through rc-service(8). */
export const openrc = defineManager({
  kind: 'openrc',
  summary: 'A service of OpenRC.',
  options,
  main: 'service',
  can: () => ['start', 'stop', 'restart', 'reload'],
  notes: {
    sees: "Whether it is started, stopped, crashed or failed, its main process by the pid file or by what supervise-daemon writes down, that one's respawns, its output_log and error_log.",
    events: 'Deaths of the process; while it is down it is looked at every 5 seconds.',
    rights: 'Looking needs none; everything else root.',
    intent:
      'Stopped on purpose: status stopped (rc-service stop) and not marked as failed, which is what supervise-daemon leaves behind when it gives up. Crashed: started, but its process is gone.',
  },
  example: 'manager: { openrc: nginx }',
  open,
  discover,
});

/**
 * Where OpenRC keeps its state (librc.c, rc_svcdir; the second before 0.16). Below it, for each service: `daemons`, what
 * start-stop-daemon or supervise-daemon was told (`pidfile=...`; librc-daemon.c, rc_service_daemon_set), `options`, what
 * supervise-daemon writes down (supervise-daemon.c, child_process), and `failed`, a link for what failed to start or
 * was given up (rc_service_mark).
 */
const stateFolders = ['/run/openrc', '/lib/rc/init.d'];

/** What OpenRC wrote down of a service. */
export interface OpenrcFiles {
  /** Of supervise-daemon, where that one runs it. */
  readonly supervised: boolean;
  /** Starts by supervise-daemon in the period in which it counts them. */
  readonly respawns?: number;
  /** It was given up, or did not start when its runlevel did. */
  readonly failed: boolean;
}

function open(given: OptionsOf<typeof options>, context: ManagerContext): Manager {
  const { host } = context;
  const script = `/etc/init.d/${given.service}`;

  /** In the first of OpenRC's folders that has it. */
  async function stateFile(path: string): Promise<string | undefined> {
    for (const folder of stateFolders) {
      const file = await host.files.read(`${folder}/${path}`);
      if (file.ok) return file.value;
    }
    return undefined;
  }

  async function isFailed(): Promise<boolean> {
    const found = await Promise.all(
      stateFolders.map((folder) => host.files.exists(`${folder}/failed/${given.service}`)),
    );
    return found.includes(true);
  }

  async function pidFilePath(): Promise<string | undefined> {
    if (given.pidfile !== undefined) return given.pidfile;
    return /^pidfile=(\S+)$/m.exec((await stateFile(`daemons/${given.service}/001`)) ?? '')?.[1];
  }

  /** The pid file that supervise-daemon registers holds its own number; that of the service is an option. */
  async function mainPid(): Promise<{ readonly pid?: number; readonly supervised: boolean }> {
    const child = Number(await stateFile(`options/${given.service}/child_pid`));
    if (child > 0) return { pid: child, supervised: true };
    const file = await pidFilePath();
    const named = file === undefined ? undefined : await readPidFile(host.files, file);
    return { supervised: false, ...(named?.state === 'names' ? { pid: named.pid } : {}) };
  }

  async function look(): Promise<ManagerReport> {
    const ran = await runTool(host, ['rc-service', given.service, 'status']);
    if (ran.outcome !== 'exited' || ran.code === undefined) {
      return withoutProcess('unknown', `rc-service ${given.service} status: ${endingOf(ran)}`);
    }
    if (/does not exist/.test(`${ran.stdout}${ran.stderr}`)) {
      return withoutProcess('missing', `OpenRC knows no service ${given.service}; see: rc-service --list`);
    }
    const [{ pid, supervised }, failed] = await Promise.all([mainPid(), isFailed()]);
    const main = pid === undefined ? undefined : host.processes.identify(pid);
    const respawns = supervised ? Number(await stateFile(`options/${given.service}/start_count`)) : undefined;
    const files = { supervised, failed, ...(respawns === undefined ? {} : { respawns }) };
    return openrcReport(ran.code, main, pid !== undefined && main === undefined, files);
  }

  /** Its settings are read before its script, which then mostly sets what is not set yet (openrc-run(8)). */
  async function outputs(): Promise<readonly string[]> {
    const texts = await Promise.all(
      [`/etc/conf.d/${given.service}`, script].map((file) => host.files.read(file)),
    );
    const found = new Map<string, string>();
    for (const text of texts) {
      for (const [name, path] of text.ok ? outputsIn(text.value, given.service) : [])
        if (!found.has(name)) found.set(name, path);
    }
    return [...found.values()];
  }

  return toolManager(
    {
      look,
      request: async (kind, signal) => {
        const timeout = context.startTimeout + context.stopTimeout;
        // A crashed service counts as started: start would do nothing.
        const crashed = kind === 'start' && (await look()).activity === 'failed';
        return askTool(host, ['rc-service', given.service, crashed ? 'restart' : kind], { timeout, signal });
      },
      logs: async (lines) =>
        logTails(host.files, await outputs(), lines, `${script} names no output_log or error_log`),
    },
    context,
  );
}

/** `output_log=/var/log/x.log`, quoted, or with a default as in `: ${error_log:=/var/log/$RC_SVCNAME.err}`. */
export function outputsIn(text: string, service: string): readonly (readonly [string, string])[] {
  const setting =
    /^[ \t]*(?::[ \t]+)?"?(?:\$\{)?(output_log|error_log):?=["']?(?:\$\{\w+:?-["']?)?([^\s"';#]+)/gm;
  return [...text.matchAll(setting)].flatMap(([, name = '', raw = '']) => {
    const path = raw.replaceAll(/\$\{?(?:RC_SVCNAME|SVCNAME|name)\b\}?/g, service).replace(/\}$/, '');
    return path.startsWith('/') && !path.includes('$') ? [[name, path] as const] : [];
  });
}

/**
 * Exit codes of `status`: openrc-run.sh, `_status`: 0 started, 3 stopped, 4 stopping, 8 starting, 16 inactive,
 * 32 crashed, 64 unsupervised. `dead`: the pid file names a process that is gone.
 */
export function openrcReport(
  code: number,
  main: ManagerReport['main'],
  dead: boolean,
  files: OpenrcFiles = { supervised: false, failed: false },
): ManagerReport {
  const process = {
    ...(main === undefined ? {} : { main }),
    ...(files.respawns === undefined ? {} : { restarts: files.respawns }),
  };
  switch (code) {
    case 0:
      if (dead && files.supervised) {
        const detail = 'started; supervise-daemon is about to start its process again';
        return { intent: 'run', activity: 'restarting', detail, ...process };
      }
      return dead
        ? { intent: 'run', activity: 'failed', detail: 'started, but its process is gone' }
        : { intent: 'run', activity: 'running', detail: 'started', ...process };
    case 3:
      if (files.failed) {
        const detail =
          'OpenRC gave up on it, or it did not start (marked as failed; to leave it so: rc-service zap)';
        return { intent: 'run', activity: 'failed', detail };
      }
      return { intent: 'stopped', activity: 'stopped', detail: 'stopped by hand', ...process };
    case 4:
      return { intent: 'stopped', activity: 'stopping', detail: 'stopping', ...process };
    case 8:
      return { intent: 'run', activity: 'starting', detail: 'starting', ...process };
    case 16:
      return {
        intent: 'run',
        activity: 'starting',
        detail: 'inactive: it waits for something to happen',
        ...process,
      };
    case 32:
      return { intent: 'run', activity: 'failed', detail: 'crashed' };
    case 64:
      return {
        intent: 'run',
        activity: 'failed',
        detail: 'unsupervised: its supervisor is gone',
        ...process,
      };
    default:
      return {
        intent: 'unknown',
        activity: 'unknown',
        detail: `rc-service status ended with exit code ${code}`,
        ...process,
      };
  }
}

/** Started services: `rc-status --servicelist` prints ` nginx   [  started  ]`. */
async function discover(host: Host): Promise<Discovery> {
  if (!(await host.files.exists('/run/openrc'))) return notHere;
  const ran = await runTool(host, ['rc-status', '--nocolor', '--servicelist']);
  if (!succeeded(ran)) return { present: true, services: [], trouble: `rc-status: ${endingOf(ran)}` };
  return { present: true, services: startedIn(ran.stdout).map(serviceOf) };
}

function serviceOf(name: string): Discovery['services'][number] {
  return { name, manager: { openrc: name }, detail: 'service of OpenRC', pids: [], lasting: true };
}

/** Names of the services that `rc-status` shows as started. */
export function startedIn(output: string): readonly string[] {
  return [...output.matchAll(/^\s*(\S+)\s+\[\s*started\b.*\]$/gm)].map(([, name = '']) => name);
}
