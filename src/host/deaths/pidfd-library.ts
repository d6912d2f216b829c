import { type Koffi, loadedKoffi, loadKoffi } from '../packages/load-koffi.ts';

/** The few system calls around pidfd, through koffi (optional package, loaded on first use). */
export interface PidfdLibrary {
  /** A descriptor that becomes readable when the process ends, pidfd_open(2); or the error's name. */
  open(pid: number): number | PidfdError;
  /**
   * Calls back when the descriptor is readable; the handle does not keep the agent alive. Closing also closes the
   * descriptor. Undefined, with the descriptor closed, where the kernel watches no more (fs.epoll.max_user_watches).
   */
  whenReadable(descriptor: number, readable: () => void): PidfdHandle | undefined;
  /** Sends a signal to exactly the process of the descriptor, pidfd_send_signal(2); or the error's number. */
  signal(descriptor: number, signal: number): number;
  /** Sends a signal to a process by its number, or to a group by its negative, kill(2); or the error's number. */
  kill(number: number, signal: number): number;
  /** Closes a descriptor that nobody waits for. */
  close(descriptor: number): void;
}

export interface PidfdHandle {
  /** Keeps the agent alive from now on, or no longer. */
  ref(): void;
  unref(): void;
  close(): void;
}

/** `ESRCH`: no such process. `unsupported`: this kernel, sandbox or platform has no pidfd. `limit`: out of descriptors. */
export type PidfdError = 'ESRCH' | 'unsupported' | 'limit' | 'EINVAL';

/** Same number on every architecture that Node runs on (system calls added since Linux 5.1 share their numbers). */
const SYS_PIDFD_OPEN = 434;
const SYS_PIDFD_SEND_SIGNAL = 424;

/** Loads koffi; undefined where it is not installed or does not work here. */
export async function loadPidfdLibrary(): Promise<PidfdLibrary | undefined> {
  if (process.platform !== 'linux') return undefined;
  await loadKoffi();
  return loadedPidfdLibrary();
}

let made: { readonly of: Koffi; readonly library: PidfdLibrary | undefined } | undefined;

/** The library when somebody has loaded koffi already: made once, for all. */
export function loadedPidfdLibrary(): PidfdLibrary | undefined {
  const koffi = loadedKoffi();
  if (koffi === undefined || process.platform !== 'linux') return undefined;
  if (made?.of !== koffi) made = { of: koffi, library: pidfdLibrary(koffi) };
  return made.library;
}

/** Undefined where the system calls are refused. */
function pidfdLibrary(koffi: Koffi): PidfdLibrary | undefined {
  try {
    const pidfd = library(koffi);
    return works(pidfd) ? pidfd : undefined;
  } catch {
    return undefined;
  }
}

function library(koffi: Koffi): PidfdLibrary {
  // Node itself is linked against the C library, whichever that is: glibc or musl.
  const c = koffi.load(null);
  const syscall = c.func('long syscall(long number, ...)');
  const close = c.func('int close(int descriptor)');
  const kill = c.func('int kill(int number, int signal)');
  const { ESRCH, EMFILE, ENFILE, EINVAL } = koffi.os.errno;
  return {
    open(pid) {
      const descriptor: number = syscall(SYS_PIDFD_OPEN, 'int', pid, 'uint', 0);
      if (descriptor >= 0) return descriptor;
      const errno = koffi.errno();
      if (errno === ESRCH) return 'ESRCH';
      if (errno === EMFILE || errno === ENFILE) return 'limit';
      // The number belongs to a thread that is no leader of its group (ENOENT since Linux 6.15).
      return errno === EINVAL ? 'EINVAL' : 'unsupported';
    },
    whenReadable(descriptor, readable) {
      let handle: ReturnType<Koffi['node']['poll']>;
      try {
        handle = koffi.node.poll(descriptor, { readable: true }, readable);
        handle.unref();
      } catch {
        close(descriptor);
        return undefined;
      }
      // The package does not survive calls on a handle that is closed.
      let open = true;
      return {
        ref: () => void (open && handle.ref()),
        unref: () => void (open && handle.unref()),
        close() {
          if (!open) return;
          open = false;
          handle.close();
          close(descriptor);
        },
      };
    },
    signal: (descriptor, signal) =>
      syscall(SYS_PIDFD_SEND_SIGNAL, 'int', descriptor, 'int', signal, 'void *', null, 'uint', 0) === 0
        ? 0
        : koffi.errno(),
    kill: (number, signal) => (kill(number, signal) === 0 ? 0 : koffi.errno()),
    close: (descriptor) => void close(descriptor),
  };
}

/** A sandbox may refuse the call itself (ENOSYS, EPERM): tried once with ourselves. */
function works(pidfd: PidfdLibrary): boolean {
  const own = pidfd.open(process.pid);
  if (typeof own !== 'number') return own === 'limit';
  pidfd.whenReadable(own, () => undefined)?.close();
  return true;
}
