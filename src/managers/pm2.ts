import type { Host } from '../host/host.ts';
import { pause } from '../host/time/pause.ts';
import type { ManagerReport } from '../model/manager.ts';
import type { OptionsOf } from '../schema/field.ts';
import { path, text } from '../schema/fields.ts';
import { followThrough, type Request } from './follow-through.ts';
import { homeOf } from './home-of.ts';
import { mainFollower } from './main-follower.ts';
import {
  type Discovered,
  type Discovery,
  defineManager,
  type Manager,
  type ManagerContext,
} from './manager-kind.ts';
import { askAll, callPm2, type Pm2Process } from './pm2/pm2-client.ts';
import { mainsOf, membersFor, together } from './together.ts';
import { watchLater } from './watch-later.ts';

const options = {
  name: text({ summary: 'Name (or number) of the app; all its instances are the service.', example: 'api' }),
  user: text({ summary: 'Whose PM2: that of this user.', optional: true, example: 'deploy' }),
  home: path({ summary: 'PM2_HOME, where it is not .pm2 in the home folder of the user.', optional: true }),
};

type Options = OptionsOf<typeof options>;

/** Milliseconds between two looks at an app without a process: its pid file comes before PM2 calls it online. */
const lookEvery = 1_000;
/** Between a death and its restart PM2 says `stopped` for a moment (God.js, handleExit): so a first one is looked at twice. */
const secondLook = 500;

/** Apps of PM2, through the socket of its daemon. */
export const pm2 = defineManager({
  kind: 'pm2',
  summary: 'An app of PM2 with all its instances.',
  options,
  main: 'name',
  can: () => ['start', 'stop', 'restart', 'reload'],
  notes: {
    sees: 'Status, process of each instance, restarts, exit code, log files.',
    events:
      'Deaths of the process, and changes of the pid files; while one is down PM2 is asked every second whether it was started.',
    rights: 'The socket in PM2_HOME: the same user, or root.',
    intent:
      'Stopped on purpose: status stopped, although PM2 would restart it. With autorestart off, an exit code other than 0 is a failure; of a death by a signal PM2 then says exit code 0, which looks like a stop. Errored: PM2 gave up.',
  },
  example: 'manager: { pm2: api }',
  open,
  discover,
});

function open(given: Options, context: ManagerContext): Manager {
  const { host } = context;
  const follower = mainFollower(host, { every: lookEvery, report });
  /** Numbers of instances that the watcher's own restart stopped and did not get up again. */
  const ownStops = new Set<number>();
  let wasStopped = false;

  async function find(): Promise<
    | { readonly ok: true; readonly processes: readonly Pm2Process[] }
    | { readonly ok: false; readonly missing: boolean; readonly reason: string }
  > {
    const home = await pm2Home(host, given);
    const answer = await askAll(host, home);
    if (!answer.ok) return { ok: false, missing: false, reason: answer.reason };
    const all = (Array.isArray(answer.value) ? answer.value : []) as readonly Pm2Process[];
    const named = all.filter(({ name }) => name === given.name);
    const processes = named.length > 0 ? named : all.filter(({ pm_id: id }) => String(id) === given.name);
    if (processes.length > 0) return { ok: true, processes };
    return { ok: false, missing: true, reason: `PM2 knows no app ${given.name}; see: pm2 list` };
  }

  async function report(): Promise<ManagerReport> {
    const first = await look();
    const stopped = first.activity === 'stopped';
    if (!stopped || wasStopped) {
      wasStopped = stopped;
      return first;
    }
    await pause(host.clock, secondLook);
    const second = await look();
    wasStopped = second.activity === 'stopped';
    return second;
  }

  async function look(): Promise<ManagerReport> {
    const found = await find();
    if (!found.ok) {
      follower.note(undefined);
      return { intent: 'unknown', activity: found.missing ? 'missing' : 'unknown', detail: found.reason };
    }
    const members = membersOf(found.processes);
    const [first] = members;
    const whole = first !== undefined && members.length === 1 ? first.report : together('instances', members);
    const mains = mainsOf(whole);
    follower.note(mains, whole.activity, mains.length === members.length);
    if (whole.activity === 'running') ownStops.clear();
    return whole;
  }

  function membersOf(apps: readonly Pm2Process[]) {
    return apps.map((app) => {
      const report = pm2Report(app, host, ownStops.has(app.pm_id));
      return { name: `${app.name}:${app.pm_id}`, app, report };
    });
  }

  async function request(kind: 'start' | 'stop' | 'restart' | 'reload'): Promise<Request> {
    const found = await find();
    if (!found.ok) return { ok: false, reason: found.reason };
    const home = await pm2Home(host, given);
    const within = context.startTimeout + context.stopTimeout;
    for (const { app } of membersFor(kind, membersOf(found.processes))) {
      const { pm_id: id, pm2_env: env } = app;
      if (kind === 'stop') ownStops.delete(id);
      else if (kind !== 'reload') ownStops.add(id);
      const online = env.status === 'online';
      if (kind === 'start' && online) continue;
      // PM2's own start and stop take the bare number, the others a map.
      const [method, argument] =
        kind === 'stop'
          ? (['stopProcessId', id] as const)
          : kind === 'reload' && online
            ? (['reloadProcessId', { id }] as const)
            : (['restartProcessId', { id }] as const);
      const answer = await callPm2(host, home, method, argument, within);
      if (!answer.ok) return { ok: false, reason: `PM2 could not ${kind} ${given.name}: ${answer.reason}` };
    }
    return { ok: true };
  }

  return {
    report,
    async operate(kind, signal) {
      const result = await followThrough({ kind, context, signal, report, request: () => request(kind) });
      if (result.ok) ownStops.clear();
      return result;
    },
    async logs(lines) {
      const found = await find();
      if (!found.ok) return [found.reason];
      const files = new Set(
        found.processes.flatMap(({ pm2_env: env }) => [env.pm_out_log_path, env.pm_err_log_path]),
      );
      const parts = await Promise.all(
        [...files].map(async (file) => {
          const tail = file === undefined ? undefined : await host.files.tail(file);
          return tail?.ok === true ? tail.value.trimEnd().split('\n').slice(-lines) : [];
        }),
      );
      return parts.flat().filter((line) => line !== '');
    },
    follow: (changed) =>
      follower.follow(changed, (tell) =>
        watchLater(
          host.files,
          pm2Home(host, given).then((home) => `${home}/pids`),
          tell,
        ),
      ),
    close: () => follower.close(),
  };
}

