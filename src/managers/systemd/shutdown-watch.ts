import type { BusMessage } from '../../host/dbus.ts';
import { type KeptBus, managerInterface, managerPath, systemdName } from './kept-bus.ts';

/**
 * Whether the host goes down, as far as systemd has told over the connection over which it tells of its units, in the order in which
 * it tells: who heard of the end of a unit that way need not ask about the host as well.
 */
export interface ShutdownWatch {
  /** Whether the host surely goes on. */
  isAway(): boolean;
  /** Asks, unless it is known or being asked; nobody waits for the answer. */
  learn(): void;
}

const answerWithin = 5_000;
/** States of a machine that has booted and goes on; before that they say nothing of a shutdown (systemctl(1), "is-system-running"). */
const goesOn: ReadonlySet<unknown> = new Set(['running', 'degraded']);
/** Its job is what makes systemd call itself `stopping` (manager_state() of its source), before anything is stopped. */
const target = 'shutdown.target';

/** Nothing is known, and nothing listened to, before `learn`. Ends with the bus. */
export function createShutdownWatch(bus: KeptBus): ShutdownWatch {
  let listens = false;
  /** An answer has said so, and nothing was told since. */
  let away = false;
  /** Counts what was told. */
  let tellings = 0;
  let asking = false;

  function hear(event: BusMessage | 'lost'): void {
    // JobNew carries the number of the job, its object and its unit (org.freedesktop.systemd1(5)).
    const concerns = event === 'lost' || (event.member === 'JobNew' && event.body()[2] === target);
    if (!concerns) return;
    away = false;
    tellings += 1;
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
    if (before === tellings) away = reply.ok && goesOn.has(reply.body[0]);
  }

  return {
    isAway: () => away,
    learn() {
      if (!listens) bus.listen(hear);
      listens = true;
      if (away || asking || !bus.connected()) return;
      asking = true;
      void ask().finally(() => {
        asking = false;
      });
    },
  };
}
