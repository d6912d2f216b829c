import type { Host } from '../host/host.ts';
import type { ManagerReport } from '../model/manager.ts';
import type { OptionsOf } from '../schema/field.ts';
import { path, secretText, text } from '../schema/fields.ts';
import { followThrough, type Request } from './follow-through.ts';
import { mainFollower } from './main-follower.ts';
import { type Discovered, defineManager, type Manager, type ManagerContext } from './manager-kind.ts';

const defaultSocket = '/var/run/monit.sock';

const options = {
  service: text({ summary: 'The service as Monit calls it.', example: 'api' }),
  socket: path({ summary: 'The socket of `set httpd unixsocket`.', default: defaultSocket }),
  log: path({
    summary: "Monit's log file, which tells a stop by hand from Monit giving up.",
    default: '/var/log/monit.log',
  }),
  username: text({ summary: 'User name of `allow user:password`.', default: 'admin' }),
  password: secretText({ summary: 'Its password.', default: 'monit' }),
};

type Options = OptionsOf<typeof options>;

const readWithin = 10_000;

/** Services of Monit, through its HTTP interface on a unix socket. */
export const monit = defineManager({
  kind: 'monit',
  summary: 'A process that Monit looks after: its methods start and stop it.',
  options,
  main: 'service',
  can: () => ['start', 'stop', 'restart'],
  notes: {
    sees: 'Whether Monit watches it, main process, what Monit finds wrong.',
    events: 'Deaths of the process.',
    rights: "Reading and writing Monit's socket, its user name and password, and reading its log.",
    intent:
      "Stopped on purpose: Monit does not monitor it and it does not run (monit stop, monit unmonitor), unless Monit's log says that Monit itself gave up.",
  },
  example:
    'manager: { monit: { service: api, socket: /run/monit.sock, password: "${file:/etc/watcher/monit}" } }',
  open,
  discover,
});

type Asked =
  | { readonly ok: true; readonly body: string }
  | { readonly ok: false; readonly missing: boolean; readonly reason: string };

async function ask(
  host: Host,
  given: Pick<Options, 'socket' | 'username' | 'password'>,
  target: string,
  action?: string,
): Promise<Asked> {
  // Monit wants the same token in a cookie and in the form (its protection against forged requests); any will do.
  const token = 'watcher';
  const outcome = await host.http.request({
    url: `http://monit${target}`,
    method: action === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${given.username}:${given.password}`).toString('base64')}`,
      ...(action === undefined
        ? {}
        : { 'content-type': 'application/x-www-form-urlencoded', cookie: `securitytoken=${token}` }),
    },
    ...(action === undefined ? {} : { body: `securitytoken=${token}&action=${action}` }),
    timeouts: { connect: 3_000, headers: readWithin, total: readWithin },
    maxBodyBytes: 4_194_304,
    redirects: 0,
    socketPath: given.socket,
  });
  if (!outcome.ok)
    return {
      ok: false,
      missing: false,
      reason: `Monit does not answer at ${given.socket}: ${outcome.reason}`,
    };
  if (outcome.status < 400) return { ok: true, body: outcome.body };
  const reason = outcome.status === 401 ? 'its user name or password is wrong' : `HTTP ${outcome.status}`;
  return { ok: false, missing: outcome.status === 404, reason: `Monit at ${given.socket}: ${reason}` };
}

function open(given: Options, context: ManagerContext): Manager {
  const { host } = context;
  const follower = mainFollower(host);
  let ownStop = false;

  async function report(): Promise<ManagerReport> {
    const asked = await ask(host, given, '/_status?format=xml');
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
    follower.note(main);
    if (main !== undefined) ownStop = false;
    const down = service.monitor === 0 && main === undefined;
    const log = down ? await host.files.tail(given.log) : undefined;
    const gaveUp = log?.ok === true ? gaveUpIn(log.value, given.service) : undefined;
    return monitReport(service, main, { ownStop, gaveUp });
  }

  async function request(kind: string): Promise<Request> {
    const asked = await ask(host, given, `/${encodeURIComponent(given.service)}`, kind);
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
    follow: (changed) => follower.follow(changed),
    close: () => follower.close(),
  };
}

export interface MonitService {
  readonly name: string;
  /** 0: as it should be; else bits of what is wrong (event.h of Monit). */
  readonly status: number;
  readonly message: string;
  /** 0: not monitored, 1: monitored, 2: about to be. */
  readonly monitor: number;
  /** 0: nothing is waiting to be done. */
  readonly pending: number;
  readonly pid: number;
}

/** The services of `_status?format=xml`. */
export function servicesIn(xml: string): readonly MonitService[] {
  return [...xml.matchAll(/<service type="\d+">(.*?)<\/service>/gs)].map(([, body = '']) => {
    const field = (name: string) =>
      new RegExp(`<${name}>(?:<!\\[CDATA\\[)?(.*?)(?:\\]\\]>)?</${name}>`, 's').exec(body)?.[1] ?? '';
    return {
      name: field('name'),
      status: Number(field('status')),
      message: field('status_message'),
      monitor: Number(field('monitor')),
      pending: Number(field('pendingaction')),
      pid: Number(field('pid')),
    };
  });
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

/** The report of a service. `gaveUp`: what Monit's log says of it. */
export function monitReport(
  service: MonitService,
  main: ManagerReport['main'],
  around: { readonly ownStop: boolean; readonly gaveUp?: string | undefined },
): ManagerReport {
  const process = main === undefined ? {} : { main };
  const message = service.message === '' ? '' : `: ${service.message}`;
  if (service.pending !== 0) {
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

async function discover(host: Host): Promise<readonly Discovered[]> {
  if (!(await host.files.exists(defaultSocket))) return [];
  const asked = await ask(
    host,
    { socket: defaultSocket, username: 'admin', password: 'monit' },
    '/_status?format=xml',
  );
  if (!asked.ok) return [];
  return servicesIn(asked.body)
    .filter(({ pid }) => pid > 0)
    .map(({ name }) => ({ name, manager: { monit: name }, detail: 'process of Monit' }));
}
