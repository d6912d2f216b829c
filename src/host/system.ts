/** Facts of the whole machine. Counters are raw: whoever wants a rate keeps the earlier reading (a probe's `carry`). */
export interface SystemFacts {
  read(): Promise<SystemReading>;
}

export interface SystemReading {
  readonly takenAt: number;
  readonly load: readonly [number, number, number];
  readonly cpus: number;
  readonly uptimeMs: number;
  readonly memory: {
    readonly total: number;
    readonly available: number;
    readonly swapTotal: number;
    readonly swapFree: number;
  };
  /** CPU time so far by class (milliseconds, all CPUs together); `idle` and `wait` included. */
  readonly cpuMs: Readonly<Record<string, number>>;
  readonly openFiles?: { readonly used: number; readonly limit: number };
  /** Share of time that some task stalled over the last 10 s, percent (PSI), where the kernel has it. */
  readonly pressure?: { readonly cpu: number; readonly memory: number; readonly io: number };
  readonly processes?: number;
}
