import type { GroupUsage } from '../../host/cgroups.ts';
import type { Host } from '../../host/host.ts';
import { formatDuration } from '../../lib/duration.ts';
import { formatSize } from '../../lib/size.ts';
import type { Section } from './evidence-section.ts';

/** What says more than the numbers alone (cgroup v2, Documentation/admin-guide/cgroup-v2.rst). */
const UNIFIED_FILES = [
  'memory.max',
  'memory.events',
  'memory.pressure',
  'cpu.max',
  'cpu.stat',
  'pids.current',
  'pids.max',
  'io.pressure',
];
/** The same of version 1 (Documentation/admin-guide/cgroup-v1/), each below the mount point of its controller. */
const CONTROLLER_FILES = [
  ['memory', 'memory.max_usage_in_bytes'],
  ['memory', 'memory.failcnt'],
  ['memory', 'memory.oom_control'],
  ['cpu', 'cpu.cfs_quota_us'],
  ['cpu', 'cpu.stat'],
  ['pids', 'pids.current'],
  ['pids', 'pids.max'],
];
const MOUNT = '/sys/fs/cgroup';
/** Bytes of one of these files; the longest, memory.events and cpu.stat, have a dozen short lines. */
const MOST_BYTES = 2048;

/** Numbers of the service's control group, with version 1, version 2 and both beside each other. */
export function cgroupSection(
  host: Host,
  reported: () => Promise<string | undefined>,
  pid: () => Promise<number | undefined>,
): Section {
  return {
    title: 'control group',
    async read() {
      const path = (await reported()) ?? (await cgroupOf(host, await pid()));
      if (path === undefined || path === '/') return undefined;
      const files = [
        ...UNIFIED_FILES.flatMap((name) => [`${path}/${name}`, `/unified${path}/${name}`]),
        ...CONTROLLER_FILES.map(([controller, name]) => `/${controller}${path}/${name}`),
      ];
      const usage = usageLine(host.cgroups?.usage(path) ?? {});
      const texts = await Promise.all(files.map((file) => described(host, file)));
      const found = [usage, ...texts].filter((text) => text !== undefined);
      return found.length === 0 ? undefined : [path, ...found].join('\n');
    },
  };
}

async function cgroupOf(host: Host, pid: number | undefined): Promise<string | undefined> {
  return pid === undefined ? undefined : (await host.processes.one(pid))?.details().cgroup;
}

function usageLine({ memory, memoryLimit, cpuMs, oomKills }: GroupUsage): string | undefined {
  const most = memoryLimit === undefined ? '' : ` of at most ${formatSize(memoryLimit)}`;
  const parts = [
    ...(memory === undefined ? [] : [`memory ${formatSize(memory)}${most}`]),
    ...(cpuMs === undefined ? [] : [`processor time ${formatDuration(Math.round(cpuMs))}`]),
    ...(oomKills === undefined ? [] : [`${oomKills} killed for want of memory`]),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

async function described(host: Host, file: string): Promise<string | undefined> {
  const read = await host.files.read(`${MOUNT}${file}`, MOST_BYTES);
  if (!read.ok) return undefined;
  const name = file.slice(file.lastIndexOf('/') + 1);
  const value = read.value.trimEnd();
  return value.includes('\n') ? `${name}:\n  ${value.replaceAll('\n', '\n  ')}` : `${name}: ${value}`;
}
