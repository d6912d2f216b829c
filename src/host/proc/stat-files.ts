import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import type { ProcReader } from './read-proc.ts';

/**
 * Keeps /proc/PID/stat of processes open that are looked at again and again: one system call for a look, not three. The
 * descriptor stands for one process: once that has ended, reading fails (ESRCH), also when its number is used again.
 */
export interface StatFiles {
  /** Fills the reader's bytes with the line of the process and says how many there are; -1 when there is none. */
  fill(pid: number): number;
}

interface Kept {
  readonly descriptor: number;
  usedAt: number;
}

/** At most so many, and never more than a share of what the watcher may have open. */
const MOST = 2048;
const SHARE = 4;
/** Milliseconds after which a file that nobody asked for is closed. */
const UNUSED_AFTER = 15_000;

export function createStatFiles(reader: ProcReader, clock: Clock, root: string): StatFiles {
  const files = new Map<number, Kept>();
  /** Asked for once of late: a file is kept from the second time on. */
  const once = new Set<number>();
  let most: number | undefined;
  let sweptAt = clock.monotonic();

  function sweep(now: number): void {
    sweptAt = now;
    once.clear();
    for (const [pid, { descriptor, usedAt }] of files) {
      if (now - usedAt < UNUSED_AFTER) continue;
      closeSync(descriptor);
      files.delete(pid);
    }
  }

  function open(pid: number, now: number): number {
    let descriptor: number;
    try {
      descriptor = openSync(`${root}/${pid}/stat`, 'r');
    } catch {
      return -1;
    }
    const length = readAt(descriptor, reader.bytes);
    most ??= Math.min(MOST, openFilesLimit() / SHARE);
    if (length > 0 && files.size < most && once.delete(pid)) files.set(pid, { descriptor, usedAt: now });
    else {
      closeSync(descriptor);
      if (length > 0) once.add(pid);
    }
    return length;
  }

  return {
    fill(pid) {
      const now = clock.monotonic();
      if (now - sweptAt > UNUSED_AFTER) sweep(now);
      const kept = files.get(pid);
      if (kept !== undefined) {
        kept.usedAt = now;
        const length = readAt(kept.descriptor, reader.bytes);
        if (length > 0) return length;
        closeSync(kept.descriptor);
        files.delete(pid);
      }
      return open(pid, now);
    },
  };
}

function readAt(descriptor: number, bytes: Uint8Array): number {
  try {
    return readSync(descriptor, bytes, 0, bytes.length, 0);
  } catch {
    return -1;
  }
}

/** The soft limit of open files, proc_pid_limits(5). */
function openFilesLimit(): number {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return Number(limit ?? 1024);
  } catch {
    return 1024;
  }
}
