import type { Host } from '../host/host.ts';
import type { ProcessEntry } from '../host/processes.ts';
import type { ProcessIdentity } from '../model/manager.ts';

/** A process that does not exist, and may live and die as often as one likes. */
export interface RehearsedProcess {
  /** The host, with this process on it; for everything else, and when it is dead, it is the host it was made of. */
  readonly host: Host;
  /** Whether somebody waits for its death. */
  readonly isWatched: boolean;
  live(): void;
  /** Whoever waits for its death is told. */
  die(): void;
}

/** Nobody has this number: those that Linux gives are smaller (PID_MAX_LIMIT, proc_sys_kernel(5) under pid_max). */
const NUMBER = 4_194_304;

/** Dead at first. What looks for it looks for a number that nobody has, and finds as much as of a process that has ended. */
export function rehearsedProcess(real: Host, pidfile: string): RehearsedProcess {
  let entry: ProcessEntry | undefined;
  let lives = 0;
  let watching: (() => void) | undefined;
  const isIt = ({ pid, start }: ProcessIdentity): boolean =>
    pid === NUMBER && entry?.identity.start === start;

  function live(): void {
    lives += 1;
    entry = entryOf(lives, real.clock.instant().wall);
  }
  return {
    host: {
      ...real,
      processes: {
        ...real.processes,
        one: async (pid) => (pid === NUMBER && entry) || real.processes.one(pid),
        oneNow: (pid) => (pid === NUMBER && entry) || real.processes.oneNow(pid),
        identify: (pid) => (pid === NUMBER && entry?.identity) || real.processes.identify(pid),
        isFree: (pid) => (pid !== NUMBER || entry === undefined) && real.processes.isFree(pid),
        alive: (process) => isIt(process) || real.processes.alive(process),
      },
      deaths: {
        ...real.deaths,
        watch(process, gone) {
          if (!isIt(process)) return real.deaths.watch(process, gone);
          watching = gone;
          return () => {
            if (watching === gone) watching = undefined;
          };
        },
        surelyAlive: (process) => isIt(process) || real.deaths.surelyAlive(process),
      },
      files: {
        ...real.files,
        read: async (path, limit) =>
          path === pidfile ? { ok: true, value: `${NUMBER}\n` } : real.files.read(path, limit),
        readNow(path, limit) {
          if (path !== pidfile) return real.files.readNow(path, limit);
          // Every third death is looked at in the usual way, as that of a service whose pid file does not lie in memory.
          return lives % 3 === 0 ? undefined : { ok: true, value: `${NUMBER}\n` };
        },
        async stat(path) {
          if (path !== pidfile) return real.files.stat(path);
          const found = await real.files.stat('/proc/self/stat');
          // The kernel's files are as old as the first look at them, and this one was written by who just started.
          return found.ok
            ? { ok: true, value: { ...found.value, modifiedAt: real.clock.instant().wall } }
            : found;
        },
        watch: (path, changed) => (path === pidfile ? () => {} : real.files.watch(path, changed)),
      },
    },
    get isWatched() {
      return watching !== undefined;
    },
    live,
    die() {
      entry = undefined;
      const told = watching;
      watching = undefined;
      told?.();
    },
  };
}

function entryOf(start: number, startedAt: number): ProcessEntry {
  return {
    identity: { pid: NUMBER, start },
    pid: NUMBER,
    ppid: 1,
    session: NUMBER,
    comm: 'rehearsal',
    state: 'S',
    threads: 1,
    rss: 0,
    cpuMs: 0,
    startedAt,
    details: () => ({ argv: ['rehearsal'], uid: 0, gid: 0, euid: 0 }),
  };
}
