import type { Clock } from '../host/clock.ts';

/** Waits between two looks of one probe; ends at once when the probe is called off. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      timer.cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.after(ms, end, { hold: true });
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
