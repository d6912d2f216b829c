import { accessSync, closeSync, constants, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nearestWord } from '../../lib/nearest.ts';

/**
 * Why a program cannot be started, as a sentence with the fix where there is one; undefined when nothing is seen to be
 * wrong. `cwd` is the folder it was to be started in (`/` if it does not say), `path` the value of PATH that it was looked for in.
 */
export function programTrouble(program: string, path: string, cwd: string | undefined): string | undefined {
  if (cwd !== undefined && !isFolder(cwd))
    return `the working directory ${cwd} does not exist or is not a folder`;
  if (!program.includes('/')) return bareNameTrouble(program, path);
  const full = program.startsWith('/') ? program : join(cwd ?? '/', program);
  return fileTrouble(full);
}

function bareNameTrouble(program: string, path: string): string | undefined {
  const folders = path.split(':');
  const found = folders.map((folder) => join(folder, program)).filter((file) => kindOf(file) === 'file');
  if (found.length > 0) {
    const troubles = found.map(fileTrouble);
    return troubles.includes(undefined) ? undefined : troubles[0];
  }
  const near = nearestWord(program, folders.flatMap(namesIn));
  const hint = near ? `; did you mean '${near}'?` : '; give its full path';
  return `the program '${program}' is in none of the folders of PATH (${path})${hint}`;
}

function fileTrouble(file: string): string | undefined {
  const kind = kindOf(file);
  if (kind === 'folder') return `${file} is a folder, not a program`;
  if (kind === 'missing') {
    const folder = dirname(file);
    if (kindOf(folder) !== 'folder') return `${file} does not exist: there is no folder ${folder}`;
    const near = nearestWord(basename(file), namesIn(folder));
    return `${file} does not exist${near ? `; did you mean ${join(folder, near)}?` : ''}`;
  }
  try {
    accessSync(file, constants.X_OK);
  } catch {
    return `${file} is not executable; run: chmod +x ${file}`;
  }
  return interpreterTrouble(file);
}

/** A script whose interpreter is missing gives the same error as a missing script: execve(2), ENOENT. */
function interpreterTrouble(file: string): string | undefined {
  const start = firstBytes(file);
  if (start === undefined) return undefined;
  const interpreter = /^#![ \t]*([^ \t\n]+)/.exec(start)?.[1];
  // Without such a line it is left to execvp(3), which gives it to the shell.
  if (interpreter === undefined) return undefined;
  if (kindOf(interpreter) === 'file') return undefined;
  const ending = interpreter.endsWith('\r') ? ' (the line ends in a Windows line break)' : '';
  return `${file} needs ${interpreter.trimEnd()}, which does not exist${ending}`;
}

function firstBytes(file: string): string | undefined {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const buffer = Buffer.alloc(256);
      return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, 256, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

function kindOf(path: string): 'file' | 'folder' | 'missing' {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'missing';
  }
}

function isFolder(path: string): boolean {
  return kindOf(path) === 'folder';
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
