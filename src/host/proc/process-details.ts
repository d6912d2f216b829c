import { readlinkSync } from 'node:fs';
import type { ProcessDetails } from '../processes.ts';
import type { ProcReader } from './read-proc.ts';

/**
 * Reads each fact when it is first asked for, and once: matching by executable does not read every command line. A class, as there is
 * one for each process: getters of its own would make V8 keep each as a dictionary.
 */
export class LinuxDetails implements ProcessDetails {
  private readonly reader: ProcReader;
  private readonly folder: string;
  private program: { readonly path: string | undefined } | undefined;
  private words: readonly string[] | undefined;
  private owner: Owner | undefined;
  private group: { readonly path: string | undefined } | undefined;

  constructor(reader: ProcReader, folder: string) {
    this.reader = reader;
    this.folder = folder;
    this.program = undefined;
    this.words = undefined;
    this.owner = undefined;
    this.group = undefined;
  }

  get exe(): string | undefined {
    this.program ??= { path: readExe(`${this.folder}/exe`) };
    return this.program.path;
  }

  get argv(): readonly string[] {
    this.words ??= parseArgv(this.reader.text(`${this.folder}/cmdline`) ?? '');
    return this.words;
  }

  get uid(): number {
    return this.readOwner().uid;
  }

  get gid(): number {
    return this.readOwner().gid;
  }

  get euid(): number {
    return this.readOwner().euid;
  }

  get cgroup(): string | undefined {
    this.group ??= { path: parseCgroup(this.reader.text(`${this.folder}/cgroup`) ?? '') };
    return this.group.path;
  }

  private readOwner(): Owner {
    this.owner ??= parseOwner(this.reader.text(`${this.folder}/status`) ?? '');
    return this.owner;
  }
}

/** Reading the link of somebody else's process needs rights (ptrace access); kernel threads have none at all. */
function readExe(path: string): string | undefined {
  try {
    // An upgrade replaced the file while the old program still runs: proc_pid_exe(5).
    return readlinkSync(path).replace(/ \(deleted\)$/, '');
  } catch {
    return undefined;
  }
}

/** Words end with NUL; a program that overwrote its own title leaves blanks and trailing NULs: proc_pid_cmdline(5). */
export function parseArgv(text: string): readonly string[] {
  const end = text.replace(/\0+$/, '');
  return end === '' ? [] : end.split('\0');
}

interface Owner {
  readonly uid: number;
  readonly euid: number;
  readonly gid: number;
}

/** `Uid:` and `Gid:` list real, effective, saved and file system ids: proc_pid_status(5). -1 where there is no such line. */
export function parseOwner(status: string): Owner {
  const ids = (name: string) => new RegExp(`^${name}:\\s+(\\d+)\\s+(\\d+)`, 'm').exec(status);
  const uids = ids('Uid');
  return { uid: Number(uids?.[1] ?? -1), euid: Number(uids?.[2] ?? -1), gid: Number(ids('Gid')?.[1] ?? -1) };
}

/** `hierarchy:controllers:path`, cgroups(7). The unified hierarchy, or systemd's own where the unified one is not used. */
export function parseCgroup(text: string): string | undefined {
  let unified: string | undefined;
  let systemd: string | undefined;
  for (const line of text.split('\n')) {
    const [, hierarchy, controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (hierarchy === '0') unified = path;
    else if (controllers === 'name=systemd') systemd = path;
  }
  return unified === undefined || (unified === '/' && systemd) ? systemd : unified;
}
