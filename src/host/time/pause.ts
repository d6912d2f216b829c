import type { Clock } from '../clock.ts';

/** Resolves after `ms`, or as soon as the signal aborts. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    // Held: a command line program that waits for this must not end in the middle of it.
    const timer = clock.after(ms, done, { hold: true });
    signal?.addEventListener('abort', done, { once: true });
    if (signal?.aborted === true) done();
  });
}
