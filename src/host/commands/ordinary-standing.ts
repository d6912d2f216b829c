import { readFileSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

const OWN_SCORE = '/proc/self/oom_score_adj';

interface Standing {
  /** Below 0: killed after others when memory runs out, proc_pid_oom_score_adj(5). */
  readonly score: number;
  /** Below 0: runs before others, nice(2). */
  readonly nice: number;
}

/** Read once: systemd sets both before the program begins. */
let own: Standing | undefined;

/**
 * Starts a program that does not inherit that the watcher is the last to be killed when memory runs out
 * (OOMScoreAdjust= of its unit). The score is taken back for the moment of the start and not from the child, which may
 * have children of its own by the time one gets there; so `start` must start it before it returns.
 */
export function inOrdinaryStanding<T>(start: () => T): T {
  const { score } = ownStanding();
  if (score >= 0 || !writeScore(0)) return start();
  try {
    return start();
  } finally {
    // Down to what it was set to once anybody may go again (oom_score_adj_min of the kernel), and further with the right to.
    writeScore(score);
  }
}

/** Takes back from a child that it runs before others (Nice= of the unit): for ourselves that might be for good. */
export function giveOrdinaryPriority(pid: number): void {
  if (ownStanding().nice >= 0) return;
  try {
    setPriority(pid, 0);
  } catch {
    // It has ended already, or runs as another user by now: nothing is left to take back, or nobody may.
  }
}

function ownStanding(): Standing {
  own ??= process.platform === 'linux' ? readStanding() : { score: 0, nice: 0 };
  return own;
}

function readStanding(): Standing {
  try {
    return { score: Number(readFileSync(OWN_SCORE, 'latin1')), nice: getPriority() };
  } catch {
    return { score: 0, nice: 0 };
  }
}

function writeScore(score: number): boolean {
  try {
    writeFileSync(OWN_SCORE, String(score));
    return true;
  } catch {
    return false;
  }
}
