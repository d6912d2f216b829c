import type { Host } from '../../host/host.ts';

/** How Monit's HTTP interface is reached (monit(1), "MONIT HTTPD"). */
export interface MonitAccess {
  readonly socket: string;
  readonly url?: string | undefined;
  readonly username: string;
  readonly password: string;
}

const readWithin = 10_000;

export type MonitAnswer =
  | { readonly ok: true; readonly body: string }
  | { readonly ok: false; readonly missing: boolean; readonly reason: string };

/** Asks Monit for a page, or with `action` to act on the service that the page is of. */
export async function askMonit(
  host: Host,
  given: MonitAccess,
  target: string,
  action?: string,
): Promise<MonitAnswer> {
  // Monit wants the same token in a cookie and in the form (its protection against forged requests); any will do.
  const token = 'watcher';
  const outcome = await host.http.request({
    url: `${given.url ?? 'http://monit'}${target}`,
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
    ...(given.url === undefined ? { socketPath: given.socket } : {}),
  });
  if (!outcome.ok)
    return {
      ok: false,
      missing: false,
      reason: `Monit does not answer at ${given.url ?? given.socket}: ${outcome.reason}`,
    };
  if (outcome.status < 400) return { ok: true, body: outcome.body };
  const reason = outcome.status === 401 ? 'its user name or password is wrong' : `HTTP ${outcome.status}`;
  return {
    ok: false,
    missing: outcome.status === 404,
    reason: `Monit at ${given.url ?? given.socket}: ${reason}`,
  };
}

/** One service as Monit's status has it. */
export interface MonitService {
  /** 3: a process (monit.h). */
  readonly type: number;
  readonly name: string;
  /** 0: as it should be; else bits of what is wrong (event.h of Monit). */
  readonly status: number;
  readonly message: string;
  /** 0: not monitored, 1: monitored, 2: about to be. */
  readonly monitor: number;
  /** What is waiting to be done (event.h, Action_Type); 0: nothing. */
  readonly pending: number;
  readonly pid: number;
}

/** The services of `_status?format=xml`. */
export function servicesIn(xml: string): readonly MonitService[] {
  return [...xml.matchAll(/<service type="(\d+)">(.*?)<\/service>/gs)].map(([, type, body = '']) => {
    const field = (name: string) =>
      new RegExp(`<${name}>(?:<!\\[CDATA\\[)?(.*?)(?:\\]\\]>)?</${name}>`, 's').exec(body)?.[1] ?? '';
    return {
      type: Number(type),
      name: field('name'),
      status: Number(field('status')),
      message: field('status_message'),
      monitor: Number(field('monitor')),
      pending: Number(field('pendingaction')),
      pid: Number(field('pid')),
    };
  });
}
