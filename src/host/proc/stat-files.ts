import { closeSync, openSync, readSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import { openFilesLimit } from './open-files-limit.ts';
import type { ProcReader } from './read-proc.ts';

/**
 * Keeps /proc/PID/stat of processes open that are looked at again and again: one system call for a look, not three. The
 * descriptor stands for one process: once that has ended, reading fails (ESRCH), also when its number is used again.
 */
export interface StatFiles {
  /** Fills the reader's bytes with the line of the process and says how many there are; otherwise as the reader's `fill`. */
  fill(pid: number): number;
  /** The same for who goes through all processes: through what is kept anyway, and nothing is kept for it. */
  glance(pid: number): number;
}

interface Kept {
  readonly descriptor: number;
  usedAt: number;
}

/** At most so many, and never more than a share of what the watcher may have open (`pidfd-deaths` takes another). */
const MOST = 2048;
const SHARE = 1 / 8;
/** Milliseconds after which a file that nobody asked for is closed. */
const UNUSED_AFTER = 15_000;

export function createStatFiles(
  reader: ProcReader,
  clock: Clock,
  root: string,
  limit: () => number = openFilesLimit,
): StatFiles {
  const files = new Map<number, Kept>();
  /** Asked for once of late: a file is kept from the second time on. */
  const once = new Set<number>();
  let most: number | undefined;
  let armed = false;

  function sweep(): void {
    armed = false;
    const now = clock.monotonic();
    once.clear();
    for (const [pid, { descriptor, usedAt }] of files) {
      if (now - usedAt < UNUSED_AFTER) continue;
      closeSync(descriptor);
      files.delete(pid);
    }
    if (files.size > 0) arm();
  }
  // By a timer: what is kept must be let go of also when nobody asks for any process any more.
  function arm(): void {
    if (armed) return;
    armed = true;
    clock.after(UNUSED_AFTER, sweep);
  }

  function keep(pid: number): void {
    most ??= Math.min(MOST, Math.floor(limit() * SHARE));
    if (files.size >= most) return;
    once.delete(pid);
    try {
      files.set(pid, { descriptor: openSync(`${root}/${pid}/stat`, 'r'), usedAt: clock.monotonic() });
    } catch {
      // It has ended meanwhile, or no descriptor is free: then it is opened for each look.
    }
  }

  return {
    glance(pid) {
      const kept = files.get(pid);
      const length = kept === undefined ? 0 : readAt(kept.descriptor, reader.bytes);
      return length > 0 ? length : reader.fill(`${root}/${pid}/stat`);
    },
    fill(pid) {
      const kept = files.get(pid);
      if (kept !== undefined) {
        kept.usedAt = clock.monotonic();
        const length = readAt(kept.descriptor, reader.bytes);
        if (length > 0) return length;
        closeSync(kept.descriptor);
        files.delete(pid);
      }
      if (once.has(pid)) keep(pid);
      const length = reader.fill(`${root}/${pid}/stat`);
      if (length > 0 && !files.has(pid)) {
        once.add(pid);
        arm();
      }
      return length;
    },
  };
}

function readAt(descriptor: number, bytes: Uint8Array): number {
  // Where it has ended, a repair waits for the error, which nobody reads: writing down where it came from takes most of its time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return readSync(descriptor, bytes, 0, bytes.length, 0);
  } catch {
    return -1;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
