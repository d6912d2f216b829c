import type { ProcessEntry, ProcessTable } from '../processes.ts';

/** A table of processes; who is whose child is worked out when first asked. */
export function processTable(
  byPid: ReadonlyMap<number, ProcessEntry>,
  facts: Pick<ProcessTable, 'takenAt' | 'cpus' | 'memoryTotal'>,
): ProcessTable {
  let byParent: Map<number, ProcessEntry[]> | undefined;
  const children = (pid: number): readonly ProcessEntry[] => {
    byParent ??= groupByParent(byPid);
    return byParent.get(pid) ?? [];
  };
  const tree = (pid: number): readonly ProcessEntry[] => {
    const root = byPid.get(pid);
    if (!root) return [];
    if (children(pid).length === 0) return [root];
    const found = [root];
    const seen = new Set([pid]);
    // The table is not read in one instant: a reused number could make a circle, hence `seen`.
    for (let index = 0; index < found.length; index += 1) {
      for (const child of children(found[index]?.pid ?? 0)) {
        if (seen.has(child.pid)) continue;
        seen.add(child.pid);
        found.push(child);
      }
    }
    return found;
  };
  // Named one by one, so that all tables have one shape (see `checks/process.ts`).
  const { takenAt, cpus, memoryTotal } = facts;
  return { takenAt, cpus, memoryTotal, byPid, children, tree };
}

function groupByParent(byPid: ReadonlyMap<number, ProcessEntry>): Map<number, ProcessEntry[]> {
  const byParent = new Map<number, ProcessEntry[]>();
  for (const entry of byPid.values()) {
    const siblings = byParent.get(entry.ppid);
    if (siblings) siblings.push(entry);
    else byParent.set(entry.ppid, [entry]);
  }
  return byParent;
}
