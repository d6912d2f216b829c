import { basename } from 'node:path';
import type { Host } from '../../host/host.ts';
import type { ProcessEntry, ProcessTable } from '../../host/processes.ts';
import type { ProcessIdentity } from '../../model/manager.ts';
import { type PidFile, readPidFile } from './pid-file.ts';

/** How the main process of a service without a manager is recognised. */
export interface PlainProcess {
  readonly pidfile?: string | undefined;
  /** Tested against the arguments joined by blanks. */
  readonly match?: RegExp | undefined;
  /** The program of the start command, to recognise what it started. */
  readonly startProgram?: string | undefined;
}

/** What was found: `unclear` is neither running nor gone, and never a reason to act. */
export interface Sighting {
  readonly state: 'running' | 'gone' | 'unclear';
  readonly main?: ProcessIdentity;
  /** The pid file names it; else it was found by its command line or is remembered. */
  readonly named: boolean;
  /** A pid file was left behind by a process that is gone: it did not end in an orderly way. */
  readonly leftBehind: boolean;
  readonly detail: string;
  readonly warnings: readonly string[];
}

/** A pid file is written after its process began; a minute of difference allows for clocks of network file systems. */
const staleAfter = 60_000;
/** How long a pid file may stay empty or unreadable before that counts. */
const garbledFor = 5_000;
/** The whole process table is gone through for second copies only: at most once a second, and for at most a share of the time. */
const copiesEvery = 1_000;
const copiesShare = 0.001;
/** A copy that was started while nobody looked may be seen so much later. */
const copiesAge = 2_000;

/** Looks for the main process again and again, and remembers whom it saw. */
export function plainProcessFinder(process: PlainProcess, host: Host): { look(): Promise<Sighting> } {
  let seen: { readonly identity: ProcessIdentity; readonly exe: string | undefined } | undefined;
  let garbledSince: number | undefined;
  let counted:
    | { readonly until: number; readonly of: ProcessIdentity; readonly copies: readonly number[] }
    | undefined;

  async function look(): Promise<Sighting> {
    const file: PidFile =
      process.pidfile === undefined ? { state: 'absent' } : await readPidFile(host.files, process.pidfile);
    if (file.state !== 'garbled' && file.state !== 'unreadable') garbledSince = undefined;
    const named =
      file.state === 'names'
        ? judge(file.pid, file.writtenAt, await host.processes.one(file.pid))
        : undefined;
    if (named?.ours !== undefined) return running(named.ours, [], true);

    const complaint = named?.complaint ?? complaintOf(file);
    const other = await unnamed();
    if (other !== undefined) {
      const warnings = complaint === undefined ? [] : [`${complaint}, but process ${other.pid} runs`];
      return running(other, warnings, false);
    }
    if (file.state === 'unreadable') return unclear(file.reason);
    if (file.state === 'garbled') {
      const now = host.clock.monotonic();
      garbledSince ??= now;
      if (now - garbledSince < garbledFor) return unclear(`${file.reason} just now`);
    }
    if (process.pidfile === undefined && process.match === undefined) {
      return unclear('without a pidfile, a match or a status program nobody can tell whether it runs');
    }
    return {
      state: 'gone',
      named: false,
      leftBehind: file.state === 'names' || file.state === 'garbled',
      detail: complaint ?? `no process matches ${process.match?.source ?? ''}`,
      warnings: [],
    };
  }

  /** The process where no pid file names it: the one of last time, or the first that matches. */
  async function unnamed(): Promise<ProcessEntry | undefined> {
    const last = seen === undefined ? undefined : await host.processes.one(seen.identity.pid);
    // Dead, but its parent has not reaped it yet: gone all the same.
    const lives = last !== undefined && same(last.identity, seen?.identity) && !hasEnded(last);
    if (process.match === undefined) return lives ? last : undefined;
    if (lives && process.match.test(commandLine(last))) return last;
    return matching(await host.processes.table(0))[0] ?? (lives ? last : undefined);
  }

  function complaintOf(file: PidFile): string | undefined {
    if (process.pidfile === undefined) return undefined;
    return file.state === 'garbled' || file.state === 'unreadable'
      ? file.reason
      : `pid file ${process.pidfile} does not exist`;
  }

  /** Whether the process that the pid file names is ours, or else what is wrong with the file. */
  function judge(
    pid: number,
    writtenAt: number,
    entry: ProcessEntry | undefined,
  ): { readonly ours?: ProcessEntry; readonly complaint?: string } {
    const path = process.pidfile ?? '';
    if (entry === undefined || hasEnded(entry)) {
      return { complaint: `pid file ${path} names ${pid}, which is not running` };
    }
    if (same(entry.identity, seen?.identity)) return { ours: entry };
    const command = commandLine(entry);
    const stale = `pid file ${path} is stale: ${pid} is now another program (${command})`;
    if (process.match !== undefined)
      return process.match.test(command) ? { ours: entry } : { complaint: stale };
    const older = entry.startedAt - writtenAt > staleAfter;
    return older && !resembles(entry) ? { complaint: stale } : { ours: entry };
  }

  /** Only asked when the times already speak against it: the same program again is taken for ours all the same. */
  function resembles(entry: ProcessEntry): boolean {
    const { exe, argv } = entry.details();
    if (exe !== undefined && exe === seen?.exe) return true;
    if (process.startProgram === undefined) return false;
    const name = basename(process.startProgram);
    return [exe, argv[0], argv[1]].some((path) => path !== undefined && basename(path) === name);
  }

  async function running(
    entry: ProcessEntry,
    warnings: readonly string[],
    named: boolean,
  ): Promise<Sighting> {
    if (!same(entry.identity, seen?.identity)) {
      seen = { identity: entry.identity, exe: entry.details().exe };
    }
    const copies = await copiesOf(entry);
    const more =
      copies.length === 0
        ? []
        : [`more than one copy runs: ${[entry.pid, ...copies].sort(ascending).join(', ')}`];
    const detail = `running, pid ${entry.pid}`;
    return {
      state: 'running',
      named,
      main: entry.identity,
      leftBehind: false,
      detail,
      warnings: [...warnings, ...more],
    };
  }

  async function copiesOf(entry: ProcessEntry): Promise<readonly number[]> {
    const now = host.clock.monotonic();
    if (counted !== undefined && same(entry.identity, counted.of) && now < counted.until) {
      return counted.copies;
    }
    const table = await host.processes.table(copiesAge);
    const copies = duplicates(entry, table).map((copy) => copy.pid);
    const after = host.clock.monotonic();
    counted = {
      until: after + Math.max(copiesEvery, (after - now) / copiesShare),
      of: entry.identity,
      copies,
    };
    return copies;
  }

  /** Top-level processes that match, oldest first; never the watcher itself or what it runs. */
  function matching(table: ProcessTable): readonly ProcessEntry[] {
    const pattern = process.match;
    if (pattern === undefined) return [];
    const own = new Set(table.tree(globalThis.process.pid).map((entry) => entry.pid));
    const hits = [...table.byPid.values()].filter(
      (entry) => !own.has(entry.pid) && entry.state !== 'Z' && pattern.test(commandLine(entry)),
    );
    return topLevel(hits).sort((a, b) => a.startedAt - b.startedAt || a.pid - b.pid);
  }

  /** With `match` what matches too; else what runs the same program with the same arguments as the same user. */
  function duplicates(main: ProcessEntry, table: ProcessTable): readonly ProcessEntry[] {
    const others = process.match === undefined ? twins(main, table) : matching(table);
    if (others.length === 0 || (others.length === 1 && others[0]?.pid === main.pid)) return [];
    const family = new Set(table.tree(main.pid).map((entry) => entry.pid));
    return others.filter(
      (entry) => !family.has(entry.pid) && !table.tree(entry.pid).some((e) => e.pid === main.pid),
    );
  }

  return { look };
}

