import type { FileResult } from '../host/files.ts';
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
  label: text({ summary: 'Label of the job.', example: 'com.example.api' }),
  domain: text({
    summary: 'Its domain: system, or gui/UID or user/UID for an agent.',
    default: 'system',
    example: 'gui/501',
  }),
  plist: path({
    summary: 'Its property list, where it is not /Library/LaunchDaemons/LABEL.plist.',
    optional: true,
  }),
};

/** Jobs of launchd on macOS, through launchctl(1). */
export const launchd = defineManager({
  kind: 'launchd',
  summary: 'A job of launchd (macOS).',
  options,
  main: 'label',
  can: () => ['start', 'stop', 'restart', 'reload'],
  notes: {
    sees: 'State, process, last exit code or signal, number of runs, the files that its output goes to.',
    events: 'Deaths of the process; while it is down it is looked at every 5 seconds.',
    rights: 'The system domain: root. An agent: its own user.',
    intent:
      'Stopped on purpose: not loaded (launchctl bootout) or disabled, while its property list is still there.',
  },
  example: 'manager: { launchd: com.example.api }',
  open,
  discover,
});

/** launchd starts a job at most once in 10 seconds (launchd.plist(5), ThrottleInterval). */
const throttle = 10_000;

function open(given: OptionsOf<typeof options>, context: ManagerContext): Manager {
  const { host } = context;
  const target = `${given.domain}/${given.label}`;
  const plist = given.plist ?? `/Library/LaunchDaemons/${given.label}.plist`;

  async function look(): Promise<ManagerReport> {
    const ran = await runTool(host, ['launchctl', 'print', target]);
    if (succeeded(ran)) {
      const job = parsePrint(ran.stdout);
      return launchdReport(job, job.pid === undefined ? undefined : host.processes.identify(job.pid));
    }
    if (!/Could not find service/i.test(`${ran.stdout}${ran.stderr}`)) {
      return withoutProcess('unknown', `launchctl print ${target}: ${endingOf(ran)}`);
    }
    return (await host.files.exists(plist))
      ? { intent: 'stopped', activity: 'stopped', detail: 'stopped by hand (not loaded)' }
      : withoutProcess('missing', `launchd knows no job ${target}, and ${plist} does not exist`);
  }

  return toolManager(
    {
      look,
      request: async (kind, signal) => {
        const tool = { timeout: context.startTimeout + context.stopTimeout, signal };
        if (kind === 'reload') return askTool(host, ['launchctl', 'kill', 'SIGHUP', target], tool);
        // With KeepAlive a job that is only killed would be started again at once: stopped is what is not loaded.
        if (kind === 'stop') return askTool(host, ['launchctl', 'bootout', target], tool);
        if ((await look()).activity === 'stopped') {
          const enabled = await askTool(host, ['launchctl', 'enable', target], tool);
          const loaded = await askTool(host, ['launchctl', 'bootstrap', given.domain, plist], tool);
          if (!enabled.ok || !loaded.ok) return enabled.ok ? loaded : enabled;
        }
        return askTool(host, ['launchctl', 'kickstart', ...(kind === 'restart' ? ['-k'] : []), target], tool);
      },
      async logs(lines) {
        const ran = await runTool(host, ['launchctl', 'print', target]);
        const { outputs } = parsePrint(ran.stdout);
        const listed = outputs.length > 0 ? outputs : outputsIn(await host.files.read(plist));
        const none = `${plist} has neither StandardOutPath nor StandardErrorPath`;
        return logTails(host.files, listed, lines, none);
      },
    },
    context,
  );
}

export interface LaunchdJob {
  readonly state: string;
  readonly pid?: number;
  readonly runs?: number;
  readonly lastExit?: string;
  /** Files that its output goes to. */
  readonly outputs: readonly string[];
}

/** The job's own lines of `launchctl print`: those indented by one tab; deeper ones belong to its endpoints. */
export function parsePrint(output: string): LaunchdJob {
  const own = new Map(
    output.split('\n').flatMap((line) => {
      const match = /^\t([a-z][a-z ]*) = (.*)$/.exec(line);
      return match?.[1] === undefined || match[2] === undefined ? [] : [[match[1], match[2]] as const];
    }),
  );
  const pid = Number(own.get('pid'));
  const runs = Number(own.get('runs'));
  const code = /^\d+/.exec(own.get('last exit code') ?? '')?.[0];
  const signal = own.get('last terminating signal');
  const lastExit =
    signal === undefined ? (code === undefined ? undefined : `exit code ${code}`) : `signal ${signal}`;
  return {
    state: own.get('state') ?? '',
    outputs: ['stdout path', 'stderr path'].flatMap((name) => own.get(name) ?? []),
    ...(pid > 0 ? { pid } : {}),
    ...(Number.isNaN(runs) ? {} : { runs }),
    ...(lastExit === undefined ? {} : { lastExit }),
  };
}

/** The same in a property list that is not loaded (launchd.plist(5)); nothing where it is a binary one. */
function outputsIn(plist: FileResult<string>): readonly string[] {
  if (!plist.ok) return [];
  const named = plist.value.matchAll(/<key>Standard(?:Out|Error)Path<\/key>\s*<string>([^<]+)<\/string>/g);
  return [...named].map(([, path = '']) => path);
}

/** The report of a loaded job. */
export function launchdReport(job: LaunchdJob, main: ManagerReport['main']): ManagerReport {
  const common = {
    ...(main === undefined ? {} : { main }),
    ...(job.runs === undefined ? {} : { restarts: Math.max(0, job.runs - 1) }),
    ...(job.lastExit === undefined ? {} : { lastExit: job.lastExit }),
  };
  const how = job.lastExit === undefined ? '' : ` (${job.lastExit})`;
  if (main !== undefined) return { intent: 'run', activity: 'running', detail: job.state, ...common };
  if (/spawn scheduled|spawning|xpcproxy/.test(job.state)) {
    return {
      intent: 'run',
      activity: 'restarting',
      detail: `${job.state}${how}`,
      readyIn: throttle,
      ...common,
    };
  }
  // Loaded and never run: it waits for its schedule or for a connection.
  if (job.lastExit === undefined) {
    return {
      intent: 'stopped',
      activity: 'stopped',
      detail: `${job.state}: it has not been asked to run yet`,
      ...common,
    };
  }
  return { intent: 'run', activity: 'failed', detail: `${job.state}: it ended by itself${how}`, ...common };
}

/** Jobs with a process that are not macOS's own: `launchctl list` prints PID, last status and label. */
async function discover(host: Host): Promise<Discovery> {
  if (host.platform !== 'darwin') return notHere;
  const ran = await runTool(host, ['launchctl', 'list']);
  if (!succeeded(ran)) return { present: true, services: [], trouble: `launchctl list: ${endingOf(ran)}` };
  return { present: true, services: jobsIn(ran.stdout) };
}

/** Lines of `launchctl list`; `-` stands for no process. */
export function jobsIn(output: string): Discovery['services'] {
  return [...output.matchAll(/^(\d+)\t\S+\t(\S+)$/gm)].flatMap(([, pid, label = '']) =>
    label.startsWith('com.apple.') || label.startsWith('application.')
      ? []
      : [
          {
            name: label.split('.').at(-1) ?? label,
            manager: { launchd: label },
            detail: `job ${label}`,
            pids: [Number(pid)],
            lasting: true,
          },
        ],
  );
}
