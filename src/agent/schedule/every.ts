import type { Clock, Timer } from '../../host/clock.ts';

/** Calls back again and again, `ms` after the last call has ended; returns the way to stop. A call that fails is told. */
export function every(
  clock: Clock,
  ms: number,
  run: () => void | Promise<void>,
  onBug: (error: unknown) => void,
): () => void {
  let timer: Timer;
  let stopped = false;
  const next = (): void => {
    if (!stopped) timer = clock.after(ms, () => void turn());
  };
  const turn = async (): Promise<void> => {
    try {
      await run();
    } catch (error) {
      onBug(error);
    }
    next();
  };
  next();
  return () => {
    stopped = true;
    timer.cancel();
  };
}
