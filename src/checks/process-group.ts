import type { Host } from '../host/host.ts';
import type { ReadingValue } from '../model/reading.ts';
import { rounded, type Sampled, sample } from './rate.ts';

/** Readings that are taken from the control group. */
export const GROUP_READINGS = ['memory_group', 'memory_group_limit', 'cpu_group', 'oom_kills'];

/**
 * What the control group of a process uses, other processes in it included. Nothing for the root group, which is the
 * whole machine, and where the kernel does not count.
 */
export function measureGroup(
  host: Pick<Host, 'cgroups'>,
  path: string | undefined,
  last: Sampled<'cpu'> | undefined,
  at: number,
): { readonly reading?: Record<string, ReadingValue>; readonly carry?: Sampled<'cpu'> } {
  if (host.cgroups === undefined || path === undefined || path === '/') return {};
  const usage = host.cgroups.usage(path);
  const cpu = usage.cpuMs === undefined ? undefined : sample(last, at, { cpu: usage.cpuMs });
  return {
    reading: {
      ...(usage.memory === undefined ? {} : { memory_group: usage.memory }),
      ...(usage.memoryLimit === undefined ? {} : { memory_group_limit: usage.memoryLimit }),
      ...(usage.oomKills === undefined ? {} : { oom_kills: usage.oomKills }),
      ...(cpu?.rates === undefined ? {} : { cpu_group: rounded(cpu.rates.cpu / 10) }),
    },
    ...(cpu === undefined ? {} : { carry: cpu }),
  };
}
