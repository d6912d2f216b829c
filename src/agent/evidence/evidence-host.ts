import type { Host } from '../../host/host.ts';
import type { ProcessEntry, ProcessTable } from '../../host/processes.ts';
import { formatNumber } from '../../lib/number.ts';
import { formatSize } from '../../lib/size.ts';
import type { Section } from './evidence-section.ts';
import { programName } from './masked-command.ts';

/** Milliseconds between the two readings that CPU rates are made of. */
const RATE_SPAN = 200;
/** So many of each list: who is further down is not the cause. */
const TOP = 8;

/** Processes that the kernel killed for want of memory, host-wide: `oom_kill` of /proc/vmstat. */
export function oomSection(host: Host): Section {
  return {
    title: 'out of memory',
    async read() {
      const vmstat = await host.files.read('/proc/vmstat', 16 * 1024);
      const count = vmstat.ok ? /^oom_kill (\d+)$/m.exec(vmstat.value)?.[1] : undefined;
      return count === undefined
        ? undefined
        : `the kernel killed ${count} processes for want of memory since it booted`;
    },
  };
}

/** Who uses most of the CPU right now, and most of the memory. */
export function topSection(host: Host): Section {
  return {
    title: 'top processes of the host',
    async read() {
      const before = await host.processes.table(0);
      await new Promise<void>((resolve) => host.clock.after(RATE_SPAN, resolve));
      const after = await host.processes.table(0);
      const entries = [...after.byPid.values()];
      const rates = entries.map((entry) => ({ entry, percent: percentOf(entry, before, after) }));
      return [
        'by CPU, percent of one processor:',
        ...rates
          .sort((a, b) => b.percent - a.percent)
          .slice(0, TOP)
          .map((one) => topLine(one)),
        'by memory:',
        ...rates
          .sort((a, b) => b.entry.rss - a.entry.rss)
          .slice(0, TOP)
          .map((one) => topLine(one)),
      ].join('\n');
    },
  };
}

/** `4242 postgres, cpu 98%, 412 MB`. */
function topLine({ entry, percent }: { readonly entry: ProcessEntry; readonly percent: number }): string {
  return `  ${entry.pid} ${programName(entry)}, cpu ${formatNumber(percent, 0)}%, ${formatSize(entry.rss)}`;
}

function percentOf(entry: ProcessEntry, before: ProcessTable, after: ProcessTable): number {
  const old = before.byPid.get(entry.pid);
  const known = old !== undefined && old.identity.start === entry.identity.start ? old.cpuMs : 0;
  const span = after.takenAt - before.takenAt;
  return span <= 0 ? 0 : (100 * (entry.cpuMs - known)) / span;
}

/** Load, memory and how long tasks stalled for want of each resource (PSI, Documentation/accounting/psi.rst). */
export function pressureSection(host: Host): Section {
  return {
    title: 'load and pressure of the host',
    async read() {
      const { load, cpus, memory, pressure } = await host.system.read();
      return [
        `load ${load.join(' ')} on ${cpus} processors`,
        `memory ${formatSize(memory.available)} available of ${formatSize(memory.total)}, swap ${formatSize(memory.swapFree)} free of ${formatSize(memory.swapTotal)}`,
        ...(pressure === undefined
          ? []
          : [
              `stalled in the last 10 s: cpu ${pressure.cpu}%, memory ${pressure.memory}%, io ${pressure.io}%`,
            ]),
      ].join('\n');
    },
  };
}
