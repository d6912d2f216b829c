import { readFileSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../clock.ts';
import { mountOf, parseMountinfo } from '../filesystems/mounts.ts';
import { isMemoryBacked } from './memory-files.ts';

/** Tells which files can be read without a thread: on this machine's own file systems, from the page cache, in microseconds. */
export interface LocalFolders {
  /** Whether it is known that the file lies on a local file system. The first question for a folder says no, and finds out. */
  knows(path: string): boolean;
}

/** File systems whose answers need no other machine and no other process. */
const LOCAL = /^(ext[234]|xfs|btrfs|tmpfs|ramfs|devtmpfs|overlay|zfs|f2fs|jfs|bcachefs)$/;
/** What is mounted, and where links lead, is looked up anew after so long. */
const KEPT_MS = 30_000;
/** Many different folders asked about once are not worth remembering. */
const MOST = 10_000;

export function createLocalFolders(clock: Clock): LocalFolders {
  const known = new Map<string, { readonly local: boolean; readonly until: number }>();

  async function find(folder: string, meanwhile: boolean): Promise<void> {
    known.set(folder, { local: meanwhile, until: clock.monotonic() + KEPT_MS });
    try {
      // A link may lead to a mount whose server is gone: then this never answers, and the folder never counts as local.
      const real = await realpath(folder);
      const mount = mountOf(real, parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8')));
      const local = LOCAL.test(mount?.type ?? '');
      known.set(folder, { local, until: clock.monotonic() + KEPT_MS });
    } catch {
      // There is no such folder (yet).
    }
  }

  return {
    knows(path) {
      if (process.platform !== 'linux') return false;
      if (isMemoryBacked(path)) return true;
      const folder = dirname(path);
      const found = known.get(folder);
      if (found !== undefined && clock.monotonic() < found.until) return found.local;
      if (known.size >= MOST) known.clear();
      // What was local a moment ago is taken for that until it is known better.
      void find(folder, found?.local ?? false);
      return found?.local ?? false;
    },
  };
}
