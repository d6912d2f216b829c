import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../clock.ts';
import type { FileResult } from '../files.ts';
import { mayHang, mountOf, parseMountinfo } from '../filesystems/mounts.ts';
import type { Mount } from '../filesystems.ts';
import { isMemoryBacked } from './memory-files.ts';

/** Tells which files can be read without a thread: those that lie in memory, in microseconds. */
export interface LocalFolders {
  /** Whether it is known that the file lies in memory. The first question for a folder says no, and finds out. */
  knows(path: string): boolean;
  /** The network mount a path lies on as it is written, told without touching the path: its files hang together. */
  remoteMount(path: string): string | undefined;
}

/**
 * File systems in memory. A disk may fail or hang (iSCSI), and then a read at once would hold up everything: files there
 * are read through the thread pool, which costs about ten times the microseconds.
 */
const LOCAL = /^(tmpfs|ramfs|devtmpfs|proc|sysfs|cgroup2?)$/;
/** What is mounted, and where links lead, is looked up anew after so long. */
const KEPT_MS = 30_000;
/** The list of mounts is read anew after so long. */
const MOUNTS_KEPT_MS = 2000;
/** Many different folders asked about once are not worth remembering. */
const MOST = 10_000;

/** `real` resolves links, and starts nothing where an earlier call still hangs. */
export function createLocalFolders(
  clock: Clock,
  real: (path: string) => Promise<FileResult<string>>,
  list: () => readonly Mount[] = listMounts,
): LocalFolders {
  let mounts: { readonly list: readonly Mount[]; readonly until: number } | undefined;
  const known = new Map<string, { readonly local: boolean; readonly until: number }>();

  async function find(folder: string, meanwhile: boolean): Promise<void> {
    known.set(folder, { local: meanwhile, until: clock.monotonic() + KEPT_MS });
    // A link may lead to a mount whose server is gone: then this says no, and the folder never counts as local.
    const found = await real(folder);
    const local = found.ok && LOCAL.test(mountOf(found.value, readMounts())?.type ?? '');
    known.set(folder, { local, until: clock.monotonic() + KEPT_MS });
  }

  function readMounts(): readonly Mount[] {
    const now = clock.monotonic();
    if (mounts === undefined || now >= mounts.until) {
      mounts = { list: list(), until: now + MOUNTS_KEPT_MS };
    }
    return mounts.list;
  }

  function remoteMount(path: string): string | undefined {
    if (process.platform !== 'linux') return undefined;
    const mount = mountOf(path, readMounts());
    return mayHang(mount) ? mount?.target : undefined;
  }

  return {
    knows(path) {
      if (process.platform !== 'linux') return false;
      if (isMemoryBacked(path)) return true;
      const folder = dirname(path);
      const found = known.get(folder);
      if (found !== undefined && clock.monotonic() < found.until) return found.local;
      if (remoteMount(folder) !== undefined) return false;
      if (known.size >= MOST) known.clear();
      // What was local a moment ago is taken for that until it is known better.
      void find(folder, found?.local ?? false);
      return found?.local ?? false;
    },
    remoteMount,
  };
}

/** From memory: no server can hold this up. */
function listMounts(): readonly Mount[] {
  try {
    return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    return [];
  }
}
