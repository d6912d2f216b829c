import { constants } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { globBase, matchesGlob } from './glob-pattern.ts';
import type { RuleFiles, RuleText } from './rule-files.ts';

/** Bytes of a rule file at most. */
const MAX_BYTES = 8_000_000;
/** Folders that one pattern may look into: `/**` is a mistake, not a wish. */
const MAX_FOLDERS = 10_000;

/** Rule files of this machine. */
export const realRuleFiles: RuleFiles = {
  read: readRules,
  glob: async (pattern) => {
    const { folder, wild } = globBase(pattern);
    if (!wild) return (await isFile(pattern)) ? [pattern] : [];
    const found: string[] = [];
    const folders = [folder];
    const deepest = pattern.includes('**') ? Number.POSITIVE_INFINITY : pattern.split('/').length;
    for (let index = 0; index < folders.length && index < MAX_FOLDERS; index += 1) {
      const current = folders[index] ?? folder;
      for (const entry of await readFolder(current)) {
        const path = join(current, entry.name);
        const isFolder = entry.isDirectory() && !entry.name.startsWith('.');
        if (isFolder && path.split('/').length < deepest) folders.push(path);
        else if (matchesGlob(path, pattern) && (await isFile(path))) found.push(path);
      }
    }
    return found.sort();
  },
  stat: async (path) => {
    try {
      const { mode, uid, gid } = await stat(path);
      return { mode: mode & 0o7777, uid, gid };
    } catch {
      return undefined;
    }
  },
};

async function readRules(path: string): Promise<RuleText> {
  try {
    // Opening a fifo without O_NONBLOCK would wait for a writer for ever.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const facts = await file.stat();
      if (facts.isDirectory()) return { ok: false, code: 'EISDIR', reason: 'it is a folder' };
      if (!facts.isFile()) return { ok: false, code: 'ENOTFILE', reason: 'it is not a file' };
      if (facts.size > MAX_BYTES) {
        return { ok: false, code: 'EFBIG', reason: `it is larger than ${MAX_BYTES} bytes` };
      }
      return { ok: true, text: stripMark(await file.readFile('utf8')) };
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code = 'EIO', message } = error as NodeJS.ErrnoException;
    return { ok: false, code, reason: reasons[code] ?? message };
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  ENOTDIR: 'a part of its path is not a folder',
  ELOOP: 'its symbolic links go in a circle',
};

/** A byte order mark is no part of the text, and would shift the first column. */
function stripMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

async function readFolder(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return !(await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
