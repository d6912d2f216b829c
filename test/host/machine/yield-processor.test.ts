import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { yieldProcessor } from '../../../src/host/machine/yield-processor.ts';
import { loadKoffi } from '../../../src/host/packages/load-koffi.ts';
import { until } from '../until.ts';

/** How often another program was put on the processor of this thread although it could have gone on: proc_pid_status(5). */
const displaced = () =>
  Number(/nonvoluntary_ctxt_switches:\s+(\d+)/.exec(readFileSync('/proc/thread-self/status', 'utf8'))?.[1]);

/** The first processor that a mask of sched_setaffinity(2) names, and the mask of it alone. */
function firstOf(mask: Buffer): { readonly processor: number; readonly alone: Buffer } {
  const byte = mask.findIndex((value) => value !== 0);
  const bits = mask[byte] ?? 0;
  const alone = Buffer.alloc(mask.length);
  alone[byte] = bits & -bits;
  return { processor: byte * 8 + Math.log2(bits & -bits), alone };
}

it.runIf(process.platform === 'linux')(
  'lets a program go first that waits for the same processor',
  async () => {
    // Nothing happens before the package is there.
    yieldProcessor();
    const c = (await loadKoffi())?.load(null);
    expect(c).toBeDefined();
    const set = c?.func('int sched_setaffinity(int thread, size_t bytes, const void *mask)');
    const get = c?.func('int sched_getaffinity(int thread, size_t bytes, _Out_ void *mask)');
    const before = Buffer.alloc(128);
    expect(get?.(0, before.length, before)).toBe(0);
    const { processor, alone } = firstOf(before);
    const script = 'while :; do :; done';
    const busy = spawn('taskset', ['-c', String(processor), 'sh', '-c', script], { stdio: 'ignore' });
    const stat = () => readFileSync(`/proc/${busy.pid}/stat`, 'latin1');
    try {
      // It is the shell, and has had some hundredths of a second: proc_pid_stat(5).
      await until(() => stat().includes('(sh)') && Number(stat().split(' ')[13]) > 5);
      expect(set?.(0, alone.length, alone)).toBe(0);
      yieldProcessor();
      const from = displaced();
      // Without a yield in them twenty calls take a hundredth of the time that one of two programs has at a stretch.
      for (let time = 0; time < 20; time += 1) yieldProcessor();
      expect(displaced() - from).toBeGreaterThan(0);
    } finally {
      set?.(0, before.length, before);
      busy.kill('SIGKILL');
    }
  },
);
