import type { Host } from '../../host/host.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { OperationResult, ProcessIdentity } from '../../model/manager.ts';
import { done, failed } from '../outcome.ts';

/** A process gets this long to vanish after SIGKILL; only one that hangs in the kernel needs more. */
const killWithin = 5_000;

/** SIGTERM, and SIGKILL after `patience`; a number that meanwhile belongs to another process is never signalled. */
export async function endProcess(
  { clock, deaths, processes }: Host,
  main: ProcessIdentity,
  patience: number,
  began: number,
  signal: AbortSignal | undefined,
): Promise<OperationResult> {
  const asked = processes.signal(main, 'TERM');
  if (!asked.ok && asked.code !== 'ESRCH') {
    return failed(`cannot signal pid ${main.pid}: ${asked.reason}`, began, clock.monotonic());
  }
  if (await gone(deaths, clock, main, patience, signal)) {
    return done(`stopped, pid ${main.pid} ended after SIGTERM`, began, clock.monotonic());
  }
  if (signal?.aborted === true) return failed('given up while it was stopping', began, clock.monotonic());
  processes.signal(main, 'KILL');
  const waited = formatDuration(patience);
  return (await gone(deaths, clock, main, killWithin, signal))
    ? done(`stopped: pid ${main.pid} ignored SIGTERM for ${waited} and was killed`, began, clock.monotonic())
    : failed(
        `pid ${main.pid} ignored SIGTERM for ${waited} and did not end after SIGKILL; it hangs in the kernel (see /proc/${main.pid}/stack)`,
        began,
        clock.monotonic(),
      );
}

/** Whether the process ended in time. */
export function gone(
  deaths: Host['deaths'],
  clock: Host['clock'],
  identity: ProcessIdentity,
  within: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (ended: boolean) => {
      timer.cancel();
      unwatch();
      signal?.removeEventListener('abort', abort);
      resolve(ended);
    };
    const abort = () => settle(false);
    const timer = clock.after(within, () => settle(false), { hold: true });
    // The callback may come before `watch` has returned its way to stop.
    let ended = false;
    let unwatch = () => {};
    const stop = deaths.watch(identity, () => {
      ended = true;
      settle(true);
    });
    unwatch = stop;
    if (ended) stop();
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted === true) abort();
  });
}
