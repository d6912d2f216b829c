import type { Host } from '../host/host.ts';
import { commandLine } from '../host/processes/command-line.ts';
import { copiesOf } from '../host/processes/process-copies.ts';
import type { ProcessEntry, ProcessTable, ProcessUsage } from '../host/processes.ts';
import type { ReadingValue } from '../model/reading.ts';
import type { RunningProcess } from './process-finder.ts';
import { measureGroup } from './process-group.ts';
import { rounded, type Sampled, sample } from './rate.ts';

type IoName = keyof NonNullable<ProcessUsage['io']>;

/** What measuring remembers for its next time: the earlier counters, of this very process. */
export interface MeasureCarry {
  readonly own?: Sampled<'cpu'>;
  readonly io?: Sampled<IoName> | undefined;
  readonly tree?: TreeSample;
  readonly group?: Sampled<'cpu'> | undefined;
}

interface TreeSample {
  /** When the table was read. */
  readonly at: number;
  /** CPU time so far of each process, by number and start. */
  readonly cpuMs: ReadonlyMap<string, number>;
  /** Milliseconds of CPU per second. */
  readonly rate?: number;
}

/** What lies below a process may be this old: one table serves any number of checks. */
export const TREE_AGE_MS = 1000;
/** The same where none of it is judged. */
const SHOWN_TREE_AGE_MS = 5000;
/** What is only shown, and not judged, is measured anew after as long. */
export const SHOWN_AGE_MS = 15_000;
/** Readings that are taken from the table. */
export const TREE_READINGS = ['memory_tree', 'cpu_tree', 'children', 'instances'];
const LEAST_TREE_MS = 100;

/** Measures a running process; what could not be read is absent. */
export async function measureProcess(
  host: Host,
  running: RunningProcess,
  carry: MeasureCarry,
  wanted: {
    readonly io: boolean;
    readonly files: boolean;
    readonly pss: boolean;
    readonly tree: boolean;
    readonly group: boolean;
    /** How old the table may be, in milliseconds; absent: as old as it may be otherwise. */
    readonly tableAge?: number;
  },
): Promise<{ readonly reading: Record<string, ReadingValue>; readonly carry: MeasureCarry }> {
  const { entry } = running;
  const at = host.clock.monotonic();
  const table = await host.processes.table(
    wanted.tableAge ?? (wanted.tree ? TREE_AGE_MS : SHOWN_TREE_AGE_MS),
  );
  const usage = await host.processes.usage(entry.pid, wanted);
  const own = sample(carry.own, at, { cpu: entry.cpuMs });
  const io = usage.io && sample(carry.io, at, usage.io);
  const below = treeOf(running, table);
  const tree = sampleTree(carry.tree, table.takenAt, below);
  const details = entry.details();
  const group = wanted.group ? measureGroup(host, groupsOf(running, table), carry.group, at) : undefined;

  const reading: Record<string, ReadingValue> = {
    running: true,
    pid: entry.pid,
    ppid: entry.ppid,
    memory: entry.rss,
    memory_tree: below.reduce((sum, { rss }) => sum + rss, 0),
    machine_memory: host.processes.memoryTotal,
    threads: entry.threads,
    children: below.length - 1,
    instances: running.instances ?? Math.max(1, copiesOf(entry, table).length),
    uptime: Math.max(0, Math.round(host.clock.instant().wall - entry.startedAt)),
    started: Math.round(entry.startedAt),
    state: STATES[entry.state] ?? 'other',
    user: await host.users.nameOf(details.uid),
    effective_user: await host.users.nameOf(details.euid),
    command: commandLine(entry),
  };
  Object.assign(reading, group?.reading);
  if (own.rates) reading.cpu = rounded(own.rates.cpu / 10);
  if (tree.rate !== undefined) reading.cpu_tree = rounded(tree.rate / 10);
  if (details.exe !== undefined) reading.exe = details.exe;
  if (details.cgroup !== undefined) reading.cgroup = details.cgroup;
  if (running.pidFile) reading.pidfile = running.pidFile;
  if (usage.files) reading.descriptors = usage.files.open;
  if (usage.files?.limit !== undefined) reading.descriptors_limit = usage.files.limit;
  if (usage.pss !== undefined) reading.memory_pss = usage.pss;
  if (io?.rates) {
    reading.read_rate = Math.round(io.rates.read);
    reading.write_rate = Math.round(io.rates.written);
    reading.disk_read_rate = Math.round(io.rates.diskRead);
    reading.disk_write_rate = Math.round(io.rates.diskWritten);
  }
  return {
    reading,
    carry: { own, io, tree, group: group?.carry },
  };
}

function groupsOf({ entry, mains = [] }: RunningProcess, table: ProcessTable): readonly string[] {
  const tops = [entry, ...mains.flatMap(({ pid }) => table.byPid.get(pid) ?? [])];
  return [...new Set(tops.flatMap((top) => top.details().cgroup ?? []))];
}

/**
 * The process first, as it is now; the rest from the table: the processes that the manager knows, and whatever is below
 * main processes that are not among them. Each once.
 */
function treeOf({ entry, pids, mains }: RunningProcess, table: ProcessTable): readonly ProcessEntry[] {
  if (pids === undefined && mains === undefined) return [entry, ...table.tree(entry.pid).slice(1)];
  const known = new Set(pids);
  const tops = mains?.map(({ pid }) => pid) ?? (pids ? [] : [entry.pid]);
  const below = tops.flatMap((pid) => (known.has(pid) ? [] : table.tree(pid)));
  const all = [...known].flatMap((pid) => table.byPid.get(pid) ?? []);
  const rest = new Map([...all, ...below].map((each) => [each.pid, each]));
  rest.delete(entry.pid);
  return [entry, ...rest.values()];
}

/** CPU of a tree whose members come and go: what each used since the last look, the new ones all they have used. */
function sampleTree(last: TreeSample | undefined, at: number, tree: readonly ProcessEntry[]): TreeSample {
  if (last && at - last.at < LEAST_TREE_MS) return last;
  const cpuMs = new Map<string, number>();
  let used = 0;
  for (const { identity, cpuMs: sofar } of tree) {
    const key = `${identity.pid}:${identity.start}`;
    cpuMs.set(key, sofar);
    used += Math.max(0, sofar - (last?.cpuMs.get(key) ?? 0));
  }
  return last ? { at, cpuMs, rate: (used / (at - last.at)) * 1000 } : { at, cpuMs };
}

/** Letters of proc_pid_stat(5). */
const STATES: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  D: 'waiting for disk',
  Z: 'zombie',
  T: 'stopped',
  t: 'traced',
  I: 'idle',
  X: 'dead',
  x: 'dead',
};
