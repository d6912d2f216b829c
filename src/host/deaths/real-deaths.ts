import type { ProcessIdentity } from '../../model/manager.ts';
import type { Clock } from '../clock.ts';
import type { Deaths } from '../deaths.ts';
import type { Processes } from '../processes.ts';
import { createPidfdDeaths } from './pidfd-deaths.ts';
import { loadPidfdLibrary, type PidfdLibrary } from './pidfd-library.ts';
import { createPolledDeaths } from './polled-deaths.ts';

interface Waiting {
  readonly identity: ProcessIdentity;
  readonly gone: () => void;
  stop: () => void;
}

/** The best mechanism of this machine. It is loaded with the first watch; until it is there, watches are polled. */
export function createRealDeaths(
  processes: Pick<Processes, 'alive'>,
  clock: Clock,
  load: () => Promise<PidfdLibrary | undefined> = loadPidfdLibrary,
): Deaths {
  const poll = createPolledDeaths(processes, clock);
  const early = new Set<Waiting>();
  let chosen: Deaths | undefined;
  let loading = false;
  let closed = false;

  const choose = async () => {
    // What cannot be loaded is done without.
    const library = await load().catch(() => undefined);
    // Without it they stay polled, and the next watch asks again: it may only have been out of descriptors.
    loading = false;
    if (closed || library === undefined) return;
    chosen = createPidfdDeaths(library, processes, poll);
    for (const waiting of early) {
      waiting.stop();
      waiting.stop = chosen.watch(waiting.identity, waiting.gone);
    }
    early.clear();
  };

  return {
    get mechanism() {
      return chosen?.mechanism ?? poll.mechanism;
    },
    watch(identity, gone) {
      if (chosen) return chosen.watch(identity, gone);
      const waiting: Waiting = { identity, gone, stop: () => undefined };
      waiting.stop = poll.watch(identity, () => {
        early.delete(waiting);
        gone();
      });
      early.add(waiting);
      if (!loading) {
        loading = true;
        void choose();
      }
      return () => {
        early.delete(waiting);
        waiting.stop();
      };
    },
    surelyAlive: (identity) => chosen?.surelyAlive(identity) === true,
    close() {
      closed = true;
      early.clear();
      chosen?.close();
      poll.close();
    },
  };
}
