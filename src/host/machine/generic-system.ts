import { cpus, freemem, loadavg, totalmem, uptime } from 'node:os';
import type { Clock } from '../clock.ts';
import type { SystemFacts } from '../system.ts';

/** Facts of machines without /proc: Node's own, and systeminformation (loaded on first use) for memory and swap. */
export function createGenericSystem(clock: Clock): SystemFacts {
  return {
    async read() {
      const takenAt = clock.monotonic();
      const processors = cpus();
      const cpuMs: Record<string, number> = { user: 0, nice: 0, system: 0, idle: 0, hardirq: 0, wait: 0 };
      for (const { times } of processors) {
        cpuMs.user = (cpuMs.user ?? 0) + times.user;
        cpuMs.nice = (cpuMs.nice ?? 0) + times.nice;
        cpuMs.system = (cpuMs.system ?? 0) + times.sys;
        cpuMs.idle = (cpuMs.idle ?? 0) + times.idle;
        cpuMs.hardirq = (cpuMs.hardirq ?? 0) + times.irq;
      }
      const [one = 0, five = 0, fifteen = 0] = loadavg();
      return {
        takenAt,
        load: [one, five, fifteen],
        cpus: Math.max(1, processors.length),
        uptimeMs: uptime() * 1000,
        memory: await readMemory(),
        cpuMs,
      };
    },
  };
}

async function readMemory() {
  try {
    const { default: systeminformation } = await import('systeminformation');
    const { total, available, swaptotal, swapfree } = await systeminformation.mem();
    return { total, available, swapTotal: swaptotal, swapFree: swapfree };
  } catch {
    return { total: totalmem(), available: freemem(), swapTotal: 0, swapFree: 0 };
  }
}
