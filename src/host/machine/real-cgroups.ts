import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import type { Cgroups } from '../cgroups.ts';
import { groupUsage } from './cgroup-usage.ts';
import { createFolderWatches, type FolderWatches } from './folder-watches.ts';

/** Bounds for a tree somebody else built. */
const deepest = 8;
const mostGroups = 2_000;

/**
 * Control groups below `mount` (cgroups(7)): the unified hierarchy is `/sys/fs/cgroup` itself, or `unified` in it where
 * the old controllers are mounted beside it. Where there is none (version 1 only: RHEL 7 and 8, Amazon Linux 2) systemd
 * keeps its units in a hierarchy of version 1 without a controller, name=systemd (systemd's CGROUP_DELEGATION.md, "legacy").
 * Undefined where there is none of these.
 */
export function createRealCgroups(mount = '/sys/fs/cgroup'): Cgroups | undefined {
  const root = [mount, `${mount}/unified`, `${mount}/systemd`].find((path) =>
    existsSync(`${path}/cgroup.procs`),
  );
  if (root === undefined) return undefined;
  const folders = createFolderWatches();
  return {
    pids(path) {
      const pids: number[] = [];
      let left = mostGroups;
      const collect = (folder: string, depth: number): boolean => {
        const own = numbersIn(`${folder}/cgroup.procs`);
        if (own === undefined) return false;
        pids.push(...own);
        if (depth === 0) return true;
        for (const name of foldersIn(folder)) {
          if (left-- <= 0) break;
          collect(`${folder}/${name}`, depth - 1);
        }
        return true;
      };
      return collect(root + path, deepest) ? pids : undefined;
    },
    usage: (path) => groupUsage(mount, root, path),
    watch: (path, changed) => watchGroup(folders, root, path, changed),
  };
}

function numbersIn(file: string): readonly number[] | undefined {
  try {
    return readFileSync(file, 'latin1').split('\n').filter(Boolean).map(Number);
  } catch {
    // Gone in between: ENOENT, or ENODEV for a group that is being removed.
    return undefined;
  }
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

/**
 * The kernel tells changes of `cgroup.events` to who watches that file (cgroups(7), "cgroup.events"; version 1 has none);
 * but a watch on something in a removed group stays silent for ever. The folder above tells of removal and of creation,
 * in version 1 too. As a template's slice goes with its last unit, every folder on the way is watched for the next one,
 * and what is below is watched anew when that changes.
 */
function watchGroup(folders: FolderWatches, root: string, path: string, changed: () => void): () => void {
  const names = path.split('/').filter((name) => name !== '');
  const stops: ((() => void) | undefined)[] = [];
  let stopped = false;

  function renewFrom(level: number): void {
    for (const stop of stops.splice(level)) stop?.();
    for (const [at, awaited] of names.entries()) {
      if (at < level) continue;
      stops[at] = folders.watch([root, ...names.slice(0, at)].join('/'), awaited, () => {
        if (stopped) return;
        renewFrom(at + 1);
        changed();
      });
    }
    stops[names.length] = watchFile([root, ...names, 'cgroup.events'].join('/'), changed);
  }

  renewFrom(0);
  return () => {
    stopped = true;
    for (const stop of stops) stop?.();
  };
}

function watchFile(path: string, changed: () => void): (() => void) | undefined {
  try {
    const watcher = watch(path, { persistent: false }, () => changed());
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return undefined;
  }
}
