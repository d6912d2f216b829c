import { readFileSync } from 'node:fs';

/** Where there is no /proc, or it cannot be read: what most systems give. */
const USUAL = 1024;

/** How many descriptors the watcher may have open: its soft limit, proc_pid_limits(5), which Node raises as it starts. */
export function openFilesLimit(): number {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return Number(limit ?? USUAL);
  } catch {
    return USUAL;
  }
}
