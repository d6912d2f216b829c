import type { Timer } from '../host/clock.ts';
import type { Host } from '../host/host.ts';
import type { ManagerReport, ProcessIdentity } from '../model/manager.ts';
import { mainsOf } from './together.ts';

/** Tells followers when a main process of the last report dies, for managers that have no events of their own. */
export interface MainFollower {
  /**
   * To be told of every report's main process, or processes; where a keen look goes by that, with what it says of the service and
   * whether all its members run: one that is stopped may be started.
   */
  note(
    main: ProcessIdentity | readonly ProcessIdentity[] | undefined,
    activity?: ManagerReport['activity'],
    isWhole?: boolean,
  ): void;
  /** `also` starts whatever else tells of changes and returns the way to stop it. */
  follow(changed: () => void, also?: (changed: () => void) => () => void): () => void;
  close(): void;
}

/** For managers that tell nobody of a start or of giving up: asked so often while a process is missing. */
export interface KeenLook {
  /** Milliseconds. */
  readonly every: number;
  report(): Promise<ManagerReport>;
}

interface Watched {
  heard: boolean;
  alive(): boolean;
  stop: () => void;
}

/** Watches nothing until somebody follows. */
export function mainFollower(host: Host, keen?: KeenLook): MainFollower {
  const followers = new Map<() => void, () => void>();
  let mains: readonly ProcessIdentity[] = [];
  const watched = new Map<string, Watched>();
  let timer: Timer | undefined;
  let last: ManagerReport['activity'] | undefined;
  let whole = true;

  function tell(): void {
    for (const follower of followers.keys()) follower();
  }

  function rewatch(): void {
    const wanted = new Map(
      followers.size === 0 ? [] : mains.map((main) => [`${main.pid}:${main.start}`, main]),
    );
    let unheard = false;
    for (const [key, one] of watched) {
      if (wanted.has(key)) continue;
      watched.delete(key);
      one.stop();
      unheard ||= !one.heard && !one.alive();
    }
    for (const [key, main] of wanted) if (!watched.has(key)) watched.set(key, watchOne(main));
    // Whoever asked for a report may have found the death before it was told here: it is news for the others.
    if (unheard) tell();
  }

  function watchOne(main: ProcessIdentity): Watched {
    const one: Watched = { heard: false, alive: () => host.processes.alive(main), stop: () => {} };
    one.stop = host.deaths.watch(main, () => {
      one.heard = true;
      tell();
    });
    return one;
  }

  /** Whether all that could run does: then only a death can change it. */
  function isComplete(): boolean {
    return mains.length > 0 && whole && last !== 'failed' && last !== 'restarting';
  }

  function lookAgainLater(): void {
    if (keen === undefined || isComplete() || followers.size === 0) {
      timer?.cancel();
      timer = undefined;
      return;
    }
    timer ??= host.clock.after(keen.every, () => {
      const before = last;
      const count = mains.length;
      // While this is set the report's own note begins no other wait.
      void keen.report().then((report) => {
        timer = undefined;
        if (mainsOf(report).length !== count || report.activity !== before) tell();
        lookAgainLater();
      });
    });
  }

  return {
    note(next, activity, isWhole = true) {
      mains = next === undefined ? [] : 'pid' in next ? [next] : next;
      last = activity;
      whole = isWhole;
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
