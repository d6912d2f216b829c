import type { Clock } from '../../host/clock.ts';
import type { BusMessage } from '../../host/dbus.ts';
import { type KeptBus, managerInterface, managerPath, systemdName } from './kept-bus.ts';

/**
 * Whether the host goes down, as far as systemd has told over the connection over which it tells of its units, in the order in which
 * it tells: who heard of the end of a unit that way need not ask about the host as well. Only of what a unit's own end brings about
 * (FailureAction=, OnFailure= and the like, systemd.unit(5)) it tells after that end.
 */
export interface ShutdownWatch {
  /** Whether the host surely does not. */
  hostStays(): boolean;
  /** Asks, unless it is known, being asked, or was asked a moment ago; nobody waits for the answer. */
  learn(): void;
}

const answerWithin = 5_000;
/** A machine on its way up or in maintenance stays that for a while, and thousands of units are looked at meanwhile. */
const askAgainAfter = 1_000;
/** States of a machine that has booted and goes on; before that they say nothing of a shutdown (systemctl(1), "is-system-running"). */
const goesOn: ReadonlySet<unknown> = new Set(['running', 'degraded']);
/** Its job is what makes systemd call itself `stopping` (manager_state() of its source), before anything is stopped. */
const target = 'shutdown.target';

/** Nothing is known, and nothing listened to, before `learn`. Ends with the bus. */
export function createShutdownWatch(bus: KeptBus, clock: Clock): ShutdownWatch {
  let listens = false;
  /** An answer has said so, and nothing was told since. */
  let stays = false;
  /** Counts what was told. */
  let tellings = 0;
  let asking = false;
  /** It is worth asking anew, as soon as the answer to what is asked has come. */
  let again = false;
  let askedAt = Number.NEGATIVE_INFINITY;

  function hear(event: BusMessage | 'lost'): void {
    if (event === 'lost' || isShutdown(event)) {
      stays = false;
      tellings += 1;
    }
    const isNews = event === 'lost' ? bus.connected() : isStartupsEnd(event);
    if (isNews) learnAnew();
  }

  function learnAnew(): void {
    again = asking;
    askedAt = Number.NEGATIVE_INFINITY;
    learn();
  }

  function learn(): void {
    if (!listens) bus.listen(hear);
    listens = true;
    if (stays || asking || clock.monotonic() - askedAt < askAgainAfter) return;
    asking = true;
    askedAt = clock.monotonic();
    void ask().finally(() => {
      asking = false;
      if (again) learnAnew();
    });
  }

  async function ask(): Promise<void> {
    const before = tellings;
    const reply = await bus.call(
      {
        destination: systemdName,
        path: managerPath,
        interface: 'org.freedesktop.DBus.Properties',
        member: 'Get',
        signature: 'ss',
        arguments: [managerInterface, 'SystemState'],
      },
      answerWithin,
    );
    // What was told meanwhile may be younger than the answer.
    if (before === tellings) stays = reply.ok && goesOn.has(reply.body[0]);
  }

  return { hostStays: () => stays, learn };
}

/** It is `running` or `degraded` from then on. */
function isStartupsEnd(event: BusMessage): boolean {
  return event.member === 'StartupFinished' && event.path === managerPath;
}

/** JobNew carries the number of the job, its object and its unit (org.freedesktop.systemd1(5)). */
function isShutdown(event: BusMessage): boolean {
  return event.member === 'JobNew' && event.body()[2] === target;
}
