import type { Deaths } from '../host/deaths.ts';
import type { ProcessIdentity } from '../model/manager.ts';

/** Watches the main process of each service, so that its death is known at once and not at the next turn. */
export interface DeathWatch {
  /** This is the main process now; nothing: it has none. */
  follow(service: string, main: ProcessIdentity | undefined): void;
  watched(): readonly string[];
  close(): void;
}

export function createDeathWatch(deaths: Deaths, died: (service: string) => void): DeathWatch {
  const watched = new Map<string, { readonly identity: ProcessIdentity; readonly stop: () => void }>();

  function unfollow(service: string): void {
    watched.get(service)?.stop();
    watched.delete(service);
  }

  return {
    follow(service, main) {
      const current = watched.get(service)?.identity;
      if (current?.pid === main?.pid && current?.start === main?.start) return;
      unfollow(service);
      if (main === undefined) return;
      const stop = deaths.watch(main, () => {
        if (watched.get(service)?.identity !== main) return;
        watched.delete(service);
        died(service);
      });
      watched.set(service, { identity: main, stop });
    },
    watched: () => [...watched.keys()],
    close() {
      for (const service of [...watched.keys()]) unfollow(service);
    },
  };
}
