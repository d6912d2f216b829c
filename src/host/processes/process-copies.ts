import type { ProcessDetails, ProcessEntry, ProcessTable } from '../processes.ts';
import { isAlive } from './alive.ts';
import { topMost } from './process-match.ts';

/** Copies in one table by kernel name, and then by program, user and arguments; put together when first asked for. */
const known = new WeakMap<ProcessTable, Map<string, ReadonlyMap<string, readonly ProcessEntry[]>>>();

/**
 * The copies of this program that run side by side: same program, arguments and user; workers below their like are none.
 * Nothing for what says nothing of itself. A thousand services that ask about one table share the work.
 */
export function copiesOf(main: ProcessEntry, table: ProcessTable): readonly ProcessEntry[] {
  if (main.details().argv.length === 0) return [];
  const ofTable = known.get(table) ?? new Map<string, ReadonlyMap<string, readonly ProcessEntry[]>>();
  known.set(table, ofTable);
  const ofName = ofTable.get(main.comm) ?? byLook(table, main.comm);
  ofTable.set(main.comm, ofName);
  return ofName.get(lookOf(main)) ?? [];
}

function byLook(table: ProcessTable, comm: string): ReadonlyMap<string, readonly ProcessEntry[]> {
  const groups = new Map<string, ProcessEntry[]>();
  for (const entry of table.byPid.values()) {
    if (entry.comm !== comm || !isAlive(entry)) continue;
    const look = lookOf(entry);
    const group = groups.get(look);
    if (group) group.push(entry);
    else groups.set(look, [entry]);
  }
  // Mostly each stands alone.
  for (const [look, group] of groups) if (group.length > 1) groups.set(look, [...topMost(group, table)]);
  return groups;
}

/** Put together once for as long as the details are kept. */
const looks = new WeakMap<ProcessDetails, string>();

/** Program, user and arguments as one text, to compare. */
export function lookOf(entry: ProcessEntry): string {
  const details = entry.details();
  const kept = looks.get(details);
  if (kept !== undefined) return kept;
  const { exe = '', uid, argv } = details;
  const look = `${exe}\0${uid}\0${argv.join('\0')}`;
  looks.set(details, look);
  return look;
}
