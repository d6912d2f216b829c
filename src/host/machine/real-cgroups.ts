import { existsSync, type FSWatcher, readdirSync, readFileSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Cgroups } from '../cgroups.ts';
import { groupUsage } from './cgroup-usage.ts';

/** Bounds for a tree somebody else built. */
const deepest = 8;
const mostGroups = 2_000;

/**
 * Control groups below `mount` (cgroups(7)): the unified hierarchy is `/sys/fs/cgroup` itself, or `unified` in it where
 * the old controllers are mounted beside it. Undefined where there is no unified hierarchy.
 */
export function createRealCgroups(mount = '/sys/fs/cgroup'): Cgroups | undefined {
  const root = [mount, `${mount}/unified`].find((path) => existsSync(`${path}/cgroup.procs`));
  if (root === undefined) return undefined;
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
    watch: (path, changed) => watchGroup(root + path, changed),
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
 * The kernel tells changes of `cgroup.events` to who watches that file (cgroups(7), "cgroup.events"); but a watch on a
 * removed group stays silent for ever. The folder above tells of removal and of creation, and then the watch is renewed.
 */
function watchGroup(folder: string, changed: () => void): () => void {
  let events: FSWatcher | undefined;
  let above: FSWatcher | undefined;
  let stopped = false;

  function renewEvents(): void {
    events?.close();
    events = tryWatch(`${folder}/cgroup.events`, () => changed());
  }

  /** The folder above (a slice) may itself not exist yet: then the next one that does is watched for it. */
  function renewAbove(): void {
    above?.close();
    above = undefined;
    let child = folder;
    for (let parent = dirname(folder); above === undefined && parent !== child; parent = dirname(parent)) {
      const awaited = basename(child);
      const nearest = parent === dirname(folder);
      above = tryWatch(parent, (name) => {
        if (stopped || (name !== null && name !== awaited)) return;
        if (!nearest) renewAbove();
        renewEvents();
        changed();
      });
      child = parent;
    }
  }

  renewAbove();
  renewEvents();
  return () => {
    stopped = true;
    events?.close();
    above?.close();
  };
}

function tryWatch(path: string, heard: (name: string | null) => void): FSWatcher | undefined {
  try {
    const watcher = watch(path, { persistent: false }, (_, name) => heard(name));
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
