import type { Summary } from '../../control/api.ts';
import type { Clock, Timer } from '../../host/clock.ts';
import { monotonicMicroseconds, type NotifySocket } from '../../host/notify-socket.ts';
import { unitStatus } from './unit-status.ts';

/** Tells systemd how the agent is (sd_notify(3)), where systemd started it and asked to be told. */
export interface UnitNotice {
  /** The rules are in force and the socket answers: from now on the status is told and the watchdog fed. */
  ready(unit: WatchedUnit): void;
  reloading(): void;
  /** The end of a reload, whether the new rules came into force or not. */
  reloaded(): void;
  stopping(): void;
  /** A status of its own, for an agent that does not come up. */
  say(status: string): void;
}

/** What is told about, and what the watchdog is fed for. */
export interface WatchedUnit {
  readonly summary: () => Summary;
  /** Calls back at changes worth a look at the summary; returns the way to stop. */
  readonly follow: (changed: () => void) => () => void;
  /** Milliseconds by which the scheduler is behind its own next turn. */
  readonly behind: () => number;
}

/** Events come in bursts: one status for all of what happens within so many milliseconds. */
const GATHER = 250;
/** What no event tells of shows after so many milliseconds at the latest; sooner while first checks have yet to come. */
const LOOK_AGAIN = 10_000;
const LOOK_SOON = 1000;
/** A scheduler that is so many milliseconds behind at first may catch up at once, as after a stall; it is looked at again. */
const LOOK_AFTER_DOUBT = 500;
/** systemd passes on no more of a status than this (STATUS_TEXT_MAX in its source). */
const LONGEST_STATUS = 500;

/** Says nothing before it is called; `onDoubt` hears once when the watchdog is no longer fed. Protocol: sd_notify(3). */
export function createUnitNotice(parts: {
  readonly socket: NotifySocket;
  readonly clock: Clock;
  readonly onDoubt: (text: string) => void;
}): UnitNotice {
  const { socket, clock } = parts;
  let unit: WatchedUnit | undefined;
  let told = '';
  let gathering: Timer | undefined;
  let lookAgain: Timer | undefined;
  let feeding: Timer | undefined;
  let doubted = false;
  let unfollow = (): void => {};

  function send(...assignments: readonly string[]): void {
    // Nobody to tell of a failure: systemd ends an agent that it does not hear from.
    void socket.send(...assignments);
  }

  /** The status where it is another one than was told; and when to look next. */
  function statusNow(): readonly string[] {
    lookAgain?.cancel();
    if (unit === undefined) return [];
    const summary = unit.summary();
    const begins = summary.services.some(({ state }) => state === 'pending');
    lookAgain = clock.after(begins ? LOOK_SOON : LOOK_AGAIN, tellStatus);
    const status = cut(unitStatus(summary));
    if (status === told) return [];
    told = status;
    return [`STATUS=${status}`];
  }

  function tellStatus(): void {
    gathering = undefined;
    const status = statusNow();
    if (status.length > 0) send(...status);
  }

  function feed(interval: number): void {
    const behind = unit?.behind() ?? 0;
    const stuck = behind > interval;
    if (!stuck) send('WATCHDOG=1');
    else if (!doubted) {
      parts.onDoubt(
        `the scheduler is ${Math.round(behind / 1000)} s behind: systemd is not told that all is well, and ends this agent when it lasts`,
      );
    }
    doubted = stuck;
    feeding = clock.after(stuck ? LOOK_AFTER_DOUBT : interval, () => feed(interval));
  }

  return {
    ready(watched) {
      unit = watched;
      unfollow = watched.follow(() => {
        gathering ??= clock.after(GATHER, tellStatus);
      });
      send('READY=1', ...statusNow());
      // Half of what systemd allows: sd_watchdog_enabled(3).
      if (socket.watchdogMs !== undefined) feed(socket.watchdogMs / 2);
    },
    reloading: () => send('RELOADING=1', `MONOTONIC_USEC=${monotonicMicroseconds()}`),
    reloaded: () => send('READY=1', ...statusNow()),
    stopping() {
      unfollow();
      for (const timer of [gathering, lookAgain, feeding]) timer?.cancel();
      send('STOPPING=1');
    },
    say(status) {
      told = cut(status);
      send(`STATUS=${told}`);
    },
  };
}

/** A line break would end the assignment. */
function cut(status: string): string {
  return status.replace(/\s+/g, ' ').slice(0, LONGEST_STATUS);
}
