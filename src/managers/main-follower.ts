import type { Host } from '../host/host.ts';
import type { ProcessIdentity } from '../model/manager.ts';

/** Tells followers of the death of the main process, for managers that have no events of their own. */
export interface MainFollower {
  /** To be told of every report's main process. */
  note(main: ProcessIdentity | undefined): void;
  /** `also` starts whatever else tells of changes and returns the way to stop it. */
  follow(changed: () => void, also?: (changed: () => void) => () => void): () => void;
  close(): void;
}

/** Watches nothing until somebody follows. */
export function mainFollower(host: Host): MainFollower {
  const followers = new Map<() => void, () => void>();
  let main: ProcessIdentity | undefined;
  let watched: { readonly identity: ProcessIdentity; readonly stop: () => void } | undefined;

  function tell(): void {
    for (const follower of followers.keys()) follower();
  }

  function rewatch(): void {
    const wanted = followers.size === 0 ? undefined : main;
    const current = watched?.identity;
    if (wanted?.pid === current?.pid && wanted?.start === current?.start) return;
    watched?.stop();
    watched = wanted === undefined ? undefined : { identity: wanted, stop: host.deaths.watch(wanted, tell) };
  }

  return {
    note(next) {
      main = next;
      rewatch();
    },
    follow(changed, also) {
      // One wrapper per call: the same callback may follow twice, and each way to stop ends its own.
      const follower = () => changed();
      followers.set(follower, also?.(follower) ?? (() => {}));
      rewatch();
      return () => {
        followers.get(follower)?.();
        followers.delete(follower);
        rewatch();
      };
    },
    close() {
      for (const stop of followers.values()) stop();
      followers.clear();
      rewatch();
    },
  };
}
