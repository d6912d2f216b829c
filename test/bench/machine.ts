import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** One line about where the figures come from; figures of different machines are never compared. */
export function machine(): string {
  const model = cpus()[0]?.model ?? 'unknown processor';
  return `${cpus().length} x ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
}

/** Resident memory and used processor time of a process, from /proc (proc(5)). */
export function usage(pid: number): { rssMb: number; peakMb: number; pssMb: number; cpuMs: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kb = (text: string, name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
  return {
    rssMb: kb(status, 'VmRSS') / 1024,
    peakMb: kb(status, 'VmHWM') / 1024,
    pssMb: kb(rollup, 'Pss') / 1024,
    cpuMs: (Number(fields[11]) + Number(fields[12])) * 10,
  };
}

/** The path of a program, or undefined when it is not installed. */
export function which(program: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(':').concat('/usr/sbin', '/sbin')) {
    try {
      const path = `${folder}/${program}`;
      execFileSync('test', ['-x', path]);
      return path;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

/** Waits until `done` says yes, looking every `everyMs`; throws with `what` after `limitMs`. */
export async function until(what: string, done: () => boolean, limitMs = 20_000, everyMs = 5): Promise<void> {
  const end = performance.now() + limitMs;
  while (!done()) {
    if (performance.now() > end) throw new Error(`gave up waiting: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
