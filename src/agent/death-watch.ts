import type { Deaths } from '../host/deaths.ts';
import { processKey } from '../host/processes/alive.ts';
import type { ProcessIdentity } from '../model/manager.ts';

/** Watches the main processes of each service, so that a death is known at once and not at the next turn. */
export interface DeathWatch {
  /** These are the main processes now: one for each member of a service that has several. */
  follow(service: string, mains: readonly ProcessIdentity[]): void;
  watched(): readonly string[];
  close(): void;
}

/** `died` is called once for each main process that dies, and not for those that are no longer followed. */
export function createDeathWatch(deaths: Deaths, died: (service: string) => void): DeathWatch {
  /** For each service the way to stop watching each of its processes. */
  const watched = new Map<string, Map<string, () => void>>();

  function watch(service: string, main: ProcessIdentity): void {
    const key = processKey(main);
    const ours = watched.get(service) ?? new Map<string, () => void>();
    watched.set(service, ours);
    if (ours.has(key)) return;
    const stop = deaths.watch(main, () => {
      if (!ours.delete(key) || watched.get(service) !== ours) return;
      if (ours.size === 0) watched.delete(service);
      died(service);
    });
    ours.set(key, stop);
  }

  function follow(service: string, mains: readonly ProcessIdentity[]): void {
    const wanted = new Set(mains.map(processKey));
    const ours = watched.get(service);
    for (const [key, stop] of ours ?? []) {
      if (wanted.has(key)) continue;
      ours?.delete(key);
      stop();
    }
    if (wanted.size === 0) watched.delete(service);
    for (const main of mains) watch(service, main);
  }

  return {
    follow,
    watched: () => [...watched.keys()],
    close() {
      for (const service of [...watched.keys()]) follow(service, []);
    },
  };
}
