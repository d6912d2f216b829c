import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeSystemError } from './describe-system-error.ts';

/** Evidence packs as files, so that they take no memory. Names are given by the engine: `api-7K3F-1`. */
export interface EvidenceShelf {
  /** Gives a sentence when it could not be written: evidence is worth a warning, never a stop. A dead disk never answers. */
  write(name: string, text: string): Promise<string | undefined>;
  /** Adds to the end of a pack, also of one that is still being written; nothing where there is none. */
  append(name: string, text: string): Promise<void>;
  read(name: string): Promise<string | undefined>;
  /** Removes the oldest until at most `most` are left. */
  prune(most: number): Promise<void>;
}

/** So many packs may wait for a disk that does not answer: they are kept in memory until then. */
const MOST_WAITING = 20;

/** The packs of a state folder, below `evidence/`. One thing is done after the other: a dead disk holds one thread at most. */
export function openEvidenceShelf(stateFolder: string): EvidenceShelf {
  const folder = join(stateFolder, 'evidence');
  const fileOf = (name: string): string => join(folder, `${name.replaceAll(/[^\w.@-]/g, '_')}.txt`);
  /** Packs on their way to the disk, as far as they are known. */
  const waiting = new Map<string, string>();
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  }

  async function store(name: string): Promise<string | undefined> {
    const path = fileOf(name);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      let written: string | undefined;
      // What was added meanwhile goes with it; written by an earlier turn, there is nothing left to do.
      for (let text = waiting.get(name); text !== written; text = waiting.get(name)) {
        written = text ?? '';
        await writeFile(`${path}.new`, written, { mode: 0o600 });
        await rename(`${path}.new`, path);
      }
      return undefined;
    } catch (error) {
      await rm(`${path}.new`, { force: true }).catch(() => {});
      return `cannot write ${path}: ${describeSystemError(error)}`;
    } finally {
      waiting.delete(name);
    }
  }

  async function extend(name: string, text: string): Promise<void> {
    // Opened without being created: what could not be written, or was pruned, is not half there afterwards.
    const file = await open(fileOf(name), constants.O_WRONLY | constants.O_APPEND).catch(() => undefined);
    await file?.writeFile(text).catch(() => {});
    await file?.close().catch(() => {});
  }

  return {
    async write(name, text) {
      if (waiting.size >= MOST_WAITING && !waiting.has(name))
        return `cannot write ${fileOf(name)}: ${waiting.size} others wait for the disk already`;
      waiting.set(name, text);
      return inTurn(() => store(name));
    },
    async append(name, text) {
      const pack = waiting.get(name);
      if (pack === undefined) await inTurn(() => extend(name, text));
      else waiting.set(name, pack + text);
    },
    async read(name) {
      try {
        return waiting.get(name) ?? (await readFile(fileOf(name), 'utf8'));
      } catch {
        return undefined;
      }
    },
    prune: (most) => inTurn(() => removeOldest(folder, most)),
  };
}

async function removeOldest(folder: string, most: number): Promise<void> {
  try {
    const names = await readdir(folder);
    if (names.length <= most) return;
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(folder, name);
        return { path, at: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 };
      }),
    );
    files.sort((a, b) => a.at - b.at);
    for (const { path } of files.slice(0, files.length - most)) await rm(path, { force: true });
  } catch {
    // No folder yet, or a disk in trouble: nothing to prune.
  }
}

/** Keeps packs in memory only: for a dry run. */
export function memoryEvidenceShelf(): EvidenceShelf {
  const packs = new Map<string, string>();
  return {
    async write(name, text) {
      packs.set(name, text);
      return undefined;
    },
    async append(name, text) {
      const pack = packs.get(name);
      if (pack !== undefined) packs.set(name, pack + text);
    },
    read: async (name) => packs.get(name),
    async prune(most) {
      for (const name of [...packs.keys()].slice(0, Math.max(0, packs.size - most))) packs.delete(name);
    },
  };
}
