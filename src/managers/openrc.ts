import { readPidFile } from '../host/files/pid-file.ts';
import type { Host } from '../host/host.ts';
import type { ManagerReport } from '../model/manager.ts';
import type { OptionsOf } from '../schema/field.ts';
import { path, text } from '../schema/fields.ts';
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
    sees: 'Whether it is started, stopped or crashed, and its main process by the pid file.',
    events: 'Deaths of the process; while it is down it is looked at every 5 seconds.',
    rights: 'Looking needs none; everything else root.',
    intent:
      'Stopped on purpose: status stopped (rc-service stop). Crashed: started, but its process is gone. supervise-daemon that gives up leaves it stopped too: set respawn_max=0.',
  },
  example: 'manager: { openrc: nginx }',
  open,
  discover,
});

/** What start-stop-daemon was told of a service's daemons: `pidfile=...` lines (librc-daemon.c, rc_service_daemon_set). */
const daemonFolders = ['/run/openrc/daemons', '/lib/rc/init.d/daemons'];

function open(given: OptionsOf<typeof options>, context: ManagerContext): Manager {
  const { host } = context;

  async function pidFilePath(): Promise<string | undefined> {
    if (given.pidfile !== undefined) return given.pidfile;
    for (const folder of daemonFolders) {
      const known = await host.files.read(`${folder}/${given.service}/001`);
      const found = known.ok ? /^pidfile=(\S+)$/m.exec(known.value)?.[1] : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async function look(): Promise<ManagerReport> {
    const ran = await runTool(host, ['rc-service', given.service, 'status']);
    if (ran.outcome !== 'exited' || ran.code === undefined) {
      return withoutProcess('unknown', `rc-service ${given.service} status: ${endingOf(ran)}`);
    }
    if (/does not exist/.test(`${ran.stdout}${ran.stderr}`)) {
      return withoutProcess('missing', `OpenRC knows no service ${given.service}; see: rc-service --list`);
    }
    const file = await pidFilePath();
    const named = file === undefined ? undefined : await readPidFile(host.files, file);
    const main = named?.state === 'names' ? host.processes.identify(named.pid) : undefined;
    return openrcReport(ran.code, main, named?.state === 'names' && main === undefined);
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
    },
    context,
  );
}

/**
 * Exit codes of `status`: openrc-run.sh, `_status`: 0 started, 3 stopped, 4 stopping, 8 starting, 16 inactive,
 * 32 crashed, 64 unsupervised. `dead`: the pid file names a process that is gone.
 */
export function openrcReport(code: number, main: ManagerReport['main'], dead: boolean): ManagerReport {
  const process = main === undefined ? {} : { main };
  switch (code) {
    case 0:
      return dead
        ? { intent: 'run', activity: 'failed', detail: 'started, but its process is gone' }
        : { intent: 'run', activity: 'running', detail: 'started', ...process };
    case 3:
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
