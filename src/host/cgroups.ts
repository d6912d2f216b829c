/** Control groups of this machine: the processes of a unit or a container, and a call when they come and go. */
export interface Cgroups {
  /** Processes in the group and in all groups below it; undefined when there is no such group. */
  pids(path: string): readonly number[] | undefined;
  /**
   * Calls back when the group becomes empty or populated, is frozen, is made or is removed (within a millisecond or two).
   * Goes on through removal: systemd removes a unit's group at its end and makes another at its next start.
   */
  watch(path: string, changed: () => void): () => void;
}
