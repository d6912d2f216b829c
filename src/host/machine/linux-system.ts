import type { Clock } from '../clock.ts';
import { createProcReader } from '../proc/read-proc.ts';
import { parseCpuLine, parseMeminfo, parsePressure, parseProcessCount } from '../proc/system-files.ts';
import type { SystemFacts, SystemReading } from '../system.ts';

/** Facts of the machine from /proc: a handful of small reads, no process started. */
export function createLinuxSystem(clock: Clock, root = '/proc'): SystemFacts {
  const reader = createProcReader();
  const text = (name: string) => reader.text(`${root}/${name}`) ?? '';
  return {
    async read() {
      const stat = text('stat');
      const takenAt = clock.monotonic();
      const load = text('loadavg').split(' ');
      const cpu = parseCpuLine(stat);
      const openFiles = readOpenFiles(text('sys/fs/file-nr'));
      const pressure = readPressure(text);
      const processes = parseProcessCount(load[3]);
      const reading: SystemReading = {
        takenAt,
        load: [Number(load[0] ?? 0), Number(load[1] ?? 0), Number(load[2] ?? 0)],
        cpus: cpu.cpus,
        uptimeMs: Number(text('uptime').split(' ')[0] ?? 0) * 1000,
        memory: parseMeminfo(text('meminfo')),
        cpuMs: cpu.cpuMs,
        ...(openFiles && { openFiles }),
        ...(pressure && { pressure }),
        ...(processes !== undefined && { processes }),
      };
      return reading;
    },
  };
}

/** `allocated unused maximum`, proc_sys_fs(5). */
function readOpenFiles(text: string): SystemReading['openFiles'] {
  const [used, , limit] = text.trim().split(/\s+/).map(Number);
  return used !== undefined && limit !== undefined && limit > 0 ? { used, limit } : undefined;
}

function readPressure(text: (name: string) => string): SystemReading['pressure'] {
  const [cpu, memory, io] = ['cpu', 'memory', 'io'].map((name) => parsePressure(text(`pressure/${name}`)));
  return cpu !== undefined && memory !== undefined && io !== undefined ? { cpu, memory, io } : undefined;
}
