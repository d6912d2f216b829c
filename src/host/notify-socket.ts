import type { Commands } from './commands.ts';
import { loadKoffi } from './packages/load-koffi.ts';

/** The way to tell systemd how we are: sd_notify(3). */
export interface NotifySocket {
  /**
   * Sends one or more assignments: `READY=1`, `STATUS=42 services up`, `RELOADING=1`, `STOPPING=1`, `WATCHDOG=1`.
   * Resolves to whether it was sent; systemd never answers.
   */
  send(...assignments: readonly string[]): Promise<boolean>;
  /** Milliseconds within which systemd wants to hear `WATCHDOG=1`; send it at half of that. Absent: it does not watch. */
  readonly watchdogMs?: number;
  /** `socket`, or `systemd-notify` where the optional package koffi is missing. */
  readonly mechanism: string;
  close(): void;
}

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
/** Room for a path in sockaddr_un (unix(7)). */
const longestPath = 107;

/**
 * Opens the socket that systemd gave us in `NOTIFY_SOCKET`; undefined where there is none. The variables are taken out
 * of `env`, so that no program we run speaks in our name. Node has no unix datagram sockets: koffi calls sendto(2), and
 * where it is missing systemd-notify(1) does it, which needs root or `NotifyAccess=all` in the unit.
 */
export async function openNotifySocket(
  env: Record<string, string | undefined>,
  commands: Commands,
): Promise<NotifySocket | undefined> {
  const path = env.NOTIFY_SOCKET;
  const watchdog = watchdogOf(env);
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  if (path === undefined || !/^[/@]./.test(path) || Buffer.byteLength(path) > longestPath) return undefined;
  const direct = await openDirect(path);
  const common = watchdog === undefined ? {} : { watchdogMs: watchdog };
  if (direct !== undefined) return { ...direct, ...common, mechanism: 'socket' };
  return { ...throughProgram(path, commands), ...common, mechanism: 'systemd-notify' };
}

/** CLOCK_MONOTONIC now, as `RELOADING=1` must bring it along (`MONOTONIC_USEC`, systemd 253 and newer). */
export function monotonicMicroseconds(): bigint {
  return process.hrtime.bigint() / 1000n;
}

/** Milliseconds after which systemd ends a process that stands still; sd_watchdog_enabled(3): only meant for the one that WATCHDOG_PID names. */
export function watchdogOf(env: Record<string, string | undefined>): number | undefined {
  const microseconds = Number(env.WATCHDOG_USEC);
  const meant = env.WATCHDOG_PID === undefined || Number(env.WATCHDOG_PID) === process.pid;
  return meant && microseconds > 0 ? microseconds / 1000 : undefined;
}

type Sender = Pick<NotifySocket, 'send' | 'close'>;

async function openDirect(path: string): Promise<Sender | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const koffi = await loadKoffi();
    if (koffi === undefined) return undefined;
    const library = koffi.load(null);
    const socket = library.func('int socket(int domain, int type, int protocol)');
    const close = library.func('int close(int descriptor)');
    const sendto = library.func(
      'long sendto(int descriptor, const void *data, size_t length, int flags, const void *address, unsigned int size)',
    );
    const descriptor: number = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return undefined;
    const address = unixAddress(path);
    return {
      async send(...assignments) {
        const data = Buffer.from(assignments.join('\n'));
        const sent: number = sendto(descriptor, data, data.length, MSG_NOSIGNAL, address, address.length);
        return sent === data.length;
      },
      close: () => void close(descriptor),
    };
  } catch {
    return undefined;
  }
}

/** sockaddr_un: the family in the machine's byte order, then the path; an abstract name begins with a NUL byte instead of `@`. */
function unixAddress(path: string): Buffer {
  const family = Buffer.from(new Uint16Array([AF_UNIX]).buffer);
  return path.startsWith('@')
    ? Buffer.concat([family, Buffer.from(`\0${path.slice(1)}`)])
    : Buffer.concat([family, Buffer.from(`${path}\0`)]);
}

function throughProgram(path: string, commands: Commands): Sender {
  return {
    async send(...assignments) {
      const ran = await commands.run({
        argv: ['systemd-notify', `--pid=${process.pid}`, ...assignments],
        shell: false,
        env: { NOTIFY_SOCKET: path },
        timeout: 5_000,
      });
      return ran.outcome === 'exited' && ran.code === 0;
    },
    close() {},
  };
}
