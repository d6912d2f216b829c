import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StarterFile } from '../starter/starter-rules.ts';
import type { Step } from './carry-out.ts';

/** Writes a file that is not there; one that is there stays as it is. */
export async function createStep(file: StarterFile, what: string): Promise<Step> {
  if ((await textOf(file.path)) !== undefined) return { says: `keep ${file.path} (it is there already)` };
  return { says: `write ${file.path} (${what})`, act: () => write(file) };
}

/** Writes a file, or replaces one that is different; the old one is kept beside it. */
export async function replaceStep(
  file: StarterFile,
  what: string,
): Promise<{ readonly step: Step; readonly changes: boolean }> {
  const before = await textOf(file.path);
  if (before === file.text) return { step: { says: `keep ${file.path} (unchanged)` }, changes: false };
  if (before === undefined) {
    return { step: { says: `write ${file.path} (${what})`, act: () => write(file) }, changes: true };
  }
  const kept = `${file.path}.before`;
  const act = async (): Promise<string | undefined> =>
    (await tried(() => rename(file.path, kept))) ?? (await write(file));
  return { step: { says: `replace ${file.path} (the old one is kept as ${kept})`, act }, changes: true };
}

/** Removes a file. */
export function removeStep(path: string): Step {
  return { says: `remove ${path}`, act: () => tried(() => rm(path, { force: true })) };
}

/** The text of a file, or undefined where there is none. */
export async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

function write({ path, text }: StarterFile): Promise<string | undefined> {
  return tried(async () => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx', mode: 0o644 });
  });
}

async function tried(run: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
