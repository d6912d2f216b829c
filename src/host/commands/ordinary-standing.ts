import { readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Read once: systemd sets it before the program begins. */
let own: number | undefined;

/**
 * A child inherits that the watcher is the last to be killed when memory runs out (OOMScoreAdjust= of its unit) and runs
 * before others (Nice=). Neither is meant for a service it starts, so both are taken back: proc(5), oom_score_adj.
 */
export function giveOrdinaryStanding(pid: number): void {
  if (process.platform !== 'linux') return;
  try {
    own ??= Number(readFileSync('/proc/self/oom_score_adj', 'latin1'));
    if (own < 0) writeFileSync(`/proc/${pid}/oom_score_adj`, '0');
    if (own < 0) setPriority(pid, 0);
  } catch {
    // It has ended already, or runs as another user by now: nothing is left to take back, or nobody may.
  }
}
