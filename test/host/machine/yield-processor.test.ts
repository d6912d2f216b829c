import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { yieldProcessor } from '../../../src/host/machine/yield-processor.ts';
import { loadKoffi } from '../../../src/host/packages/load-koffi.ts';
import { until } from '../until.ts';

/** How often another program was put on the processor of this thread although this one could have gone on: proc_pid_status(5). */
const displaced = () =>
  Number(/nonvoluntary_ctxt_switches:\s+(\d+)/.exec(readFileSync('/proc/thread-self/status', 'utf8'))?.[1]);

it('lets a program go first that waits for the same processor, and returns at once where none does', async () => {
  yieldProcessor();
  const koffi = await loadKoffi();
  const c = koffi?.load(null);
  const set = c?.func('int sched_setaffinity(int thread, size_t bytes, const void *mask)');
  const get = c?.func('int sched_getaffinity(int thread, size_t bytes, _Out_ void *mask)');
  const before = Buffer.alloc(128);
  expect(get?.(0, before.length, before)).toBe(0);
  const first = Buffer.alloc(128);
  const byte = before.findIndex((value) => value !== 0);
  const bit = (before[byte] ?? 0) & -(before[byte] ?? 0);
  first[byte] = bit;
  const processor = byte * 8 + Math.log2(bit);
  const busy = spawn('taskset', ['-c', String(processor), 'sh', '-c', 'while :; do :; done'], {
    stdio: 'ignore',
  });
  try {
    await until(() => busy.pid !== undefined);
    expect(set?.(0, first.length, first)).toBe(0);
    const from = displaced();
    for (let time = 0; time < 50; time += 1) yieldProcessor();
    expect(displaced() - from).toBeGreaterThan(10);
  } finally {
    set?.(0, before.length, before);
    busy.kill('SIGKILL');
  }
});
