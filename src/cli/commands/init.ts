import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createHost } from '../../host/real-host.ts';
import type { Command } from '../command.ts';
import { complain } from '../complain.ts';
import { exitCodes } from '../exit-codes.ts';
import { printJson } from '../print/print-json.ts';
import { starterRules, starterSettings } from '../starter/starter-rules.ts';

/** `watcher init [FOLDER]`: watcher.yaml, and rules for what runs here and what the managers have. Overwrites nothing. */
export const init: Command = async ({ io, options, arguments: [name = '.'] }) => {
  const folder = resolve(io.cwd, name);
  const host = createHost();
  const rules = await starterRules(join(folder, 'rules'), host).finally(() => host.close());
  const files = [starterSettings(join(folder, 'watcher.yaml')), ...rules];
  const taken = files.filter(({ path }) => existsSync(path)).map(({ path }) => path);
  if (taken.length > 0) {
    const message = `nothing was written: ${taken.join(', ')} ${taken.length === 1 ? 'exists' : 'exist'} already`;
    return complain(io, exitCodes.cannotCreate, message, 'name another folder: watcher init FOLDER');
  }
  try {
    await mkdir(join(folder, 'rules'), { recursive: true });
    for (const { path, text } of files) await writeFile(path, text, { flag: 'wx', mode: 0o644 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return complain(io, exitCodes.cannotCreate, `cannot write into ${folder}: ${reason}`);
  }
  if (options['json']) io.out(printJson({ version: 1, files: files.map(({ path }) => path) }));
  else if (!options['quiet']) {
    io.out(files.map(({ path }) => `${path}\n`).join(''));
    io.out(`Next: watcher check -c ${join(folder, 'watcher.yaml')}, then watcher run -c the same file.\n`);
  }
  return exitCodes.ok;
};
