import type { Timer } from '../host/clock.ts';
import type { Host } from '../host/host.ts';
import type { ManagerReport, ProcessIdentity } from '../model/manager.ts';

/** Tells followers when the main process of the last report dies, for managers that have no events of their own. */
export interface MainFollower {
  /** To be told of every report's main process; with what it says of the service where a keen look goes by that. */
  note(main: ProcessIdentity | undefined, activity?: ManagerReport['activity']): void;
  /** `also` starts whatever else tells of changes and returns the way to stop it. */
  follow(changed: () => void, also?: (changed: () => void) => () => void): () => void;
  close(): void;
}

/** For managers that tell nobody of a start or of giving up: asked so often while there is no process. */
export interface KeenLook {
  /** Milliseconds. */
  readonly every: number;
  report(): Promise<ManagerReport>;
}

/** Watches nothing until somebody follows. */
export function mainFollower(host: Host, keen?: KeenLook): MainFollower {
  const followers = new Map<() => void, () => void>();
  let main: ProcessIdentity | undefined;
  let watched: { readonly identity: ProcessIdentity; readonly stop: () => void } | undefined;
  let timer: Timer | undefined;
  let last: ManagerReport['activity'] | undefined;

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

  function lookAgainLater(): void {
    if (keen === undefined || main !== undefined || followers.size === 0) {
      timer?.cancel();
      timer = undefined;
      return;
    }
    timer ??= host.clock.after(keen.every, () => {
      const before = last;
      // While this is set the report's own note begins no other wait.
      void keen.report().then((report) => {
        timer = undefined;
        if (report.main !== undefined || report.activity !== before) tell();
        lookAgainLater();
      });
    });
  }

  return {
    note(next, activity) {
      main = next;
      last = activity;
      rewatch();
      lookAgainLater();
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
        lookAgainLater();
      };
    },
    close() {
      for (const stop of followers.values()) stop();
      followers.clear();
      rewatch();
      lookAgainLater();
    },
  };
}
