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
  job: text({ summary: 'The job; an instance with its variable: worker ID=3.', example: 'api' }),
  log: path({
    summary: 'Where init writes, to tell a job that Upstart gave up on from one that was stopped.',
    default: '/var/log/syslog',
  }),
};

/** Jobs of Upstart, through initctl(8); states: init(5) and the Upstart Cookbook, "Job States". */
export const upstart = defineManager({
  kind: 'upstart',
  summary: 'A job of Upstart.',
  options,
  main: 'job',
  can: () => ['start', 'stop', 'restart', 'reload'],
  notes: {
    sees: 'Goal and state, main process.',
    events: 'Deaths of the process; while it is down it is looked at every 5 seconds.',
    rights: 'Root; and reading the system log.',
    intent:
      'Stopped on purpose: its goal is stop, and the log of init says nothing newer of it respawning too fast. Of a job without respawn it also says how it died; what a stop brings about itself (SIGTERM, 143) proves nothing.',
  },
  example: 'manager: { upstart: api }',
  open,
  discover,
});

function open(given: OptionsOf<typeof options>, context: ManagerContext): Manager {
  const { host } = context;
  const words = given.job.split(/\s+/);
  const [name = given.job] = words;
  /** The last line of init about the job while it ran: only a newer one tells of its end. */
  let knownLine: string | undefined;
  let ran = false;

  async function look(): Promise<ManagerReport> {
    const asked = await runTool(host, ['initctl', 'status', ...words]);
    if (!succeeded(asked)) {
      const missing = /Unknown job|Unknown instance/.test(asked.stderr);
      return withoutProcess(missing ? 'missing' : 'unknown', `initctl status: ${endingOf(asked)}`);
    }
    const state = parseStatus(asked.stdout);
    const main = state.pid === undefined ? undefined : host.processes.identify(state.pid);
    const log = await host.files.tail(given.log);
    const line = log.ok ? lastLineAbout(log.value, name) : undefined;
    if (state.goal === 'start') {
      knownLine = line;
      ran = true;
      return upstartReport(state, main, undefined);
    }
    // Without having seen it run there is nothing to compare with, and an old line proves nothing.
    const newer = ran && line !== knownLine ? line : undefined;
    return upstartReport(state, main, newer, newer !== undefined && (await endsAtDeath()));
  }

  /** Whether its death alone ends the job: init(5), "respawn"; false where that cannot be found out. */
  async function endsAtDeath(): Promise<boolean> {
    const [conf, override] = await Promise.all(
      ['conf', 'override'].map((suffix) => host.files.read(`/etc/init/${name}.${suffix}`)),
    );
    if (conf?.ok !== true) return false;
    return !/^[ \t]*respawn[ \t]*$/m.test(`${conf.value}\n${override?.ok === true ? override.value : ''}`);
  }

  return toolManager(
    {
      look,
      request: async (kind, signal) => {
        const timeout = context.startTimeout + context.stopTimeout;
        const asked = await askTool(host, ['initctl', kind, ...words], { timeout, signal });
        // initctl restart refuses a job that does not run (init(8), "Unknown instance").
        if (asked.ok || kind !== 'restart' || !/Unknown instance/.test(asked.reason)) return asked;
        return askTool(host, ['initctl', 'start', ...words], { timeout, signal });
      },
      async logs(lines) {
        const file = `/var/log/upstart/${words.join('-').replaceAll('=', '-')}.log`;
        return logTails(host.files, [file], lines, '');
      },
    },
    context,
  );
}

export interface UpstartState {
  readonly goal: string;
  readonly state: string;
  readonly pid?: number;
}

/** `api start/running, process 1234`, `api stop/waiting`, `worker (3) start/spawned, process 5`. */
export function parseStatus(output: string): UpstartState {
  const match = /\b(start|stop|respawn)\/(\S+?)(?:,\s*(?:process|main process)?\s*(\d+))?\s*$/m.exec(
    output.split('\n')[0] ?? '',
  );
  const pid = match?.[3] === undefined ? undefined : Number(match[3]);
  return { goal: match?.[1] ?? '', state: match?.[2] ?? '', ...(pid === undefined ? {} : { pid }) };
}

/** The last thing init itself said of the job: `init: api main process (12) terminated with status 1`. */
export function lastLineAbout(log: string, job: string): string | undefined {
  return log.split('\n').findLast((line) => line.includes(`init: ${job} `));
}

/**
 * `line`: what init said last, when that is newer than the last time the job ran. `endsAtDeath`: the job is not respawned.
 * How the main process ended is logged whatever the goal was, so it tells a death from a stop only of a job that is
 * not respawned: of another one init adds `ended, respawning` or `respawning too fast, stopped`, and after a stop nothing
 * (init/job_process.c, job_process_terminated).
 */
export function upstartReport(
  state: UpstartState,
  main: ManagerReport['main'],
  line: string | undefined,
  endsAtDeath = false,
): ManagerReport {
  const detail = `${state.goal}/${state.state}`;
  const process = main === undefined ? {} : { main };
  if (state.goal === 'start' || state.goal === 'respawn') {
    if (state.state !== 'running') return { intent: 'run', activity: 'starting', detail, ...process };
    return { intent: 'run', activity: 'running', detail, ...process };
  }
  if (state.goal !== 'stop')
    return { intent: 'unknown', activity: 'unknown', detail: `initctl says '${detail}'` };
  if (state.state !== 'waiting') return { intent: 'stopped', activity: 'stopping', detail, ...process };
  const said = line?.slice(line.indexOf('init: ') + 6) ?? '';
  // SIGTERM is what stop itself sends, and 143 what some programs make of it.
  const died = endsAtDeath && /terminated with status (?!143\b)|killed by (?!TERM)\w+ signal/.test(said);
  if (died || said.includes('respawning too fast')) {
    return { intent: 'run', activity: 'failed', detail: `${detail}: ${said}` };
  }
  return { intent: 'stopped', activity: 'stopped', detail: `stopped by hand (${detail})` };
}

/** Running jobs: `initctl list` prints `cron start/running, process 1031`, and of instances `worker (3) start/running, ...`. */
async function discover(host: Host): Promise<Discovery> {
  const version = await runTool(host, ['initctl', 'version']);
  if (!succeeded(version) || !/upstart/.test(version.stdout)) return notHere;
  const ran = await runTool(host, ['initctl', 'list']);
  if (!succeeded(ran)) return { present: true, services: [], trouble: `initctl list: ${endingOf(ran)}` };
  const services = [...ran.stdout.matchAll(/^(\S+) start\/running, process (\d+)$/gm)].map(
    ([, name = '', pid]) => ({
      name,
      manager: { upstart: name },
      detail: 'job of Upstart',
      pids: [Number(pid)],
      lasting: true,
    }),
  );
  return { present: true, services };
}
