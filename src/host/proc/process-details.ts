import { readlinkSync } from 'node:fs';
import type { ProcessDetails } from '../processes.ts';
import type { ProcReader } from './read-proc.ts';

/** Reads each fact when it is first asked for, and once: matching by executable does not read every command line. */
export function procDetails(reader: ProcReader, folder: string): ProcessDetails {
  let exe: { readonly path: string | undefined } | undefined;
  let argv: readonly string[] | undefined;
  let owner: Owner | undefined;
  let cgroup: { readonly path: string | undefined } | undefined;
  const readOwner = () => {
    owner ??= parseOwner(reader.text(`${folder}/status`) ?? '');
    return owner;
  };
  const details = {
    get exe() {
      exe ??= { path: readExe(`${folder}/exe`) };
      return exe.path;
    },
    get argv() {
      argv ??= parseArgv(reader.text(`${folder}/cmdline`) ?? '');
      return argv;
    },
    get uid() {
      return readOwner().uid;
    },
    get gid() {
      return readOwner().gid;
    },
    get euid() {
      return readOwner().euid;
    },
    get cgroup() {
      cgroup ??= { path: parseCgroup(reader.text(`${folder}/cgroup`) ?? '') };
      return cgroup.path;
    },
  };
  return details as ProcessDetails;
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
