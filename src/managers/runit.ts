import { basename } from 'node:path';
import type { Host } from '../host/host.ts';
import type { ManagerReport } from '../model/manager.ts';
import type { OptionsOf } from '../schema/field.ts';
import { path } from '../schema/fields.ts';
import { followThrough } from './follow-through.ts';
import { mainFollower } from './main-follower.ts';
import {
  type Discovered,
  type Discovery,
  defineManager,
  type Manager,
  type ManagerContext,
} from './manager-kind.ts';
import { supervisedLogs } from './supervised-log.ts';
import { askTool, runTool } from './tool.ts';

const options = {
  service: path({ summary: "The service's folder.", example: '/etc/service/api' }),
};

/** Services of runit, through their supervise folder and sv(8). */
export const runit = defineManager({
  kind: 'runit',
  summary: 'A service that runsv of runit keeps up.',
  options,
  main: 'service',
  can: () => ['start', 'stop', 'restart', 'reload'],
  notes: {
    sees: 'Whether it is up and meant to be, main process, the log that its log service keeps. runit keeps neither restart counts nor exit codes.',
    events:
      'Deaths of the process, and every change of the supervise folder; while it is down it is looked at every 2 seconds.',
    rights: 'Reading and writing the supervise folder: root, or the owner of the service.',
    intent: 'Stopped on purpose: runsv wants it down (sv down, or a file called down). runit never gives up.',
  },
  example: 'manager: { runit: /etc/service/api }',
  open,
  discover,
});

/**
 * Milliseconds between two looks at a service without a process: its folder may be another one since (a new release, a
 * link that was turned), of which the watch on the old one tells nothing.
 */
const lookEvery = 2_000;

function open(given: OptionsOf<typeof options>, context: ManagerContext): Manager {
  const { host } = context;
  const folder = given.service;
  const follower = mainFollower(host, { every: lookEvery, report });

  async function report(): Promise<ManagerReport> {
    const found = await look();
    follower.note(found.main, found.activity);
    return found;
  }

  async function look(): Promise<ManagerReport> {
    const [status, pid] = await Promise.all([
      host.files.read(`${folder}/supervise/status`),
      host.files.read(`${folder}/supervise/pid`),
    ]);
    if (!status.ok || !pid.ok) {
      const failure = status.ok ? pid : status;
      const reason = failure.ok ? '' : failure.reason;
      const known = await host.files.exists(`${folder}/run`);
      return known
        ? {
            intent: 'unknown',
            activity: 'unknown',
            detail: `no runsv runs for ${folder}, or it may not be read: ${reason}`,
          }
        : {
            intent: 'unknown',
            activity: 'missing',
            detail: `${folder} is no service of runit: it has no file run`,
          };
    }
    const main = host.processes.identify(Number(pid.value));
    if (main === undefined && !(await supervised())) {
      return {
        intent: 'unknown',
        activity: 'unknown',
        detail: `runsv does not run for ${folder}, so nothing keeps it up`,
      };
    }
    return runitReport(status.value, main);
  }

  /** The files stay as they were when runsv is gone; sv asks runsv itself. */
  async function supervised(): Promise<boolean> {
    const ran = await runTool(host, ['sv', 'status', folder]);
    return !ran.stdout.includes('runsv not running');
  }

  async function logPid(service: string): Promise<number> {
    const pid = await host.files.read(`${service}/supervise/pid`, 32);
    return pid.ok ? Number(pid.value) : 0;
  }

  return {
    report,
    async operate(kind, signal) {
      const verb = { start: 'up', stop: 'down', restart: 'restart', reload: 'hup' }[kind];
      const wait = Math.ceil((kind === 'start' ? context.startTimeout : context.stopTimeout) / 1000);
      const argv = ['sv', '-w', String(wait), verb, folder];
      const timeout = (wait + 5) * 1000;
      const request = async () => {
        const asked = await askTool(host, argv, { timeout, signal });
        // sv restart leaves a service that is wanted down down.
        return kind === 'restart' && asked.ok ? askTool(host, ['sv', 'up', folder], { signal }) : asked;
      };
      return followThrough({ kind, context, signal, report, request });
    },
    logs: (lines) => supervisedLogs(host, [`${folder}/log`], logPid, lines),
    follow: (changed) =>
      follower.follow(changed, (tell) => host.files.watch(`${folder}/supervise/status`, tell)),
    close: () => follower.close(),
  };
}

/**
 * supervise/status is 20 bytes (runsv.c, update_status): a TAI64N time stamp, the pid, and then one byte each for
 * paused, wanted (`u`, `d`, or 0 after `sv once`), got TERM, and the state: 0 down, 1 run, 2 finish. Only those last
 * four are read, as they are plain characters whatever the others read as.
 */
export function runitReport(status: string, main: ManagerReport['main']): ManagerReport {
  const [paused, wanted, , state] = status.slice(-4);
  const process = main === undefined ? {} : { main };
  const down = wanted === 'd';
  if (paused === '\x01')
    return { intent: 'stopped', activity: 'stopped', detail: 'paused by hand', ...process };
  switch (state) {
    case '\x01':
      if (down) return { intent: 'stopped', activity: 'stopping', detail: 'run, want down', ...process };
      return main === undefined
        ? { intent: 'run', activity: 'restarting', detail: 'run, but its process just ended', readyIn: 1000 }
        : { intent: 'run', activity: 'running', detail: 'run', ...process };
    case '\x02':
      return down
        ? { intent: 'stopped', activity: 'stopping', detail: 'finish, want down', ...process }
        : { intent: 'run', activity: 'restarting', detail: 'finish, want up', readyIn: 1000 };
    case '\x00':
      if (wanted === 'u')
        return { intent: 'run', activity: 'restarting', detail: 'down, want up', readyIn: 1000 };
      return { intent: 'stopped', activity: 'stopped', detail: 'stopped by hand (down)' };
    default:
      return {
        intent: 'unknown',
        activity: 'unknown',
        detail: 'supervise/status holds nothing that is known here',
      };
  }
}

async function discover(host: Host): Promise<Discovery> {
  const found: Discovered[] = [];
  for (const folder of ['/etc/service', '/var/service', '/service']) {
    const entries = await host.files.list(folder);
    for (const name of entries.ok ? entries.value : []) {
      const service = `${folder}/${name}`;
      const pid = await host.files.read(`${service}/supervise/pid`, 32);
      if (!pid.ok) continue;
      found.push({
        name: basename(service),
        manager: { runit: service },
        detail: `service of runit in ${folder}`,
        pids: Number(pid.value) > 0 ? [Number(pid.value)] : [],
        restarts: 'runsv',
        lasting: true,
      });
    }
  }
  return { present: found.length > 0, services: found };
}
