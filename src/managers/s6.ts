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
import { endingOf, succeeded } from './outcome.ts';
import { supervisedLogs } from './supervised-log.ts';
import { askTool, runTool } from './tool.ts';

const options = {
  service: path({ summary: "The service's folder in the scan folder.", example: '/run/service/api' }),
};

/** Bytes of one death in supervise/death_tally: a TAI64N label, the exit code, the signal (libs6, s6_dtally_pack.c). */
const tallyEntry = 14;

/**
 * In a finish script: it can end with 125, on which s6-supervise wants the service down (s6-supervise.c, finish_z), as
 * after s6-svc -d; only the fifodir is told which it was.
 */
const givesUp = /\b125\b|permafail/;

/** The fields asked of s6-svstat(1), in this order. */
const asked = ['up', 'wantedup', 'paused', 'pid', 'exitcode', 'signal'];

/** Services of s6, through s6-svstat and s6-svc. */
export const s6 = defineManager({
  kind: 's6',
  summary: 'A service that s6-supervise keeps up.',
  options,
  main: 'service',
  can: () => ['start', 'stop', 'restart', 'reload'],
  notes: {
    sees: 'Whether it is up and meant to be, main process, deaths so far, last exit code or signal, the log that its log service keeps.',
    events:
      'Deaths of the process, and every change that s6-supervise writes down; while it is down it is looked at every 2 seconds.',
    rights: 'Reading and writing the supervise folder: root, or the owner of the service.',
    intent:
      'Stopped on purpose: s6 wants it down (s6-svc -d, or a file called down). A finish script that ends with 125 makes s6 give up, which looks the same but for how the service ended: where that script speaks of 125 or s6-permafailon, only an end by SIGTERM, with 143 or with 0 is a stop on purpose.',
  },
  example: 'manager: { s6: /run/service/api }',
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
    const ran = await runTool(host, ['s6-svstat', '-o', asked.join(','), folder]);
    if (!succeeded(ran)) {
      const known = await host.files.exists(`${folder}/run`);
      return known
        ? { intent: 'unknown', activity: 'unknown', detail: `s6-svstat: ${endingOf(ran)}` }
        : {
            intent: 'unknown',
            activity: 'missing',
            detail: `${folder} is no service of s6: it has no file run`,
          };
    }
    const answer = ran.stdout.trim().split(/\s+/);
    const pid = Number(answer[asked.indexOf('pid')]);
    const main = pid > 0 ? host.processes.identify(pid) : undefined;
    const [tally, finish] = await Promise.all([
      host.files.stat(`${folder}/supervise/death_tally`),
      pid > 0 ? undefined : host.files.read(`${folder}/finish`),
    ]);
    const deaths = tally.ok ? Math.floor(tally.value.size / tallyEntry) : undefined;
    return s6Report(answer, main, { deaths, mayGiveUp: finish?.ok === true && givesUp.test(finish.value) });
  }

  return {
    report,
    async operate(kind, signal) {
      const ms = String(kind === 'start' ? context.startTimeout : context.stopTimeout);
      // -wu waits for up, -wD for really down (with its finish script done); reload is SIGHUP (s6-svc(1)).
      const argv = {
        start: ['s6-svc', '-wu', '-T', ms, '-u', folder],
        stop: ['s6-svc', '-wD', '-T', ms, '-d', folder],
        restart: ['s6-svc', '-wD', '-T', ms, '-d', folder],
        reload: ['s6-svc', '-h', folder],
      }[kind];
      const timeout = Number(ms) + 5_000;
      const request = async () => {
        const first = await askTool(host, argv, { timeout, signal });
        if (kind !== 'restart' || !first.ok) return first;
        return askTool(host, ['s6-svc', '-u', folder], { signal });
      };
      return followThrough({ kind, context, signal, report, request });
    },
    logs: (lines) =>
      supervisedLogs(
        host,
        [`${folder}/log`, `${folder}-log`],
        async (service) => pidOf(host, service),
        lines,
      ),
    // s6-supervise replaces this file right before each event that it sends to the fifodir (s6-supervise.c: announce,
    // then ftrigw_notifyb_nosig), so a watch on it hears as much, without a fifo of our own and the right to make one.
    follow: (changed) =>
      follower.follow(changed, (tell) => host.files.watch(`${folder}/supervise/status`, tell)),
    close: () => follower.close(),
  };
}

