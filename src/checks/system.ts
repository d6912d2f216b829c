import type { SystemReading } from '../host/system.ts';
import { pause } from '../host/time/pause.ts';
import type { ReadingValue } from '../model/reading.ts';
import { defineCheck } from './check-kind.ts';
import { rounded, type Sampled, sample } from './rate.ts';
import { systemReadings } from './system-readings.ts';

/** CPU shares need two looks: the first time a second one follows at once. */
const FIRST_SPAN_MS = 500;
/** Classes in which no work is done. */
const NO_WORK = ['idle', 'wait'];

/** The machine as a whole. */
export const system = defineCheck({
  kind: 'system',
  summary: 'Looks at the machine as a whole: load, processors, memory, swap, open files, pressure.',
  options: {},
  readings: systemReadings,
  expects: [],
  failAfter: 3,
  timeout: 5000,
  target: () => undefined,
  brief: true,
  headline: ['load1', 'cpu', 'memory'],
  example: `
system: {}
expect: [load5_per_cpu < 2, memory < 90%, cpu_wait < 50%]
`,
  async probe({ host, carry, wanted, signal }) {
    let reading = await host.system.read();
    let cpu = sample(carry as Sampled<string> | undefined, reading.takenAt, reading.cpuMs);
    if (carry === undefined && [...(wanted ?? [])].some((name) => name.startsWith('cpu'))) {
      await pause(host.clock, FIRST_SPAN_MS, signal);
      reading = await host.system.read();
      cpu = sample(cpu, reading.takenAt, reading.cpuMs);
    }
    return { outcome: 'read', reading: { ...plainFacts(reading), ...cpuShares(cpu) }, carry: cpu };
  },
});

function plainFacts({ load, cpus, memory, uptimeMs, openFiles, pressure, processes }: SystemReading) {
  const facts: Record<string, ReadingValue> = {
    load1: load[0],
    load5: load[1],
    load15: load[2],
    load1_per_cpu: rounded(load[0] / cpus),
    load5_per_cpu: rounded(load[1] / cpus),
    load15_per_cpu: rounded(load[2] / cpus),
    cpus,
    memory: memory.total - memory.available,
    memory_available: memory.available,
    memory_total: memory.total,
    swap: memory.swapTotal - memory.swapFree,
    uptime: uptimeMs,
  };
  // `swap < 90%` holds where there is none, but `swap_free > 10%` cannot be told.
  facts.swap_total = memory.swapTotal;
  if (memory.swapTotal > 0) facts.swap_free = memory.swapFree;
  if (openFiles) {
    facts.descriptors = openFiles.used;
    facts.descriptors_limit = openFiles.limit;
  }
  if (pressure) {
    facts.pressure_cpu = pressure.cpu;
    facts.pressure_memory = pressure.memory;
    facts.pressure_io = pressure.io;
  }
  if (processes !== undefined) facts.processes = processes;
  return facts;
}

/** Shares of all time of all processors, in percent. */
function cpuShares({ rates }: Sampled<string>): Record<string, number> {
  if (!rates) return {};
  const all = Object.values(rates).reduce((sum, rate) => sum + rate, 0);
  if (all <= 0) return {};
  const shares: Record<string, number> = {};
  let work = 0;
  for (const [name, rate] of Object.entries(rates)) {
    if (!NO_WORK.includes(name)) work += rate;
    const reading = `cpu_${name}`;
    if (reading in systemReadings) shares[reading] = rounded((rate / all) * 100);
  }
  return { cpu: rounded((work / all) * 100), ...shares };
}