/** Processes of one table by their look, told apart when first asked for: a thousand services share the work. */
const looks = new WeakMap<ProcessTable, Map<string, ReadonlyMap<string, readonly ProcessEntry[]>>>();

function twins(main: ProcessEntry, table: ProcessTable): readonly ProcessEntry[] {
  if (main.details().argv.length === 0) return [];
  const ofTable = looks.get(table) ?? new Map<string, ReadonlyMap<string, readonly ProcessEntry[]>>();
  looks.set(table, ofTable);
  const ofName = ofTable.get(main.comm) ?? byLook(main.comm, table);
  ofTable.set(main.comm, ofName);
  const alike = ofName.get(lookOf(main)) ?? [];
  return alike.length === 0 ? alike : topLevel(alike.filter(({ pid }) => pid !== main.pid));
}

function byLook(comm: string, table: ProcessTable): ReadonlyMap<string, readonly ProcessEntry[]> {
  const groups = new Map<string, ProcessEntry[]>();
  for (const entry of table.byPid.values()) {
    if (entry.comm !== comm || entry.state === 'Z') continue;
    const look = lookOf(entry);
    const group = groups.get(look);
    if (group === undefined) groups.set(look, [entry]);
    else group.push(entry);
  }
  return groups;
}

function lookOf(entry: ProcessEntry): string {
  const { exe = '', uid, argv } = entry.details();
  return `${exe}\0${uid}\0${argv.join('\0')}`;
}

function hasEnded({ state }: ProcessEntry): boolean {
  return state === 'Z' || state === 'X';
}

/** A worker has its parent's command line; only the parent counts. */
function topLevel(entries: readonly ProcessEntry[]): ProcessEntry[] {
  const pids = new Set(entries.map((entry) => entry.pid));
  return entries.filter((entry) => !pids.has(entry.ppid));
}

function commandLine(entry: ProcessEntry): string {
  const { argv } = entry.details();
  return argv.length === 0 ? entry.comm : argv.join(' ');
}

function unclear(detail: string): Sighting {
  return { state: 'unclear', named: false, leftBehind: false, detail, warnings: [] };
}

function same(a: ProcessIdentity, b: ProcessIdentity | undefined): boolean {
  return b !== undefined && a.pid === b.pid && a.start === b.start;
}

function ascending(a: number, b: number): number {
  return a - b;
}
