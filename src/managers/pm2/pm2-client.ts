import type { Host } from '../../host/host.ts';
import { decodeAmp, encodeAmp } from './amp.ts';

/** What PM2 says of one process: fields of `pm2 jlist`. The rest of `pm2_env` (its environment) is never looked at. */
export interface Pm2Process {
  readonly pid: number;
  readonly name: string;
  readonly pm_id: number;
  readonly pm2_env: {
    readonly status: string;
    readonly restart_time?: number;
    readonly unstable_restarts?: number;
    readonly exit_code?: number;
    readonly autorestart?: boolean | string;
    readonly restart_delay?: number;
    readonly namespace?: string;
    readonly pm_out_log_path?: string;
    readonly pm_err_log_path?: string;
    readonly pm_pid_path?: string;
  };
}

export type Pm2Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly absent: boolean; readonly reason: string };

/**
 * Calls a method of PM2's daemon over its `rpc.sock` (pm2-axon-rpc: `{ type: 'call', method, args }` and an id, which
 * comes back with `{ args }` or `{ error }`). Never starts a daemon, as every `pm2` command does where there is none.
 */
export function callPm2(
  host: Host,
  home: string,
  method: string,
  argument: unknown,
  timeoutMs: number,
): Promise<Pm2Answer> {
  return new Promise((resolve) => {
    const socket = `${home}/rpc.sock`;
    if (host.streams === undefined) {
      resolve({ ok: false, absent: true, reason: 'this host cannot open sockets' });
      return;
    }
    let received = Buffer.alloc(0);
    const settle = (answer: Pm2Answer) => {
      timer.cancel();
      stream.close();
      resolve(answer);
    };
    const timer = host.clock.after(timeoutMs, () => {
      settle({ ok: false, absent: false, reason: `PM2 did not answer ${method} within ${timeoutMs} ms` });
    });
    const stream = host.streams.open(
      { path: socket },
      {
        received(bytes) {
          received = Buffer.concat([received, bytes]);
          try {
            const message = decodeAmp(received);
            if (message === undefined) return;
            settle(answerIn(message.values[0]));
          } catch {
            settle({ ok: false, absent: false, reason: `what answers at ${socket} is not PM2` });
          }
        },
        ended: (reason) =>
          settle({ ok: false, absent: true, reason: `PM2 does not answer at ${socket}: ${reason}` }),
      },
    );
    stream.send(encodeAmp([{ type: 'call', method, args: [argument] }, 'watcher:0']));
  });
}

/** Milliseconds. */
const readWithin = 10_000;
/** Questions that are under way, by folder: each answer has all apps of a daemon, however many services ask. */
const underWay = new WeakMap<Host, Map<string, Promise<Pm2Answer>>>();

/** All processes of a daemon. Who asks while another one waits for the answer gets the same. */
export function askAll(host: Host, home: string): Promise<Pm2Answer> {
  const ofHost = underWay.get(host) ?? new Map<string, Promise<Pm2Answer>>();
  underWay.set(host, ofHost);
  const before = ofHost.get(home);
  if (before !== undefined) return before;
  const asking = callPm2(host, home, 'getMonitorData', {}, readWithin).finally(() => ofHost.delete(home));
  ofHost.set(home, asking);
  return asking;
}

function answerIn(message: unknown): Pm2Answer {
  if (typeof message !== 'object' || message === null) {
    return { ok: false, absent: false, reason: 'PM2 answered nothing' };
  }
  if ('error' in message) return { ok: false, absent: false, reason: String(message.error) };
  const args = 'args' in message && Array.isArray(message.args) ? (message.args as unknown[]) : [];
  return { ok: true, value: args[0] };
}
