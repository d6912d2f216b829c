import { closeSync, openSync, readSync } from 'node:fs';

/** One line of /proc/PID/stat is at most a few hundred bytes; one page holds most files of /proc. */
const PAGE = 4096;

/**
 * Reads small files of /proc with one buffer that is used again and again. Synchronous on purpose: /proc answers from
 * memory in about ten microseconds, a promise and a trip through the thread pool cost ten times that.
 */
export interface ProcReader {
  /** Overwritten by the next call of anything here. */
  readonly bytes: Uint8Array;
  /** Fills `bytes` and says how many there are; -1 when the file is gone or may not be read. */
  fill(path: string): number;
  /** The file as text, cut at `limit` bytes (default 64 KiB). */
  text(path: string, limit?: number): string | undefined;
}

export function createProcReader(): ProcReader {
  const bytes = Buffer.allocUnsafeSlow(PAGE);

  const fill = (path: string): number => {
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch {
      return -1;
    }
    try {
      return readSync(descriptor, bytes, 0, PAGE, null);
    } catch {
      // The process ended between open and read (ESRCH), or reading needs a right that opening does not (EACCES).
      return -1;
    } finally {
      closeSync(descriptor);
    }
  };

  return { bytes, fill, text: (path, limit = 65_536) => readText(path, bytes, limit) };
}

function readText(path: string, buffer: Buffer, limit: number): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
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
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}
