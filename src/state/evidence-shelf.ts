import { constants, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeSystemError } from './describe-system-error.ts';

/** Evidence packs as files, so that they take no memory. Names are given by the engine: `api-7K3F-1`. */
export interface EvidenceShelf {
  /** Gives a sentence when it could not be written: evidence is worth a warning, never a stop. */
  write(name: string, text: string): Promise<string | undefined>;
  /** Adds to the end of a pack; nothing where there is none. */
  append(name: string, text: string): Promise<void>;
  read(name: string): Promise<string | undefined>;
  /** Removes the oldest until at most `most` are left. */
  prune(most: number): Promise<void>;
}

/** The packs of a state folder, below `evidence/`. */
export function openEvidenceShelf(stateFolder: string): EvidenceShelf {
  const folder = join(stateFolder, 'evidence');
  const fileOf = (name: string): string => join(folder, `${name.replaceAll(/[^\w.@-]/g, '_')}.txt`);
  return {
    async write(name, text) {
      const path = fileOf(name);
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        await writeFile(`${path}.new`, text, { mode: 0o600 });
        await rename(`${path}.new`, path);
        return undefined;
      } catch (error) {
        await rm(`${path}.new`, { force: true }).catch(() => {});
        return `cannot write ${path}: ${describeSystemError(error)}`;
      }
    },
    async append(name, text) {
      // Opened without being created: what could not be written, or was pruned, is not half there afterwards.
      const file = await open(fileOf(name), constants.O_WRONLY | constants.O_APPEND).catch(() => undefined);
      await file?.writeFile(text).catch(() => {});
      await file?.close().catch(() => {});
    },
    async read(name) {
      try {
        return await readFile(fileOf(name), 'utf8');
      } catch {
        return undefined;
      }
    },
    async prune(most) {
      try {
        const files = readdirSync(folder).map((file) => {
          const path = join(folder, file);
          return { path, at: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
        });
        if (files.length <= most) return;
        files.sort((a, b) => a.at - b.at);
        for (const { path } of files.slice(0, files.length - most)) rmSync(path, { force: true });
      } catch {
        // No folder yet, or a disk in trouble: nothing to prune.
      }
    },
  };
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
