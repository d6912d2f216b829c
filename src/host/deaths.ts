import type { ProcessIdentity } from '../model/manager.ts';

/** Tells of the death of processes that are not our children, within a millisecond where the kernel helps. */
export interface Deaths {
  /** Calls back once when the process is gone (at once if it already is). Returns the way to stop watching. */
  watch(identity: ProcessIdentity, gone: () => void): () => void;
  /**
   * Whether somebody waits for its death and the kernel would have told of it: then it runs, and nobody need look. False
   * where that is not known.
   */
  surelyAlive(identity: ProcessIdentity): boolean;
  /** `pidfd`, or `poll` where the kernel or the optional package does not help. */
  readonly mechanism: string;
  close(): void;
}
