import type { Clock } from '../host/clock.ts';
import type { Event } from '../model/event.ts';
import type { Cleanup } from './cleanup.ts';
import type { Rig } from './rig.ts';
import { every } from './schedule/every.ts';

/**
 * What passing checks alone change is saved a little every so many milliseconds, so that each service has its turn within
 * so many turns: thousands of services must neither stop the agent for a moment nor wear out the disk.
 */
const SAVE_EVERY = 2000;
const SAVE_TURNS = 300;
/** Milliseconds between two looks at whether the file has grown too long, or a full disk has room again. */
const TEND_EVERY = 5000;

/** Saves what may wait, tends the file, and tells when the state cannot be saved and when it can be again. */
export function tendStore(
  running: Rig,
  parts: {
    readonly clock: Clock;
    readonly cleanup: Cleanup;
    readonly stopping: () => boolean;
    readonly onBug: (error: unknown, about: string) => void;
  },
): void {
  const { clock, cleanup } = parts;
  const { core, memory } = running;
  const { store } = memory;

  function sayHealth(): void {
    const health = store.health();
    const event: Pick<Event, 'type' | 'text'> = health.durable
      ? { type: 'state-saved', text: 'the state is saved again' }
      : {
          type: 'state-not-saved',
          text: `the state cannot be saved (${health.reason}); the agent goes on from memory and tries again`,
        };
    running.publish([{ at: clock.instant().wall, service: '', ...event }]);
    tellSaving();
  }

  function tellSaving(): void {
    const health = store.health();
    // Not from within the saving that found it out.
    setImmediate(() => {
      if (!parts.stopping())
        running.tell({ type: 'saving', ...(!health.durable && { trouble: health.reason }) });
    });
  }

  if (store.health().durable) tellSaving();
  else sayHealth();
  store.onHealth(sayHealth);
  const again = (name: string, ms: number, run: () => void): void =>
    cleanup.add(
      name,
      every(clock, ms, run, (error) => parts.onBug(error, 'saving the state')),
    );
  again('tending the store', TEND_EVERY, store.tend);
  again('saving passing checks', SAVE_EVERY, () => core.flush(Math.ceil(core.unsaved / SAVE_TURNS)));
}
