/** The process that looks at the world through this host. */
export interface Self {
  readonly pid: number;
  /** Its user; 0 where there are none. */
  readonly uid: number;
  /** Whether systemd ends it when it has stood still for a while: the watchdog of its unit. */
  readonly hasWatchdog?: boolean;
  /** Bytes that JavaScript values take, and the most they may: beyond that the process ends. */
  heap(): { readonly used: number; readonly limit: number };
  /** What it has used so far. `startedAt` is wall milliseconds since the epoch. */
  usage(): { readonly residentBytes: number; readonly cpuSeconds: number; readonly startedAt: number };
}
