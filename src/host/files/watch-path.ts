import { type FSWatcher, unwatchFile, watch, watchFile } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

/** Several events of one change (write, rename, chmod) become one call. */
const SETTLE_MS = 20;
/** Where the kernel's watches are used up (fs.inotify.max_user_watches), the path is looked at this often instead. */
const POLL_MS = 2000;

/**
 * Calls back after changes of the path or directly below it. Watches its folder as well, because editors and package
 * managers replace a file by renaming another one over it; of a path that is not there yet, the nearest folder that is.
 */
export function watchPath(path: string, changed: () => void): () => void {
  const target = resolve(path);
  const watchers: FSWatcher[] = [];
  let timer: NodeJS.Timeout | undefined;
  let polling = false;
  let stopped = false;

  const notice = () => {
    if (stopped || timer) return;
    timer = setTimeout(() => {
      timer = undefined;
      // The folder itself may be a new one now: the old watch would stay with the old one.
      arm();
      changed();
    }, SETTLE_MS);
    timer.unref();
  };
  const poll = () => {
    if (polling) return;
    polling = true;
    watchFile(target, { interval: POLL_MS, persistent: false }, notice);
  };
  const add = (
    folder: string,
    concerns: (name: string | null) => boolean,
  ): 'watched' | 'missing' | 'refused' => {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        if (concerns(name)) notice();
      });
      watcher.on('error', poll);
      watchers.push(watcher);
      return 'watched';
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'refused';
    }
  };
  const arm = () => {
    for (const watcher of watchers.splice(0)) watcher.close();
    if (stopped) return;
    if (add(target, () => true) === 'refused') poll();
    let child = target;
    for (let folder = dirname(target); ; folder = dirname(folder)) {
      const awaited = basename(child);
      const outcome = add(folder, (name) => name === null || name === awaited);
      if (outcome === 'refused') poll();
      if (outcome !== 'missing' || folder === dirname(folder)) break;
      child = folder;
    }
  };

  arm();
  return () => {
    stopped = true;
    clearTimeout(timer);
    if (polling) unwatchFile(target, notice);
    for (const watcher of watchers.splice(0)) watcher.close();
  };
}
