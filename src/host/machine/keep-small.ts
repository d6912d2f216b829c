import { readFileSync } from 'node:fs';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import type { Clock } from '../clock.ts';
import { type Koffi, loadedKoffi } from '../packages/load-koffi.ts';
import { collectGarbage } from './collect-garbage.ts';

/** Milliseconds from the start until what only a start needs has been used for the last time, and until V8 has compiled what is hot. */
const SETTLED = [10_000, 45_000];
/** Bytes. A larger heap is in use and not left over, and collecting it would take noticeably long. */
const SMALL_HEAP = 48 * 1024 * 1024;
/** <sys/mman.h> of Linux. */
const MADV_DONTNEED = 4;

export interface Tidying {
  /** Calls back each time when memory was given back: what is needed soon may be asked for again. */
  onReleased(run: () => void): void;
}

/**
 * Keeps the agent's memory near that of a bare Node; first thing in its life. What it makes lives for one cycle, so
 * V8's nursery need not grow from 1 MB to 48; and once it runs, what the start needed is given back.
 */
export function keepSmall(clock: Clock): Tidying {
  // Read whenever the nursery might grow: unlike its size itself it can be set while the program runs.
  setFlagsFromString('--semi-space-growth-factor=1');
  // Helpers that wake up for a nursery of 1 MB cost more than what they help with: a fifth of all processor time of
  // an agent with 1,000 process checks a second.
  setFlagsFromString('--no-parallel-scavenge');
  const listeners: (() => void)[] = [];
  for (const ms of SETTLED) {
    clock.after(ms, () => {
      releaseMemory();
      for (const run of listeners) run();
    });
  }
  return { onReleased: (run) => void listeners.push(run) };
}

/**
 * Helpers that mark and sweep beside the loop take another sixth of the processor time, to spare a small heap pauses of a few
 * milliseconds. A large one keeps them, or its pauses would grow with it. To be called when no collection is under way.
 */
function collectAlone(): void {
  setFlagsFromString('--no-concurrent-marking');
  setFlagsFromString('--no-concurrent-sweeping');
}

/** Gives back what a start leaves behind: garbage, free pages of malloc, and pages of program files that are not in use now. */
export function releaseMemory(): void {
  if (getHeapStatistics().used_heap_size < SMALL_HEAP) {
    collectGarbage();
    collectAlone();
  }
  const koffi = loadedKoffi();
  if (koffi === undefined || process.platform !== 'linux') return;
  try {
    dropUnused(koffi);
  } catch {
    // Not every C library has both, and it is only about size.
  }
}

/**
 * Program text is read once at the start (compilers, parsers, the snapshot) and stays resident; dropped, the part that is
 * needed comes back from the page cache by itself, madvise(2). Only mappings of files that were never written to.
 */
function dropUnused(koffi: Koffi): void {
  const c = koffi.load(null);
  c.func('int malloc_trim(size_t pad)')(0);
  const madvise = c.func('int madvise(uintptr_t address, size_t length, int advice)');
  for (const { from, to } of untouchedFileMappings(readFileSync('/proc/self/smaps', 'utf8'))) {
    madvise(from, to - from, MADV_DONTNEED);
  }
}

/** Lines of smaps that say how much of a mapping is not as the file has it. */
const OWN_PAGES = ['Anonymous', 'Private_Dirty', 'Swap'];

/** Read-only private mappings of files without one page of our own in them, of /proc/self/smaps, proc_pid_smaps(5). */
export function untouchedFileMappings(
  smaps: string,
): readonly { readonly from: bigint; readonly to: bigint }[] {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((block) => {
    const [, from, to, inode] = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ (\d+) /.exec(block) ?? [];
    if (from === undefined || to === undefined || inode === '0') return [];
    // Pages of our own may be in swap: dropped there, relocated data (RELRO) would come back as the file has it.
    const ownsPages = OWN_PAGES.some((name) => !new RegExp(`^${name}:\\s+0 kB$`, 'm').test(block));
    if (ownsPages) return [];
    return [{ from: BigInt(`0x${from}`), to: BigInt(`0x${to}`) }];
  });
}
