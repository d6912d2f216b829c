import type { Host } from '../../host/host.ts';
import { decodeResponse, encodeCall, type RpcValue } from './xml-rpc.ts';

/** Longest wait for an answer, milliseconds. */
export const readWithin = 10_000;

/** How Supervisor's XML-RPC interface is reached ([unix_http_server], or [inet_http_server] by `url`). */
export interface SupervisorAccess {
  readonly socket: string;
  readonly url?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** What Supervisor says of one process: supervisord.org/api.html, getProcessInfo. */
export interface ProcessInfo {
  readonly name: string;
  readonly group: string;
  readonly statename: string;
  readonly pid: number;
  readonly exitstatus: number;
  readonly spawnerr: string;
  readonly description: string;
  readonly stdout_logfile: string;
  readonly stderr_logfile: string;
}

export type SupervisorAnswer =
  | { readonly ok: true; readonly value: RpcValue }
  | { readonly ok: false; readonly code?: number; readonly reason: string };

/** Calls `supervisor.METHOD` and waits `total` milliseconds at most. */
export async function callSupervisor(
  host: Host,
  given: SupervisorAccess,
  method: string,
  values: readonly RpcValue[],
  total = readWithin,
): Promise<SupervisorAnswer> {
  const credentials =
    given.username === undefined
      ? {}
      : {
          authorization: `Basic ${Buffer.from(`${given.username}:${given.password ?? ''}`).toString('base64')}`,
        };
  const place = given.url ?? given.socket;
  const outcome = await host.http.request({
    url: `${given.url?.replace(/\/$/, '') ?? 'http://supervisor'}/RPC2`,
    method: 'POST',
    headers: { 'content-type': 'text/xml', ...credentials },
    body: encodeCall(`supervisor.${method}`, values),
    timeouts: { connect: 3_000, headers: total, total },
    maxBodyBytes: 4_194_304,
    redirects: 0,
    ...(given.url === undefined ? { socketPath: given.socket } : {}),
  });
  if (!outcome.ok) {
    return { ok: false, reason: `Supervisor does not answer at ${place}: ${outcome.reason}` };
  }
  if (outcome.status !== 200) {
    const hint = outcome.status === 401 ? '; give username and password' : '';
    return { ok: false, reason: `Supervisor at ${place} answered HTTP ${outcome.status}${hint}` };
  }
  try {
    return decodeResponse(outcome.body);
  } catch {
    return { ok: false, reason: `what answers at ${place} is not Supervisor` };
  }
}

/** As supervisorctl names it: `group:name`. */
export function fullName(info: ProcessInfo): string {
  return `${info.group}:${info.name}`;
}
