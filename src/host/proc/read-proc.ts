import { closeSync, openSync, readSync } from 'node:fs';

/** One line of /proc/PID/stat is at most a few hundred bytes; one page holds most files of /proc. */
const PAGE = 4096;

/** There is no such file: the process is gone. */
export const GONE = -1;
/** It could not be read, for want of a right or of a descriptor: that says nothing of the process. */
export const UNREADABLE = -2;

/**
 * Reads small files of /proc with one buffer that is used again and again. Synchronous on purpose: /proc answers from
 * memory in about ten microseconds, a promise and a trip through the thread pool cost ten times that.
 */
export interface ProcReader {
  /** Overwritten by the next call of anything here. */
  readonly bytes: Uint8Array;
  /** Fills `bytes` and says how many there are; or `GONE`, or `UNREADABLE`. */
  fill(path: string): number;
  /** The file as text, cut at `limit` bytes (default 64 KiB). */
  text(path: string, limit?: number): string | undefined;
  /** The system's code of the last failure (`EMFILE`). */
  readonly failure: string;
}

/** What a failure says: a process that ends between opening and reading answers with ESRCH. */
export function outcomeOf(error: unknown): { readonly outcome: number; readonly code: string } {
  const { code = 'UNKNOWN' } = error as NodeJS.ErrnoException;
  return { outcome: code === 'ENOENT' || code === 'ESRCH' ? GONE : UNREADABLE, code };
}

export function createProcReader(): ProcReader {
  const bytes = Buffer.allocUnsafeSlow(PAGE);
  const spare = createSpare();
  let failure = '';

  const attempt = <T>(path: string, use: (descriptor: number) => T): T | number => {
    try {
      return spare.opened(path, use);
    } catch (error) {
      const { outcome, code } = outcomeOf(error);
      failure = code;
      return outcome;
    }
  };

  return {
    bytes,
    get failure() {
      return failure;
    },
    fill: (path) => attempt(path, (file) => readSync(file, bytes, 0, PAGE, null)),
    text(path, limit = 65_536) {
      const text = attempt(path, (file) => readText(file, bytes, limit));
      return typeof text === 'number' ? undefined : text;
    },
  };
}

/**
 * One descriptor is kept for the day when all others are in use: looking at processes must not depend on what else is
 * open. Whoever finds none free lets go of it, reads, and takes it back.
 */
function createSpare() {
  let spare: number | undefined;
  const take = () => {
    try {
      spare ??= openSync('/dev/null', 'r');
    } catch {
      // There is none to be had: the next one who reads tries again.
    }
  };
  take();
  const opened = <T>(path: string, use: (descriptor: number) => T): T => {
    const descriptor = openSync(path, 'r');
    try {
      return use(descriptor);
    } finally {
      closeSync(descriptor);
    }
  };
  return {
    opened<T>(path: string, use: (descriptor: number) => T): T {
      try {
        return opened(path, use);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if ((code !== 'EMFILE' && code !== 'ENFILE') || spare === undefined) throw error;
        closeSync(spare);
        spare = undefined;
        return opened(path, use);
      } finally {
        take();
      }
    },
  };
}

function readText(descriptor: number, buffer: Buffer, limit: number): string {
  const parts: Buffer[] = [];
  let total = 0;
  while (total < limit) {
    // /proc hands out whole records, so a short read is not the end: only zero bytes are.
    const length = readSync(descriptor, buffer, 0, Math.min(PAGE, limit - total), null);
    if (length === 0) break;
    parts.push(Buffer.from(buffer.subarray(0, length)));
    total += length;
  }
  return Buffer.concat(parts).toString('utf8');
}
