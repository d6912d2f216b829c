import type { ProcessIdentity } from '../../model/manager.ts';
import type { ProcessEntry } from '../processes.ts';

/**
 * Whether it lives. `Z` has ended and waits for its parent, `X` is on its way out: proc_pid_stat(5). A leader whose other
 * threads still run is shown as a zombie too, but its process lives.
 */
export function isAlive({ state, threads }: Pick<ProcessEntry, 'state' | 'threads'>): boolean {
  if (state === 'Z') return threads > 1;
  return state !== 'X' && state !== 'x';
}

/** Whether both are the same process, not only the same number. */
export function isSameProcess(a: ProcessIdentity, b: ProcessIdentity | undefined): boolean {
  return b !== undefined && a.pid === b.pid && a.start === b.start;
}

/** One text for each process there ever is, for maps. */
export function processKey({ pid, start }: ProcessIdentity): string {
  return `${pid}:${start}`;
}
