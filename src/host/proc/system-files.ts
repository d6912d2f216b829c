import type { SystemReading } from '../system.ts';

const MS_PER_TICK = 10;
const KILOBYTE = 1024;

/** Columns of the `cpu` line of /proc/stat, proc_stat(5). `wait` is what it calls iowait. */
const CPU_CLASSES = [
  'user',
  'nice',
  'system',
  'idle',
  'wait',
  'hardirq',
  'softirq',
  'steal',
  'guest',
  'guest_nice',
] as const;

/** CPU time by class in milliseconds, and how many processors are online. */
export function parseCpuLine(stat: string): { cpuMs: Readonly<Record<string, number>>; cpus: number } {
  const cpuMs: Record<string, number> = {};
  const ticks = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '').split(' ').map(Number);
  CPU_CLASSES.forEach((name, index) => {
    cpuMs[name] = (ticks[index] ?? 0) * MS_PER_TICK;
  });
  // Guest time is counted in user and nice as well: left there twice, shares would add up to more than 100 %.
  cpuMs.user = (cpuMs.user ?? 0) - (cpuMs.guest ?? 0);
  cpuMs.nice = (cpuMs.nice ?? 0) - (cpuMs.guest_nice ?? 0);
  return { cpuMs, cpus: Math.max(1, stat.match(/^cpu\d+ /gm)?.length ?? 1) };
}

/** Bytes. `available` is the kernel's own estimate (Linux 3.14); before that, what is free or only cache. */
export function parseMeminfo(text: string): SystemReading['memory'] {
  const bytes = (name: string) => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * KILOBYTE;
  };
  const cache = (bytes('MemFree') ?? 0) + (bytes('Buffers') ?? 0) + (bytes('Cached') ?? 0);
  return {
    total: bytes('MemTotal') ?? 0,
    available: bytes('MemAvailable') ?? cache,
    swapTotal: bytes('SwapTotal') ?? 0,
    swapFree: bytes('SwapFree') ?? 0,
  };
}

/** `some avg10=` of /proc/pressure files: percent of the last 10 s in which some task waited (kernel doc accounting/psi). */
export function parsePressure(text: string): number | undefined {
  const share = /^some avg10=([\d.]+)/m.exec(text)?.[1];
  return share === undefined ? undefined : Number(share);
}

/** The second number of `running/all` in /proc/loadavg: all kernel scheduling entities, so threads as well. */
export function parseProcessCount(field: string | undefined): number | undefined {
  const all = field?.split('/')[1];
  return all === undefined ? undefined : Number(all);
}