/** What the service's folder says beside s6-svstat. */
export interface S6Folder {
  /** Those that s6-supervise keeps in mind: the last hundred, if nobody asks for more. */
  readonly deaths?: number | undefined;
  /** Its finish script can make s6 give up. */
  readonly mayGiveUp: boolean;
}

/** The report in what s6-svstat printed for the fields that were asked for. */
export function s6Report(
  answer: readonly string[],
  main: ManagerReport['main'],
  around: S6Folder = { mayGiveUp: false },
): ManagerReport {
  const field = (name: string) => answer[asked.indexOf(name)] ?? '';
  const up = field('up') === 'true';
  const wanted = field('wantedup') === 'true';
  const signal = field('signal').replace(/^SIG/, '');
  const code = Number(field('exitcode'));
  const lastExit = up
    ? undefined
    : signal !== 'NA' && signal !== ''
      ? `signal ${signal}`
      : code >= 0
        ? `exit code ${code}`
        : undefined;
  const common = {
    ...(main === undefined ? {} : { main }),
    ...(around.deaths === undefined ? {} : { restarts: around.deaths }),
    ...(lastExit === undefined ? {} : { lastExit }),
  };
  const how = lastExit === undefined ? '' : ` (${lastExit})`;
  if (field('paused') === 'true')
    return { intent: 'stopped', activity: 'stopped', detail: 'paused by hand', ...common };
  if (up && !wanted) return { intent: 'stopped', activity: 'stopping', detail: 'up, want down', ...common };
  if (up && main === undefined)
    return { intent: 'run', activity: 'restarting', detail: 'up, but its process just ended', readyIn: 1000 };
  if (up) return { intent: 'run', activity: 'running', detail: 'up', ...common };
  // What s6-svc -d itself brings about: SIGTERM, or what a program makes of it.
  const asStopped =
    lastExit === undefined || ['signal TERM', 'exit code 143', 'exit code 0'].includes(lastExit);
  if (!wanted && around.mayGiveUp && !asStopped)
    return {
      intent: 'run',
      activity: 'failed',
      detail: `s6 gave up: its finish script said so${how}`,
      ...common,
    };
  return wanted
    ? { intent: 'run', activity: 'restarting', detail: `down, want up${how}`, readyIn: 1000, ...common }
    : {
        intent: 'stopped',
        activity: 'stopped',
        detail: `stopped by hand (down, want down)${how}`,
        ...common,
      };
}

/** The process of a service; not above 0 where there is none. */
async function pidOf(host: Host, service: string): Promise<number> {
  return Number((await runTool(host, ['s6-svstat', '-o', 'pid', service])).stdout);
}

async function discover(host: Host): Promise<Discovery> {
  const found: Discovered[] = [];
  for (const folder of ['/run/service', '/run/s6/legacy-services', '/etc/s6/service']) {
    const entries = await host.files.list(folder);
    for (const name of entries.ok ? entries.value : []) {
      const service = `${folder}/${name}`;
      if (name.startsWith('.') || !(await host.files.exists(`${service}/supervise/status`))) continue;
      const pid = await pidOf(host, service);
      found.push({
        name: basename(service),
        manager: { s6: service },
        detail: `service of s6 in ${folder}`,
        pids: pid > 0 ? [pid] : [],
        restarts: 's6-supervise',
        lasting: true,
      });
    }
  }
  return { present: found.length > 0, services: found };
}