/** Statuses of PM2: constants.js of its source. */
function pm2Report(app: Pm2Process, host: Host, ownStop: boolean): ManagerReport {
  const { pm2_env: env } = app;
  const main = app.pid > 0 ? host.processes.identify(app.pid) : undefined;
  const common = {
    ...(main === undefined ? {} : { main }),
    ...(env.restart_time === undefined ? {} : { restarts: env.restart_time }),
    ...(env.exit_code === undefined ? {} : { lastExit: `exit code ${env.exit_code}` }),
  };
  const ended = env.exit_code === undefined ? '' : ` (exit code ${env.exit_code})`;
  switch (env.status) {
    case 'online':
      // PM2 learns of a death a moment after the kernel knew it.
      return main === undefined
        ? { intent: 'run', activity: 'restarting', detail: 'online, but its process just ended', ...common }
        : { intent: 'run', activity: 'running', detail: 'online', ...common };
    case 'launching':
      return { intent: 'run', activity: 'starting', detail: env.status, ...common };
    case 'waiting restart': {
      const readyIn = env.restart_delay === undefined ? {} : { readyIn: env.restart_delay };
      return {
        intent: 'run',
        activity: 'restarting',
        detail: `${env.status}${ended}`,
        ...readyIn,
        ...common,
      };
    }
    case 'stopping':
      return { intent: 'unknown', activity: 'stopping', detail: env.status, ...common };
    case 'errored':
      return {
        intent: 'run',
        activity: 'failed',
        detail: `errored: PM2 gave up after ${env.unstable_restarts ?? 0} restarts in a row${ended}`,
        ...common,
      };
    case 'stopped': {
      const restarts = env.autorestart !== false && env.autorestart !== 'false';
      if (ownStop) {
        return {
          intent: 'run',
          activity: 'failed',
          detail: 'it was stopped to be started again, and was not',
          ...common,
        };
      }
      return !restarts && (env.exit_code ?? 0) !== 0
        ? { intent: 'run', activity: 'failed', detail: `it ended by itself${ended}`, ...common }
        : { intent: 'stopped', activity: 'stopped', detail: 'stopped by hand', ...common };
    }
    default:
      return { intent: 'unknown', activity: 'unknown', detail: `PM2 says '${env.status}'`, ...common };
  }
}

async function pm2Home(host: Host, given: Pick<Options, 'home' | 'user'>): Promise<string> {
  return given.home ?? `${await homeOf(host, given.user)}/.pm2`;
}

/** Every PM2 of this machine: its daemon has its folder in its title, `PM2 v5.3.0: God Daemon (/home/ann/.pm2)`. */
async function discover(host: Host): Promise<Discovery> {
  const own = await pm2Home(host, {});
  const table = await host.processes.table();
  const daemons = [...table.byPid.values()].flatMap((entry) => {
    const home = /^PM2 v\S+: God Daemon \((\/.*)\)/.exec(entry.details().argv.join(' '))?.[1];
    return home === undefined ? [] : [home];
  });
  const found: Discovered[] = [];
  const troubles: string[] = [];
  for (const home of new Set(daemons)) {
    const answer = await askAll(host, home);
    if (!answer.ok) troubles.push(answer.reason);
    const all = (answer.ok && Array.isArray(answer.value) ? answer.value : []) as readonly Pm2Process[];
    for (const name of new Set(all.map((app) => app.name))) {
      const apps = all.filter((app) => app.name === name);
      const revived = apps.some(
        ({ pm2_env: env }) => env.autorestart !== false && env.autorestart !== 'false',
      );
      found.push({
        name,
        manager: { pm2: home === own ? name : { name, home } },
        detail: `app of PM2 in ${home}`,
        pids: apps.flatMap(({ pid }) => (pid > 0 ? [pid] : [])),
        ...(revived ? { restarts: 'PM2' } : {}),
        lasting: true,
      });
    }
  }
  const [trouble] = troubles;
  return { present: daemons.length > 0, services: found, ...(trouble === undefined ? {} : { trouble }) };
}
