import { createHash } from 'node:crypto';
import type { FileFacts, FileResult, Files } from '../../src/host/files.ts';

/** Files that live in a map. Folders are there when something is in them; those below /run lie in memory. */
export interface FakeFiles extends Files {
  put(path: string, text: string, facts?: Partial<FileFacts>): void;
  remove(path: string): void;
  /** Every look at this path fails with this code from now on (`EACCES`). */
  refuse(path: string, code: string): void;
}

/** `wall` stamps what is written (a fake clock's). */
export function createFakeFiles(
  initial: Readonly<Record<string, string>> = {},
  wall: () => number = () => 0,
): FakeFiles {
  const files = new Map<string, { text: string; facts: FileFacts }>();
  const refused = new Map<string, string>();
  const watchers = new Set<{ readonly path: string; readonly changed: () => void }>();
  let inode = 100;

  const factsOf = (size: number, type: FileFacts['type']): FileFacts => {
    inode += 1;
    const times = { modifiedAt: 0, changedAt: 0, accessedAt: 0 };
    return {
      type,
      size,
      mode: type === 'directory' ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      inode,
      links: 1,
      ...times,
    };
  };
  const tell = (path: string) => {
    for (const watcher of watchers) {
      if (path === watcher.path || path.startsWith(`${watcher.path}/`)) queueMicrotask(watcher.changed);
    }
  };
  const look = <T>(path: string, value: () => T | undefined): FileResult<T> => {
    const code = refused.get(path);
    if (code) return { ok: false, code, reason: `${path} cannot be read (${code})` };
    const found = value();
    if (found === undefined) return { ok: false, code: 'ENOENT', reason: `${path} does not exist` };
    return { ok: true, value: found };
  };
  const names = (path: string): string[] | undefined => {
    const prefix = path === '/' ? '/' : `${path}/`;
    const below = [...files.keys()].filter((name) => name.startsWith(prefix));
    if (below.length === 0) return undefined;
    return [...new Set(below.map((name) => name.slice(prefix.length).split('/')[0] ?? ''))].sort();
  };
  const exists = (path: string) => !refused.has(path) && (files.has(path) || names(path) !== undefined);
  const inMemory = (path: string) => path.startsWith('/run/');
  const put: FakeFiles['put'] = (path, text, facts = {}) => {
    const old = files.get(path)?.facts ?? factsOf(0, 'file');
    const times = { modifiedAt: wall(), changedAt: wall() };
    files.set(path, { text, facts: { ...old, ...times, size: Buffer.byteLength(text), ...facts } });
    refused.delete(path);
    tell(path);
  };
  for (const [path, text] of Object.entries(initial)) put(path, text);

  return {
    put,
    remove(path) {
      files.delete(path);
      tell(path);
    },
    refuse: (path, code) => void refused.set(path, code),
    read: async (path, limit = 65_536) => look(path, () => files.get(path)?.text.slice(0, limit)),
    readNow: (path, limit) =>
      inMemory(path) ? look(path, () => files.get(path)?.text.slice(0, limit)) : undefined,
    tail: async (path, limit = 65_536) => look(path, () => files.get(path)?.text.slice(-limit)),
    range: async (path, from, limit) =>
      look(path, () => {
        const bytes = files.has(path)
          ? Buffer.from(files.get(path)?.text ?? '').subarray(from, from + limit)
          : undefined;
        return bytes && { text: bytes.toString('utf8'), bytes: bytes.length };
      }),
    real: async (path) => look(path, () => (files.has(path) || names(path) ? path : undefined)),
    link: async (path) => look(path, () => files.get(path)?.text),
    stat: async (path) =>
      look(path, () => files.get(path)?.facts ?? (names(path) ? factsOf(4096, 'directory') : undefined)),
    exists: async (path) => exists(path),
    existsNow: (path) => (inMemory(path) ? exists(path) : undefined),
    list: async (path) => look(path, () => names(path)),
    hash: async (path, algorithm) =>
      look(path, () => {
        const file = files.get(path);
        return file && createHash(algorithm).update(file.text).digest('hex');
      }),
    watch(path, changed) {
      const watcher = { path, changed };
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  };
}
