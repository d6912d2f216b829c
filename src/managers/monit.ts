import type { ManagerReport } from '../model/manager.ts';
import type { OptionsOf } from '../schema/field.ts';
import { path, secretText, text } from '../schema/fields.ts';
import { followThrough, type Request } from './follow-through.ts';
import { linesOf, noLog } from './log-tails.ts';
import { mainFollower } from './main-follower.ts';
import { defineManager, type Manager, type ManagerContext } from './manager-kind.ts';
import { askMonit, type MonitService, servicesIn } from './monit/monit-client.ts';
import { defaultSocket, discoverMonit } from './monit/monit-discovery.ts';

const options = {
  service: text({ summary: 'The service as Monit calls it.', example: 'api' }),
  socket: path({ summary: 'The socket of `set httpd unixsocket`.', default: defaultSocket }),
  url: text({
    summary: 'Where Monit answers instead, with `set httpd port`.',
    optional: true,
    example: 'http://127.0.0.1:2812',
  }),
  log: path({
    summary: "Monit's log file, which tells a stop by hand from Monit giving up.",
    default: '/var/log/monit.log',
  }),
  username: text({ summary: 'User name of `allow user:password`.', default: 'admin' }),
  password: secretText({ summary: 'Its password.', default: 'monit' }),
};

type Options = OptionsOf<typeof options>;

/** Milliseconds between two looks at a service without a process: Monit tells nobody of a start. */
const lookEvery = 1_000;

/** Services of Monit, through its HTTP interface on a unix socket. */
export const monit = defineManager({
  kind: 'monit',
  summary: 'A process that Monit looks after: its methods start and stop it.',
  options,
  main: 'service',
  can: () => ['start', 'stop', 'restart'],
  notes: {
    sees: "Whether Monit watches it, main process, what Monit finds wrong, what Monit's log says of it.",
    events: 'Deaths of the process; while it is down Monit is asked every second whether it was started.',
    rights: "Reading and writing Monit's socket, its user name and password, and reading its log.",
    intent:
      "Stopped on purpose: Monit does not monitor it and it does not run (monit stop, monit unmonitor), unless Monit's log says that Monit itself gave up.",
  },
  example:
    'manager: { monit: { service: api, socket: /run/monit.sock, password: "${file:/etc/watcher/monit}" } }',
  open,
  discover: discoverMonit,
});

function open(given: Options, context: ManagerContext): Manager {
  const { host } = context;
  const follower = mainFollower(host, { every: lookEvery, report });
  let ownStop = false;

  async function report(): Promise<ManagerReport> {
    const found = await look();
    follower.note(found.main, found.activity);
    return found;
  }

  async function look(): Promise<ManagerReport> {
    const asked = await askMonit(host, given, '/_status?format=xml');
    if (!asked.ok) return { intent: 'unknown', activity: 'unknown', detail: asked.reason };
    const service = servicesIn(asked.body).find(({ name }) => name === given.service);
    if (service === undefined) {
      return {
        intent: 'unknown',
        activity: 'missing',
        detail: `Monit knows no service ${given.service}; see: monit summary`,
      };
    }
    const main = service.pid > 0 ? host.processes.identify(service.pid) : undefined;
    if (main !== undefined) ownStop = false;
    const down = service.monitor === 0 && main === undefined;
    const log = down ? await host.files.tail(given.log) : undefined;
    const gaveUp = log?.ok === true ? gaveUpIn(log.value, given.service) : undefined;
    return monitReport(service, main, { ownStop, gaveUp });
  }

  async function request(kind: string): Promise<Request> {
    const asked = await askMonit(host, given, `/${encodeURIComponent(given.service)}`, kind);
    return asked.ok ? { ok: true } : { ok: false, reason: asked.reason };
  }

  return {
    report,
    async operate(kind, signal) {
      ownStop = kind !== 'stop';
      const result = await followThrough({ kind, context, signal, report, request: () => request(kind) });
      if (result.ok) ownStop = false;
      return result;
    },
    async logs(lines) {
      const log = await host.files.tail(given.log);
      if (!log.ok) return [noLog(log.reason)];
      const about = linesOf(log.value).filter((line) => line.includes(`'${given.service}'`));
      return about.length > 0
        ? about.slice(-lines)
        : [noLog(`${given.log} says nothing of ${given.service}`)];
    },
    follow: (changed) => follower.follow(changed),
    close: () => follower.close(),
  };
}

/**
 * Why Monit does not monitor the service any more, if it was Monit itself: its log then says `'api' service restarted
 * 5 times within 5 cycles(s) - unmonitor` last, and not `'api' stop on user request`.
 */
export function gaveUpIn(log: string, service: string): string | undefined {
  let reason: string | undefined;
  for (const line of log.split('\n')) {
    const said = line.split(`'${service}' `)[1];
    if (said === undefined) continue;
    if (/ on user request$| action done$/.test(said)) reason = undefined;
    if (/ within \d+ cycles?.* - (unmonitor|stop)$/.test(said)) reason = said;
  }
  return reason;
}

/** What is waiting to be done that ends its being watched: stop and unmonitor (event.h, Action_Type). */
const pendingStops: ReadonlySet<number> = new Set([3, 5]);

/** The report of a service. `gaveUp`: what Monit's log says of it. */
export function monitReport(
  service: MonitService,
  main: ManagerReport['main'],
  around: { readonly ownStop: boolean; readonly gaveUp?: string | undefined },
): ManagerReport {
  const process = main === undefined ? {} : { main };
  const message = service.message === '' ? '' : `: ${service.message}`;
  if (service.pending !== 0) {
    if (pendingStops.has(service.pending))
      return { intent: 'stopped', activity: 'stopping', detail: 'Monit is about to stop it', ...process };
    return {
      intent: 'run',
      activity: main === undefined ? 'starting' : 'running',
      detail: 'Monit is about to act on it',
      ...process,
    };
  }
  if (service.monitor === 0) {
    if (main !== undefined)
      return { intent: 'run', activity: 'running', detail: 'running, not monitored by Monit', ...process };
    if (around.ownStop)
      return { intent: 'run', activity: 'failed', detail: 'it was stopped to be started again, and was not' };
    return around.gaveUp === undefined
      ? { intent: 'stopped', activity: 'stopped', detail: 'stopped by hand (not monitored)' }
      : { intent: 'run', activity: 'failed', detail: `Monit gave up on it: ${around.gaveUp}` };
  }
  if (main !== undefined) {
    const wrong =
      service.status === 0
        ? {}
        : { warnings: [`Monit finds something wrong with ${service.name}${message}`] };
    return { intent: 'run', activity: 'running', detail: 'running', ...process, ...wrong };
  }
  return { intent: 'run', activity: 'restarting', detail: `Monit will start it at its next cycle${message}` };
}
