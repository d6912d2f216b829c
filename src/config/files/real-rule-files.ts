import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { globBase, globMatcher } from './glob-pattern.ts';
import { factsOf, openFlags, refuseFile, ruleText, unreadable } from './rule-file-content.ts';
import type { RuleFiles, RuleText } from './rule-files.ts';

/** Folders that one pattern may look into: `/**` is a mistake, not a wish. */
const MAX_FOLDERS = 10_000;

/** Rule files of this machine, for the agent: a mount whose server is gone holds up nothing else. */
export const realRuleFiles: RuleFiles = {
  read: readRules,
  glob: async (pattern) => {
    const { folder, wild } = globBase(pattern);
    if (!wild) return (await isFile(pattern)) ? [pattern] : [];
    const matches = globMatcher(pattern);
    const found: string[] = [];
    const folders = [folder];
    const deepest = pattern.includes('**') ? Number.POSITIVE_INFINITY : pattern.split('/').length;
    for (let index = 0; index < folders.length && index < MAX_FOLDERS; index += 1) {
      const current = folders[index] ?? folder;
      for (const entry of await readFolder(current)) {
        const path = current.endsWith('/') ? current + entry.name : `${current}/${entry.name}`;
        const isFolder = entry.isDirectory() && !entry.name.startsWith('.');
        if (isFolder && path.split('/').length < deepest) folders.push(path);
        else if (matches(path) && (entry.isFile() || (await isFile(path)))) found.push(path);
      }
    }
    return found.sort();
  },
  stat: async (path) => {
    try {
      return factsOf(await stat(path));
    } catch {
      return undefined;
    }
  },
};

async function readRules(path: string): Promise<RuleText> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, openFlags);
    const stats = await file.stat();
    const refused = refuseFile(stats);
    if (refused !== undefined) return refused;
    return ruleText(await file.readFile('utf8'), stats);
  } catch (error) {
    return unreadable(error);
  } finally {
    await file?.close().catch(() => undefined);
  }
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
