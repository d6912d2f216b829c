import type { ProcessDetails, ProcessEntry, ProcessTable } from '../host/processes.ts';
import { topMost } from './process-match.ts';

/** Copies in one table by kernel name, and then by program, user and arguments; counted when first asked for. */
const counts = new WeakMap<ProcessTable, Map<string, ReadonlyMap<string, number>>>();

/**
 * How many copies of this program run side by side: same program, arguments and user; workers below their like do not
 * count. A thousand checks that ask about one table share the work.
 */
export function countCopies(main: ProcessEntry, table: ProcessTable): number {
  const ofTable = counts.get(table) ?? new Map<string, ReadonlyMap<string, number>>();
  counts.set(table, ofTable);
  let ofName = ofTable.get(main.comm);
  if (!ofName) {
    ofName = countByLook(table, main.comm);
    ofTable.set(main.comm, ofName);
  }
  return ofName.get(lookOf(main)) ?? 1;
}

function countByLook(table: ProcessTable, comm: string): ReadonlyMap<string, number> {
  const groups = new Map<string, ProcessEntry[]>();
  for (const entry of table.byPid.values()) {
    if (entry.comm !== comm || entry.state === 'Z') continue;
    const look = lookOf(entry);
    const group = groups.get(look);
    if (group) group.push(entry);
    else groups.set(look, [entry]);
  }
  return new Map([...groups].map(([look, group]) => [look, topMost(group, table).length]));
}

/** Put together once for as long as the details are kept. */
const looks = new WeakMap<ProcessDetails, string>();

function lookOf(entry: ProcessEntry): string {
  const details = entry.details();
  const known = looks.get(details);
  if (known !== undefined) return known;
  const { exe = '', uid, argv } = details;
  const look = `${exe}\0${uid}\0${argv.join('\0')}`;
  looks.set(details, look);
  return look;
}
