import type { GroupUsage } from '../host/cgroups.ts';
import type { Host } from '../host/host.ts';
import type { ReadingValue } from '../model/reading.ts';
import { rounded, type Sampled, sample } from './rate.ts';

/** Readings that are taken from the control group. */
export const GROUP_READINGS = ['memory_group', 'memory_group_limit', 'cpu_group', 'oom_kills'];

/**
 * What the control groups of a service's main processes use together, other processes in them included: most have one.
 * Nothing for the root group, which is the whole machine, and where the kernel does not count.
 */
export function measureGroup(
  host: Pick<Host, 'cgroups'>,
  paths: readonly string[],
  last: Sampled<'cpu'> | undefined,
  at: number,
): { readonly reading?: Record<string, ReadingValue>; readonly carry?: Sampled<'cpu'> } {
  const { cgroups } = host;
  if (cgroups === undefined || paths.length === 0 || paths.includes('/')) return {};
  const usage = paths.map((path) => cgroups.usage(path)).reduce(add);
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

/** What only one of them counts is no sum. */
function add(left: GroupUsage, right: GroupUsage): GroupUsage {
  const names = ['memory', 'memoryLimit', 'cpuMs', 'oomKills'] as const;
  const sums = names.flatMap((name) => {
    const [a, b] = [left[name], right[name]];
    return a === undefined || b === undefined ? [] : [[name, a + b] as const];
  });
  return Object.fromEntries(sums);
}
