/** Control groups of this machine: the processes of a unit or a container, what they use, and a call when they come and go. */
export interface Cgroups {
  /** Processes in the group and in all groups below it; undefined when there is no such group. */
  pids(path: string): readonly number[] | undefined;
  /** What all of the group uses together; what this machine does not count (no such controller) is absent. */
  usage(path: string): GroupUsage;
  /**
   * Calls back when the group becomes empty or populated, is frozen, is made or is removed (within a millisecond or two;
   * in version 1 only when it is made or removed).
   * Goes on through removal: systemd removes a unit's group at its end and makes another at its next start.
   */
  watch(path: string, changed: () => void): () => void;
}

/** Numbers of one control group with all below it. */
export interface GroupUsage {
  /** Bytes: memory of its processes and files that are cached for them. */
  readonly memory?: number;
  /** Bytes it may use at most; absent without a limit. */
  readonly memoryLimit?: number;
  /** Processor time so far, milliseconds. */
  readonly cpuMs?: number;
  /** Processes of it that the kernel killed for want of memory since the group was made. */
  readonly oomKills?: number;
}
