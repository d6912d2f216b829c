import type { Deaths } from '../../src/host/deaths.ts';
import type {
  ProcessDetails,
  ProcessEntry,
  Processes,
  ProcessTable,
  ProcessUsage,
} from '../../src/host/processes.ts';
import type { ProcessIdentity } from '../../src/model/manager.ts';

/** What a test says of a fake process; the rest has plain defaults. */
export interface FakeProcess {
  readonly pid: number;
  readonly ppid?: number;
  readonly session?: number;
  /** Start in ticks; by default every new process starts later than all before it. */
  readonly start?: number;
  readonly comm?: string;
  readonly state?: string;
  readonly threads?: number;
  readonly rss?: number;
  readonly cpuMs?: number;
  readonly startedAt?: number;
  readonly details?: Partial<ProcessDetails>;
  readonly usage?: ProcessUsage;
}

/** A process table that tests fill by hand, together with the service that tells of deaths. */
export interface FakeProcesses extends Processes {
  readonly deaths: Deaths & { readonly watched: number };
  /** Adds a process, or changes one that is there (it keeps its start unless given). */
  put(process: FakeProcess): ProcessIdentity;
  /** Signals that were sent, oldest first. `TERM` and `KILL` also end the process unless `stubborn` says otherwise. */
  readonly signals: readonly { readonly pid: number; readonly signal: string }[];
  /** Signals that processes do not heed from now on. */
  stubborn(...signals: readonly string[]): void;
  /** Ends a process; whoever watches it is told at once. */
  kill(pid: number): void;
}

/** `monotonic` stamps the tables (a fake clock's); `wall` is the default start of processes. */
export function createFakeProcesses(
  monotonic: () => number = () => 0,
  wall: () => number = () => 0,
): FakeProcesses {
  let starts = 1000;
  const byPid = new Map<number, ProcessEntry>();
  const usages = new Map<number, ProcessUsage>();
  const watches = new Set<{ readonly identity: ProcessIdentity; readonly gone: () => void }>();
  const lives = (identity: ProcessIdentity) => {
    const entry = byPid.get(identity.pid);
    return entry !== undefined && entry.identity.start === identity.start && entry.state !== 'Z';
  };
  const tell = () => {
    for (const watch of [...watches]) {
      if (!lives(watch.identity) && watches.delete(watch)) watch.gone();
    }
  };

  const signals: { pid: number; signal: string }[] = [];
  const unheeded = new Set(['HUP', 'USR1', 'USR2']);
  const kill = (pid: number) => {
    byPid.delete(pid);
    usages.delete(pid);
    tell();
  };

  return {
    signals,
    stubborn: (...names) => names.forEach((name) => void unheeded.add(name)),
    signal(identity, signal) {
      if (!lives(identity)) return { ok: false, code: 'ESRCH', reason: `process ${identity.pid} is gone` };
      signals.push({ pid: identity.pid, signal });
      if (!unheeded.has(signal)) kill(identity.pid);
      return { ok: true };
    },
    cpus: 4,
    memoryTotal: 8 * 1024 ** 3,
    table: async () => tableOf(new Map(byPid), monotonic()),
    one: async (pid) => byPid.get(pid),
    oneNow: (pid) => byPid.get(pid),
    remains: async ({ pid }) =>
      byPid.has(pid) ? [] : [...byPid.values()].filter(({ session }) => session === pid),
    identify: (pid) => {
      const entry = byPid.get(pid);
      return entry && entry.state !== 'Z' ? entry.identity : undefined;
    },
    alive: lives,
    isFree: (pid) => !byPid.has(pid),
    usage: async (pid) => usages.get(pid) ?? {},
    deaths: {
      surelyAlive: () => false,
      mechanism: 'fake',
      watch(identity, gone) {
        const watch = { identity, gone };
        watches.add(watch);
        queueMicrotask(tell);
        return () => void watches.delete(watch);
      },
      close: () => watches.clear(),
      get watched() {
        return watches.size;
      },
    },
    put(process) {
      starts += 1;
      const old = byPid.get(process.pid);
      const entry: ProcessEntry = {
        identity: { pid: process.pid, start: process.start ?? old?.identity.start ?? starts },
        pid: process.pid,
        ppid: process.ppid ?? old?.ppid ?? 1,
        session: process.session ?? old?.session ?? 0,
        comm: process.comm ?? old?.comm ?? 'fake',
        state: process.state ?? old?.state ?? 'S',
        threads: process.threads ?? old?.threads ?? 1,
        rss: process.rss ?? old?.rss ?? 10_000_000,
        cpuMs: process.cpuMs ?? old?.cpuMs ?? 0,
        startedAt: process.startedAt ?? old?.startedAt ?? wall(),
        details: () => ({
          argv: ['fake'],
          exe: '/usr/bin/fake',
          uid: 0,
          gid: 0,
          euid: 0,
          ...old?.details(),
          ...process.details,
        }),
      };
      byPid.set(process.pid, entry);
      if (process.usage) usages.set(process.pid, process.usage);
      tell();
      return entry.identity;
    },
    kill,
  };
}

function tableOf(byPid: ReadonlyMap<number, ProcessEntry>, takenAt: number): ProcessTable {
  const children = (pid: number) => [...byPid.values()].filter((entry) => entry.ppid === pid);
  const tree = (pid: number): ProcessEntry[] => {
    const root = byPid.get(pid);
    return root ? [root, ...children(pid).flatMap((child) => tree(child.pid))] : [];
  };
  return { takenAt, cpus: 4, memoryTotal: 8 * 1024 ** 3, byPid, children, tree };
}
