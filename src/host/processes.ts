import type { ProcessIdentity } from '../model/manager.ts';

/** The process table. One reading of /proc per tick serves every check that asks within `maxAgeMs`. */
export interface Processes {
  /** All processes; `maxAgeMs` (default 200) says how old a shared reading may be. Throws when some could not be read (no descriptor is free). */
  table(maxAgeMs?: number): Promise<ProcessTable>;
  /** One process right now without reading the others. A zombie is given with its state `Z`. Throws when it could not tell. */
  one(pid: number): Promise<ProcessEntry | undefined>;
  /** The same at once. */
  oneNow(pid: number): ProcessEntry | undefined;
  /** One process right now, or nothing when there is none (a zombie counts as none). Throws when it could not tell. */
  identify(pid: number): ProcessIdentity | undefined;
  /** Whether this very process still runs: not a zombie, not a later process with the same number. What could not be looked at runs. */
  alive(identity: ProcessIdentity): boolean;
  /** Whether surely nobody has this number, not even a zombie. Asks the kernel one question; false where that cannot be. */
  isFree(pid: number): boolean;
  /** Signals exactly this process: one that is gone, or whose number was given to another, gets nothing (`ESRCH`). */
  signal(identity: ProcessIdentity, signal: 'TERM' | 'KILL' | 'HUP' | 'USR1' | 'USR2'): SignalResult;
  /**
   * What still runs of the session that a process led which has ended: its number is given to no other while one of them
   * lives. Nothing while the leader lives, or where sessions cannot be told.
   */
  remains(leader: ProcessIdentity): Promise<readonly ProcessEntry[]>;
  /** Facts of one process that cost more or need rights; each is absent where it could not be read. */
  usage(pid: number, wanted: UsageWanted): Promise<ProcessUsage>;
  /** Processors of this machine. */
  readonly cpus: number;
  /** Memory of this machine in bytes. */
  readonly memoryTotal: number;
}

/** Which parts of `ProcessUsage` to read. */
export interface UsageWanted {
  readonly files?: boolean;
  readonly io?: boolean;
  readonly pss?: boolean;
}

/** Costlier measurements of one process. Counters are raw: whoever wants a rate keeps the earlier reading. */
export interface ProcessUsage {
  readonly files?: { readonly open: number; readonly limit?: number };
  /** Bytes since the start of the process: `read`/`written` as asked for, `disk…` as they reached the disk. */
  readonly io?: {
    readonly read: number;
    readonly written: number;
    readonly diskRead: number;
    readonly diskWritten: number;
  };
  /** Bytes of memory with shared pages divided among those who share them. */
  readonly pss?: number;
}

/** `EPERM` and `ESRCH` are the codes to expect; `reason` is a sentence with the fix. */
export type SignalResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly reason: string };

export interface ProcessTable {
  /** Monotonic milliseconds of the reading: CPU rates are differences of `cpuMs` over differences of this. */
  readonly takenAt: number;
  readonly cpus: number;
  readonly memoryTotal: number;
  readonly byPid: ReadonlyMap<number, ProcessEntry>;
  children(pid: number): readonly ProcessEntry[];
  /** The process and everything below it. */
  tree(pid: number): readonly ProcessEntry[];
}

/** Cheap facts of every process. */
export interface ProcessEntry {
  readonly identity: ProcessIdentity;
  readonly pid: number;
  readonly ppid: number;
  /** The process that leads its session, setsid(2); 0 where that cannot be told. */
  readonly session: number;
  /** Kernel name, cut at 15 characters. */
  readonly comm: string;
  readonly state: string;
  readonly threads: number;
  /** Resident bytes. */
  readonly rss: number;
  /** User and system time so far. */
  readonly cpuMs: number;
  /** Wall milliseconds since the epoch. */
  readonly startedAt: number;
  /** Costlier facts, read when asked and cached for the life of the process. */
  details(): ProcessDetails;
}

export interface ProcessDetails {
  readonly exe?: string | undefined;
  readonly argv: readonly string[];
  readonly uid: number;
  readonly gid: number;
  readonly euid: number;
  /** Path in the unified (or name=systemd) hierarchy. */
  readonly cgroup?: string | undefined;
}
