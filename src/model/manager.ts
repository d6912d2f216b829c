/** A process that cannot be mistaken for a later one with the same number: PID and start time. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks after boot where there is /proc (field 22 of /proc/PID/stat), else milliseconds since the epoch. */
  readonly start: number;
}

/** The main process of one container or instance of a service. */
export interface MemberProcess extends ProcessIdentity {
  /** Of the container or instance. */
  readonly name?: string;
}

/** What a manager says of a service right now. */
export interface ManagerReport {
  /** `stopped` only when somebody stopped it on purpose (and not the watcher's own repair). */
  readonly intent: 'run' | 'stopped' | 'unknown';
  readonly activity:
    | 'running'
    | 'starting'
    | 'stopping'
    | 'stopped'
    | 'failed'
    /** The manager is about to start it again by itself: leave it that time. */
    | 'restarting'
    /** The manager does not know such a service. */
    | 'missing'
    /** The manager could not be asked. */
    | 'unknown';
  /** It is down, and nobody can tell any more whether somebody stopped it: it is not repaired until it has run again. */
  readonly maybeStopped?: true;
  readonly main?: ProcessIdentity;
  /** The main process of each living member where the service has several (containers, instances); `main` is the first. */
  readonly mains?: readonly MemberProcess[];
  /** All processes where the manager knows them (a cgroup); beyond these the trees below the main processes count. */
  readonly pids?: readonly number[];
  /** Path of the cgroup below its mount point, where there is one. */
  readonly cgroup?: string;
  /** Milliseconds until the manager itself will have started it (for `restarting`, `starting`), where it says so. */
  readonly readyIn?: number;
  readonly restarts?: number;
  /** `exit code 1`, `signal KILL`, `oom-kill`. */
  readonly lastExit?: string;
  /** One line for people: `active (running)`, `pid file /run/x.pid names 123, which is not running`. */
  readonly detail: string;
  /** Things somebody should mend that are not failures of the service: `unit is masked`. */
  readonly warnings?: readonly string[];
}

export type OperationKind = 'start' | 'stop' | 'restart' | 'reload' | 'run';

/** How one operation of a manager or a repair command ended. */
export interface OperationResult {
  readonly ok: boolean;
  /** One line: `started, pid 4242`, `exit code 1: bind: address in use`. */
  readonly detail: string;
  /** Last lines of what the command printed, standard output and error together; bounded. */
  readonly output?: string;
  readonly tookMs: number;
}
