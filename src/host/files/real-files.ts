import { createHash } from 'node:crypto';
import { constants, existsSync, readdirSync, type Stats } from 'node:fs';
import { access, type FileHandle, lstat, open, readdir, readlink, realpath, stat } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import type { FileFacts, FileResult, Files } from '../files.ts';
import { type Bounded, createBounded } from './bounded.ts';
import { fileFailure } from './file-failure.ts';
import { createLocalFolders } from './local-folders.ts';
import { isMemoryBacked, readLocal, readMemoryBacked, statLocal } from './memory-files.ts';
import { watchPath } from './watch-path.ts';

const DEFAULT_LIMIT = 65_536;
/** Bytes that are read at once: one page. */
const SMALL = 4096;
const DEADLINE_MS = 10_000;
/** Hashing reads whole files: it may take its time, but not for ever. */
const HASH_DEADLINE_MS = 120_000;
/** Of Node's four threads: one stays free for names, whatever hangs. */
const MOST_AT_ONCE = 3;

/** Files of this machine. Every call ends by a deadline, also when the file is on a mount whose server is gone. */
export function createRealFiles(clock: Clock): Files {
  const places = createBounded(clock, MOST_AT_ONCE);
  // Files of one network mount hang together: they wait in one line, so that a dead server holds one thread.
  const bounded: Bounded = {
    run: (path, timeoutMs, call) => places.run(folders.remoteMount(path) ?? path, timeoutMs, call),
  };
  // Hashing takes long, and must leave places for what does not.
  const one = createBounded(clock, 1);
  const hashing: Bounded = {
    run: (path, timeoutMs, call) => one.run(path, timeoutMs, () => bounded.run(path, timeoutMs, call)),
  };
  const folders = createLocalFolders(clock, (path) => attempt(bounded, path, () => realpath(path)));
  return {
    async read(path, limit = DEFAULT_LIMIT) {
      // Pid files are read all the time; the kernel answers from memory, so the thread pool would only slow it down.
      if (isMemoryBacked(path)) return readMemoryBacked(path, limit);
      const content = limit <= SMALL && folders.knows(path) ? readLocal(path, limit) : undefined;
      if (content !== undefined) return content;
      return withFile(bounded, path, DEADLINE_MS, (file) => readPart(file, 0, limit));
    },
    readNow: (path, limit) => (folders.knows(path) ? readLocal(path, limit) : undefined),
    tail: (path, limit = DEFAULT_LIMIT) =>
      withFile(bounded, path, DEADLINE_MS, async (file, size) =>
        readPart(file, Math.max(0, size - limit), limit),
      ),
    range: (path, from, limit) =>
      withFile(bounded, path, DEADLINE_MS, async (file) => {
        const part = await readBytes(file, from, limit);
        return { text: part.toString('utf8'), bytes: part.length };
      }),
    real: (path) => attempt(bounded, path, () => realpath(path)),
    link: (path) => attempt(bounded, path, () => readlink(path)),
    async stat(path) {
      const facts = folders.knows(path) ? statLocal(path) : undefined;
      if (facts !== undefined) return facts.ok ? { ok: true, value: factsOf(facts.value) } : facts;
      return attempt(bounded, path, async () => factsOf(await stat(path).catch(() => lstat(path))));
    },
    async exists(path) {
      if (isMemoryBacked(path)) return existsSync(path);
      const found = await attempt(bounded, path, async () => access(path, constants.F_OK));
      return found.ok;
    },
    existsNow: (path) => (isMemoryBacked(path) ? existsSync(path) : undefined),
    list: (path) =>
      attempt(bounded, path, async () =>
        (isMemoryBacked(path) ? readdirSync(path) : await readdir(path)).sort(),
      ),
    hash: (path, algorithm) =>
      withFile(hashing, path, HASH_DEADLINE_MS, async (file) => {
        const hash = createHash(algorithm);
        const buffer = Buffer.allocUnsafe(DEFAULT_LIMIT * 4);
        for (;;) {
          const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
          if (bytesRead === 0) return hash.digest('hex');
          hash.update(buffer.subarray(0, bytesRead));
        }
      }),
    watch: watchPath,
  };
}

function attempt<T>(bounded: Bounded, path: string, call: () => Promise<T>): Promise<FileResult<T>> {
  return bounded.run(path, DEADLINE_MS, async () => {
    try {
      return { ok: true, value: await call() };
    } catch (error) {
      return fileFailure(path, error);
    }
  });
}

/** Opens without waiting (a fifo without a writer would) and refuses what is no regular file. */
function withFile<T>(
  bounded: Bounded,
  path: string,
  deadline: number,
  use: (file: FileHandle, size: number) => Promise<T>,
): Promise<FileResult<T>> {
  return bounded.run(path, deadline, async () => {
    let file: FileHandle | undefined;
    try {
      file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
      const facts = await file.stat();
      if (!facts.isFile()) {
        const type = factsOf(facts).type;
        const code = type === 'directory' ? 'EISDIR' : 'EINVAL';
        return { ok: false, code, reason: `${path} is a ${type}, not a file` };
      }
      return { ok: true, value: await use(file, facts.size) };
    } catch (error) {
      return fileFailure(path, error);
    } finally {
      await file?.close().catch(() => undefined);
    }
  });
}

async function readPart(file: FileHandle, from: number, limit: number): Promise<string> {
  return (await readBytes(file, from, limit)).toString('utf8');
}

async function readBytes(file: FileHandle, from: number, limit: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(limit);
  let length = 0;
  while (length < limit) {
    const { bytesRead } = await file.read(buffer, length, limit - length, from + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

function factsOf(facts: Stats): FileFacts {
  return {
    type: typeOf(facts),
    size: facts.size,
    mode: facts.mode & 0o7777,
    uid: facts.uid,
    gid: facts.gid,
    inode: facts.ino,
    links: facts.nlink,
    modifiedAt: facts.mtimeMs,
    changedAt: facts.ctimeMs,
    accessedAt: facts.atimeMs,
  };
}

function typeOf(facts: Stats): FileFacts['type'] {
  if (facts.isFile()) return 'file';
  if (facts.isDirectory()) return 'directory';
  if (facts.isFIFO()) return 'fifo';
  if (facts.isSocket()) return 'socket';
  return facts.isSymbolicLink() ? 'link' : 'device';
}
