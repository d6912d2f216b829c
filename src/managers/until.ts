import type { Clock } from '../host/clock.ts';
import { pause } from '../host/time/pause.ts';

export interface Patience {
  /** Milliseconds after which it is given up. */
  readonly within: number;
  /** Milliseconds between two looks. */
  readonly every: number;
  readonly signal?: AbortSignal | undefined;
}

/** Looks again and again until something is found; undefined once the time is up or the signal aborted. Looks at least once. */
export async function until<T>(
  clock: Clock,
  patience: Patience,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T | undefined> {
  const end = clock.monotonic() + patience.within;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    const left = end - clock.monotonic();
    if (left <= 0 || patience.signal?.aborted === true) return undefined;
    await pause(clock, Math.min(patience.every, left), patience.signal);
  }
}
