import type { ReadingFields } from '../model/reading.ts';

const share = { type: 'number', quantity: 'percent', min: 0, max: 100 } as const;
const count = { type: 'number', quantity: 'count', min: 0 } as const;
const average = { ...count, fraction: true } as const;
const bytes = { type: 'number', quantity: 'bytes', min: 0 } as const;

/** What a check of the machine measures. */
export const systemReadings = {
  load1: { ...average, meaning: 'Tasks that ran or waited, average of the last minute.' },
  load5: { ...average, meaning: 'Tasks that ran or waited, average of the last 5 minutes.' },
  load15: { ...average, meaning: 'Tasks that ran or waited, average of the last 15 minutes.' },
  load1_per_cpu: { ...average, meaning: '`load1` divided by the number of processors.' },
  load5_per_cpu: { ...average, meaning: '`load5` divided by the number of processors.' },
  load15_per_cpu: { ...average, meaning: '`load15` divided by the number of processors.' },
  cpus: { ...count, meaning: 'Processors that are switched on.' },
  cpu: {
    ...share,
    meaning: 'Share of time that processors worked since the last look; waiting for disks is no work.',
  },
  cpu_user: { ...share, meaning: 'Share of time in programs.' },
  cpu_system: { ...share, meaning: 'Share of time in the kernel.' },
  cpu_nice: { ...share, meaning: 'Share of time in programs of low priority.' },
  cpu_wait: { ...share, meaning: 'Share of time that processors had nothing to do but wait for disks.' },
  cpu_hardirq: { ...share, meaning: 'Share of time in interrupts.' },
  cpu_softirq: { ...share, meaning: 'Share of time in deferred interrupts.' },
  cpu_steal: { ...share, meaning: 'Share of time that the hypervisor gave to others.' },
  cpu_guest: { ...share, meaning: 'Share of time in virtual machines.' },
  memory: {
    ...bytes,
    meaning: 'Memory in use that could not be freed at once; as a percentage: of the memory of the machine.',
    total: 'memory_total',
  },
  memory_available: {
    ...bytes,
    meaning: 'Memory that programs can still get without swapping.',
    total: 'memory_total',
    remaining: true,
  },
  memory_total: { ...bytes, meaning: 'Memory of the machine.' },
  swap: { ...bytes, meaning: 'Swap space in use; as a percentage: of all swap space.', total: 'swap_total' },
  swap_free: {
    ...bytes,
    meaning: 'Swap space that is free; absent where there is none.',
    total: 'swap_total',
    remaining: true,
  },
  swap_total: { ...bytes, meaning: 'Swap space of the machine; 0 where there is none.' },
  uptime: { type: 'number', quantity: 'duration', min: 0, meaning: 'Time since the machine was started.' },
  descriptors: {
    ...count,
    meaning: 'Open files of the whole machine; as a percentage: of its limit.',
    total: 'descriptors_limit',
  },
  descriptors_limit: { ...count, meaning: 'Most files that may be open on the machine.' },
  pressure_cpu: { ...share, meaning: 'Share of the last 10 s in which a task waited for a processor (PSI).' },
  pressure_memory: { ...share, meaning: 'Share of the last 10 s in which a task waited for memory (PSI).' },
  pressure_io: { ...share, meaning: 'Share of the last 10 s in which a task waited for disks (PSI).' },
  processes: { ...count, meaning: 'Processes on the machine.' },
} as const satisfies ReadingFields;
