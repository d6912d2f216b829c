import type { ProcessIdentity } from '../../model/manager.ts';
import type { Deaths } from '../deaths.ts';
import { openFilesLimit } from '../proc/open-files-limit.ts';
import { processKey } from '../processes/alive.ts';
import type { Processes } from '../processes.ts';
import type { PidfdLibrary } from './pidfd-library.ts';

/** One process that somebody waits for: one descriptor, however many wait. */
interface Waited {
  readonly listeners: Map<symbol, () => void>;
  close(): void;
}

/** So much of what the watcher may have open; the files of `stat-files` get another eighth. The other half is for its work. */
const SHARE = 3 / 8;

/**
 * Told by the kernel. libuv waits for the descriptors together with everything else it waits for: no thread, nothing
 * to do while nothing dies. What the kernel cannot take (out of descriptors, a thread's number) is polled, and so is what
 * is beyond our share of descriptors: a watcher without any can neither check nor repair.
 */
export function createPidfdDeaths(
  library: PidfdLibrary,
  processes: Pick<Processes, 'alive'>,
  poll: Deaths,
  limit: () => number = openFilesLimit,
): Deaths {
  const waited = new Map<string, Waited>();
  /** Starts of those by their numbers: every turn of every check asks, and a text for each would have to be made first. */
  const starts = new Map<number, number>();
  let most: number | undefined;

  const forget = ({ pid, start }: ProcessIdentity, key: string): void => {
    waited.delete(key);
    if (starts.get(pid) === start) starts.delete(pid);
  };

  const open = (identity: ProcessIdentity, key: string): Waited | 'gone' | 'poll' => {
    most ??= Math.floor(limit() * SHARE);
    if (waited.size >= most) return 'poll';
    const descriptor = library.open(identity.pid);
    if (descriptor === 'ESRCH') return 'gone';
    if (typeof descriptor !== 'number') return 'poll';
    const listeners = new Map<symbol, () => void>();
    let told = false;
    const handle = library.whenReadable(descriptor, () => {
      // Until it is closed libuv may say it again: where a thousand die at once, in the same turn.
      if (told) return;
      told = true;
      forget(identity, key);
      // In this turn of the event loop, and after the signals that came with it, which libuv tells of last: whoever ends everything, when the
      // host goes down, ends us too, and nothing is to be repaired then.
      setImmediate(() => {
        try {
          for (const gone of [...listeners.values()]) gone();
        } finally {
          // Also after a mistake: libuv would say it again in every turn.
          handle?.close();
        }
      });
    });
    if (handle === undefined) return 'poll';
    // From here on the descriptor stands for one process for good; but was it still ours, or already a successor?
    if (!processes.alive(identity)) {
      handle.close();
      return 'gone';
    }
    const entry = { listeners, close: () => handle.close() };
    waited.set(key, entry);
    starts.set(identity.pid, identity.start);
    return entry;
  };

  return {
    mechanism: 'pidfd',
    watch(identity, gone) {
      const key = processKey(identity);
      const found = waited.get(key) ?? open(identity, key);
      if (found === 'poll') return poll.watch(identity, gone);
      if (found === 'gone') return soon(gone);
      const listener = Symbol(key);
      found.listeners.set(listener, gone);
      return () => {
        found.listeners.delete(listener);
        if (found.listeners.size === 0 && waited.get(key) === found) {
          forget(identity, key);
          found.close();
        }
      };
    },
    surelyAlive: ({ pid, start }) => starts.get(pid) === start,
    close() {
      for (const { close } of waited.values()) close();
      waited.clear();
      starts.clear();
      poll.close();
    },
  };
}

/** Calls back in a moment, so that nobody is called before `watch` has returned; stoppable until then. */
export function soon(run: () => void): () => void {
  let wanted = true;
  queueMicrotask(() => {
    if (wanted) run();
  });
  return () => {
    wanted = false;
  };
}
