import { type FSWatcher, statSync, watch } from 'node:fs';

/** Watches on folders: one of the kernel's for all who wait for something in the same folder. */
export interface FolderWatches {
  /**
   * Calls back when something of this name comes, goes or changes in the folder; also, where the kernel does not say what did, when
   * anything does. Returns the way to stop; undefined where the folder cannot be watched. On a folder that is gone it stays silent.
   */
  watch(folder: string, name: string, heard: () => void): (() => void) | undefined;
}

interface Watched {
  readonly watcher: FSWatcher;
  /** Numbers of its inode and of its birth: file systems give the first to others. */
  readonly identity: string;
  readonly waiting: Map<string, Set<() => void>>;
}

/** Nothing is watched yet; a folder is for as long as somebody waits. Does not keep the program from ending. */
export function createFolderWatches(): FolderWatches {
  const open = new Map<string, Watched>();

  function begin(folder: string, identity: string): Watched {
    const waiting: Watched['waiting'] = new Map();
    const watcher = watch(folder, { persistent: false }, (_, name) => {
      const concerned =
        name === null ? [...waiting.values()].flatMap((ones) => [...ones]) : waiting.get(name);
      for (const heard of [...(concerned ?? [])]) heard();
    });
    const begun = { watcher, identity, waiting };
    watcher.on('error', () => end(folder, begun));
    open.set(folder, begun);
    return begun;
  }

  function end(folder: string, watched: Watched): void {
    watched.watcher.close();
    if (open.get(folder) === watched) open.delete(folder);
  }

  /** One of before is not of the folder that has this name now. */
  function watchedOf(folder: string): Watched | undefined {
    try {
      const { ino, birthtimeNs } = statSync(folder, { bigint: true });
      const identity = `${ino} ${birthtimeNs}`;
      const known = open.get(folder);
      return known?.identity === identity ? known : begin(folder, identity);
    } catch {
      return undefined;
    }
  }

  return {
    watch(folder, name, heard) {
      const watched = watchedOf(folder);
      if (watched === undefined) return undefined;
      const { waiting } = watched;
      const ones = waiting.get(name) ?? new Set();
      waiting.set(name, ones);
      // Who waits twice is told twice.
      const one = () => heard();
      ones.add(one);
      return () => {
        ones.delete(one);
        if (ones.size === 0 && waiting.get(name) === ones) waiting.delete(name);
        if (waiting.size > 0) return;
        end(folder, watched);
      };
    },
  };
}
