import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs';
import type { FileResult } from '../files.ts';
import { fileFailure } from './file-failure.ts';

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
  const content = readNow(path, limit, 0);
  return content ?? { ok: false, code: 'EINVAL', reason: `${path} is not a file` };
}

/** The same for a regular file in a local folder; undefined for anything else, a link to who knows where among it. */
export function readLocal(path: string, limit: number): FileResult<string> | undefined {
  const content = readNow(path, limit, constants.O_NOFOLLOW);
  return content?.ok === false && content.code !== 'ENOENT' ? undefined : content;
}

/** Facts of what lies in a local folder; undefined for a link. */
export function statLocal(path: string): FileResult<Stats> | undefined {
  try {
    const facts = lstatSync(path);
    return facts.isSymbolicLink() ? undefined : { ok: true, value: facts };
  } catch (error) {
    return fileFailure(path, error);
  }
}

function readNow(path: string, limit: number, flags: number): FileResult<string> | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | flags);
    if (!fstatSync(descriptor).isFile()) return undefined;
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
