import { execFileSync } from 'node:child_process';

/**
 * Starts programs that are nobody's children here: a shell starts them, says their numbers and ends.
 * `command` is shell text; the numbers come back in order.
 */
export function startOrphans(count: number, command = 'sleep 600'): number[] {
  const script = `i=0; while [ $i -lt ${count} ]; do ${command} >/dev/null 2>&1 </dev/null & echo $!; i=$((i+1)); done`;
  const output = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
  return output.trim().split('\n').map(Number);
}

/** Ends what a test has started; those that are gone already do not matter. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    // 0 and 1 stand for everybody: what did not start has no number.
    if (!Number.isInteger(pid) || Math.abs(pid) <= 1) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone already.
    }
  }
}
