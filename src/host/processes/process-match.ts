import { type Regex, regexOf } from '../../lib/regex/regex.ts';
import type { Host } from '../host.ts';
import type { ProcessEntry, ProcessTable } from '../processes.ts';
import { isAlive } from './alive.ts';
import { commandLine } from './command-line.ts';

/** How a process is recognised; everything that is given must fit. */
export interface ProcessMatch {
  readonly exe?: string;
  /** Regular expression, found anywhere in the arguments joined by blanks. */
  readonly command?: string;
  readonly user?: string;
  readonly name?: string;
}

/** The kernel keeps this much of a name (TASK_COMM_LEN less its NUL, proc_pid_comm(5)). */
const NAME_LENGTH = 15;

/** Whether a process fits. A sentence when that cannot be asked at all (an unknown user). */
export async function processTest(
  match: ProcessMatch,
  host: Host,
): Promise<((entry: ProcessEntry) => boolean) | string> {
  if (Object.values(match).every((value) => value === undefined)) {
    return 'match says nothing to recognise the process by: give exe, command, user or name';
  }
  const uid = match.user === undefined ? undefined : (await host.users.user(match.user))?.uid;
  if (match.user !== undefined && uid === undefined)
    return `there is no user '${match.user}' on this machine`;
  const real = match.exe === undefined ? undefined : await host.files.real(match.exe);
  const programs = new Set(real?.ok ? [real.value, match.exe] : [match.exe]);
  const pattern = match.command === undefined ? undefined : compiledOnce(match.command, match);
  const name = match.name?.slice(0, NAME_LENGTH);

  // Cheapest first: the name is there already, the rest is read once for the life of a process.
  return (entry) => {
    if (!isAlive(entry)) return false;
    if (name !== undefined && entry.comm !== name) return false;
    if (match.exe !== undefined && !isProgram(entry, programs)) return false;
    if (pattern !== undefined && pattern.test(commandLine(entry)) !== true) return false;
    return uid === undefined || entry.details().euid === uid;
  };
}

/** The program of somebody else's process may only be known by what it calls itself. */
function isProgram(entry: ProcessEntry, programs: ReadonlySet<string | undefined>): boolean {
  const { exe, argv } = entry.details();
  return programs.has(exe) || (argv[0] !== undefined && programs.has(argv[0]));
}

/** Matching processes that are below no other matching one, oldest first; never `self`, the watcher, or what it has started. */
export function matchingProcesses(
  table: ProcessTable,
  fits: (entry: ProcessEntry) => boolean,
  self: number,
): readonly ProcessEntry[] {
  const own = new Set(table.tree(self).map(({ pid }) => pid));
  const hits = [...table.byPid.values()].filter((entry) => !own.has(entry.pid) && fits(entry));
  return [...topMost(hits, table)].sort((a, b) => a.startedAt - b.startedAt || a.pid - b.pid);
}

/** Those of them that are below no other one of them. */
export function topMost(entries: readonly ProcessEntry[], table: ProcessTable): readonly ProcessEntry[] {
  const pids = new Set(entries.map(({ pid }) => pid));
  return entries.filter((entry) => !hasAncestor(entry, pids, table));
}

/** A wrapper shell between two matching processes does not make two services of them. */
function hasAncestor(entry: ProcessEntry, pids: ReadonlySet<number>, table: ProcessTable): boolean {
  const seen = new Set<number>([entry.pid]);
  for (let pid = entry.ppid; pid > 1 && !seen.has(pid); ) {
    if (pids.has(pid)) return true;
    seen.add(pid);
    pid = table.byPid.get(pid)?.ppid ?? 0;
  }
  return false;
}

/** Compiled once for each rule that says it: every look of every check asks. */
const compiled = new WeakMap<ProcessMatch, Regex>();

function compiledOnce(pattern: string, match: ProcessMatch): Regex {
  const known = compiled.get(match);
  if (known) return known;
  const regex = regexOf(pattern);
  compiled.set(match, regex);
  return regex;
}
