import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { fileFailure } from './file-failure.ts';
import type { FileResult } from './files.ts';

/** Whether a path lies where the kernel answers from memory: a synchronous read takes microseconds and cannot wait. */
export function isMemoryBacked(path: string): boolean {
  return (
    process.platform === 'linux' &&
    /^\/(proc|run|var\/run|sys|dev\/shm)\//.test(path) &&
    !path.includes('/..')
  );
}

/** First `limit` bytes as text. */
export function readMemoryBacked(path: string, limit: number): FileResult<string> {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(descriptor).isFile())
      return { ok: false, code: 'EINVAL', reason: `${path} is not a file` };
    const buffer = Buffer.allocUnsafe(limit);
    let length = 0;
    while (length < limit) {
      const count = readSync(descriptor, buffer, length, limit - length, null);
      if (count === 0) break;
      length += count;
    }
    return { ok: true, value: buffer.toString('utf8', 0, length) };
  } catch (error) {
    return fileFailure(path, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
