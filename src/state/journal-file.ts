import {
  closeSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { encodeLine, JOURNAL_HEADER } from './journal-line.ts';
import type { StoreChange } from './store.ts';

const datasync = promisify(fdatasync);

/** An open journal. Every function throws the system's error; its owner decides what that means. */
export interface JournalFile {
  /** Bytes of good lines. */
  readonly size: number;
  append(changes: readonly StoreChange[]): void;
  sync(): Promise<void>;
  close(): void;
  /** Whether the path still names this file with nothing but our bytes in it. */
  intact(): boolean;
}

/** Bytes written at a time when a journal is rewritten, so that no rewrite holds up the checks. */
const CHUNK = 128 * 1024;

/** Opens an existing journal for appending, cutting a torn tail off; creates it with its header when there is none. */
export function openJournalFile(path: string, goodBytes: number): JournalFile {
  const fd = openSync(path, 'a', 0o600);
  try {
    let size = goodBytes;
    if (fstatSync(fd).size !== goodBytes) ftruncateSync(fd, goodBytes);
    if (goodBytes === 0) size = writeAll(fd, JOURNAL_HEADER, 0);
    return journalOver(fd, path, size);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

const NOWHERE = '/dev/null';

/** A journal that nobody reads; undefined where there is no such device, which must not become a file. */
export function openNowhere(): JournalFile | undefined {
  try {
    return statSync(NOWHERE).isCharacterDevice() ? openJournalFile(NOWHERE, 0) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Writes a new journal with exactly these entries beside the old one and renames it into place: at every moment the path
 * holds one whole journal. Yields between chunks; `tail` is asked at the end for the changes made meanwhile.
 */
export async function rewriteJournal(
  path: string,
  entries: Iterable<readonly [string, unknown]>,
  tail: () => readonly (readonly StoreChange[])[],
): Promise<JournalFile> {
  const temporary = `${path}.new`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  rmSync(temporary, { force: true });
  const fd = openSync(temporary, 'ax', 0o600);
  try {
    let size = writeAll(fd, JOURNAL_HEADER, 0);
    let chunk: Buffer[] = [];
    let length = 0;
    for (const entry of entries) {
      const line = encodeLine([entry], 'keep');
      chunk.push(line);
      length += line.length;
      if (length < CHUNK) continue;
      size = writeAll(fd, Buffer.concat(chunk), size);
      chunk = [];
      length = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await datasync(fd);
    // From here to the rename nothing may yield: a change made in between would be lost.
    size = writeAll(
      fd,
      Buffer.concat([...chunk, ...tail().map((changes) => encodeLine(changes, 'keep'))]),
      size,
    );
    fsyncSync(fd);
    renameSync(temporary, path);
    syncFolder(dirname(path));
    return journalOver(fd, path, size);
  } catch (error) {
    closeSync(fd);
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** The journal's bytes; empty when there is no such file. */
export function journalBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

function journalOver(fd: number, path: string, start: number): JournalFile {
  let size = start;
  return {
    get size() {
      return size;
    },
    append(changes) {
      size = writeAll(fd, encodeLine(changes), size);
    },
    sync: () => datasync(fd),
    close: () => closeSync(fd),
    intact() {
      const mine = fstatSync(fd);
      const named = statSync(path, { throwIfNoEntry: false });
      return named !== undefined && named.ino === mine.ino && named.dev === mine.dev && mine.size === size;
    },
  };
}

/** Writes all of the bytes at the end, or puts the file back to its earlier size and throws. Returns the new size. */
function writeAll(fd: number, bytes: Buffer, size: number): number {
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
  } catch (error) {
    try {
      ftruncateSync(fd, size);
    } catch {
      // The torn line stays; the next reading of the file cuts it off.
    }
    throw error;
  }
  return size + bytes.length;
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
