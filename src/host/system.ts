/** Facts of the whole machine. Counters are raw: whoever wants a rate keeps the earlier reading (a probe's `carry`). */
export interface SystemFacts {
  read(): Promise<SystemReading>;
}

export interface SystemReading {
  /** Monotonic milliseconds. */
  readonly takenAt: number;
  /** Mean number of tasks that run or wait for the disk, over the last 1, 5 and 15 minutes. */
  readonly load: readonly [number, number, number];
  /** Processors that are online. */
  readonly cpus: number;
  /** Milliseconds since the start of the machine. */
  readonly uptimeMs: number;
  /** Bytes. `available`: what programs could still get without swapping. */
  readonly memory: {
    readonly total: number;
    readonly available: number;
    readonly swapTotal: number;
    readonly swapFree: number;
  };
  /** CPU time so far by class (milliseconds, all CPUs together); `idle` and `wait` included. */
  readonly cpuMs: Readonly<Record<string, number>>;
  /** Files that are open on the whole machine, and the most that may be. */
  readonly openFiles?: { readonly used: number; readonly limit: number };
  /** Share of time that some task stalled over the last 10 s, percent (PSI), where the kernel has it. */
  readonly pressure?: { readonly cpu: number; readonly memory: number; readonly io: number };
  /** Processes and threads. */
  readonly processes?: number;
}
