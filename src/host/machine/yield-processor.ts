import { type Koffi, loadedKoffi } from '../packages/load-koffi.ts';

let call: { readonly of: Koffi; readonly yield: () => number } | undefined;

/**
 * Lets others go first who wait for this processor, sched_yield(2): one system call, and no wait where nobody does. Nothing happens
 * where koffi is not loaded.
 */
export function yieldProcessor(): void {
  const koffi = loadedKoffi();
  if (koffi === undefined || process.platform !== 'linux') return;
  if (call?.of !== koffi) call = { of: koffi, yield: koffi.load(null).func('int sched_yield()') };
  call.yield();
}
