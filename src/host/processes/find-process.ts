import { basename } from 'node:path';
import type { ProcessIdentity } from '../../model/manager.ts';
import { numberInPidFile, type PidFile, readPidFile } from '../files/pid-file.ts';
import type { Host } from '../host.ts';
import type { ProcessEntry } from '../processes.ts';
import { isAlive, isSameProcess } from './alive.ts';
import { commandLine } from './command-line.ts';
import { lookOf } from './process-copies.ts';
import { matchingProcesses, type ProcessMatch, processTest } from './process-match.ts';

/** Which process is meant. With both, the match tells whether the pid file is stale, and finds it where that is no help. */
export interface SoughtProcess {
  readonly pidfile?: string | undefined;
  readonly match?: ProcessMatch | undefined;
  /** The program that starts it: a process of that name is taken for it, also where the pid file is older. */
  readonly program?: string | undefined;
}

/** What is known of the pid file: `stale` names a process that is gone or another program; `unreadable` holds no number. */
export type PidFileState = 'ok' | 'stale' | 'missing' | 'unreadable';

/** What was found: `unclear` is neither running nor gone, and never a reason to act. */
export type ProcessFinding =
  | {
      readonly state: 'running';
      readonly entry: ProcessEntry;
      readonly pidFile?: PidFileState;
      /** What is wrong with the pid file all the same. */
      readonly complaint?: string;
      /** Known when the whole table was searched. */
      readonly instances?: number;
    }
  | {
      readonly state: 'gone';
      readonly reason: string;
      readonly pidFile?: PidFileState;
      readonly processState?: string;
    }
  | { readonly state: 'unclear'; readonly reason: string };

/** What is remembered from one search for the next. */
export interface FinderMemory {
  readonly seen?: ProcessIdentity | undefined;
  /** Program, user and arguments of the one that was seen. */
  readonly look?: string | undefined;
  /** Since when the pid file has been empty or without a number (monotonic). */
  readonly garbledSince?: number | undefined;
}

/** A pid file is written after its process began; a minute of difference allows for clocks of network file systems. */
const STALE_AFTER_MS = 60_000;
/** How long a pid file may be empty or without a number before that counts: it may just be being written. */
const GARBLED_FOR_MS = 5000;
/** Start times count in USER_HZ, see `ProcessIdentity`. */
const MS_PER_TICK = 10;

type Fits = (entry: ProcessEntry) => boolean;

/**
 * Looks for a process that no manager names. The one that the pid file names comes first; else the one of last time while
 * it fits, then the top-most and oldest that matches, then the one of last time although it looks otherwise now.
 */
export async function findProcess(
  sought: SoughtProcess,
  memory: FinderMemory,
  host: Host,
): Promise<{ readonly finding: ProcessFinding; readonly memory: FinderMemory }> {
  const { garbledSince: earlier, seen, look } = memory;
  const kept: FinderMemory = { seen, look, garbledSince: undefined };
  const fits = sought.match && (await processTest(sought.match, host));
  if (typeof fits === 'string') return { finding: { state: 'unclear', reason: fits }, memory: kept };

  const { file, named, complaint } = await byPidFile(sought, fits, memory, host);
  if (named && complaint === undefined) {
    return { finding: { state: 'running', entry: named, pidFile: 'ok' }, memory: remember(named, kept) };
  }
  const pidFile = file && { pidFile: stateOf(file) };
  const garbledSince = file?.state === 'garbled' ? (earlier ?? host.clock.monotonic()) : undefined;
  const next: FinderMemory = { seen, look, garbledSince };

  const other = await unnamed(fits, seen, host);
  if (other) {
    const finding = { state: 'running', ...other, ...pidFile, ...(complaint && { complaint }) } as const;
    return { finding, memory: remember(other.entry, next) };
  }
  const reason = complaint ?? notFound(sought);
  if (garbledSince !== undefined && host.clock.monotonic() - garbledSince < GARBLED_FOR_MS) {
    return { finding: { state: 'unclear', reason: `${reason} just now` }, memory: next };
  }
  if (file?.state === 'unreadable') return { finding: { state: 'unclear', reason }, memory: next };
  const ended = named && !isAlive(named) ? { processState: named.state } : {};
  return { finding: { state: 'gone', reason, ...pidFile, ...ended }, memory: next };
}

/**
 * What that finds of a process that was seen and has just ended, at once: its pid file still names it, and it is a zombie, or nobody has its
 * number. Undefined in every other case, and where it is also known by what it looks like.
 */
export function findGone(
  { pidfile, match }: SoughtProcess,
  { seen }: FinderMemory,
  host: Host,
): Extract<ProcessFinding, { state: 'gone' }> | undefined {
  if (pidfile === undefined || match !== undefined || seen === undefined) return undefined;
  if (numberInPidFile(host.files, pidfile) !== seen.pid) return undefined;
  const left = host.processes.isFree(seen.pid) ? undefined : host.processes.oneNow(seen.pid);
  if (left && (isAlive(left) || !isSameProcess(left.identity, seen))) return undefined;
  const reason = left ? notCollected(pidfile, left) : notRunning(pidfile, seen.pid);
  return { state: 'gone', reason, pidFile: 'stale' };
}

async function byPidFile(
  sought: SoughtProcess,
  fits: Fits | undefined,
  memory: FinderMemory,
  host: Host,
): Promise<{
  readonly file?: PidFile;
  readonly named?: ProcessEntry;
  readonly complaint?: string | undefined;
}> {
  if (sought.pidfile === undefined) return {};
  const file = await readPidFile(host.files, sought.pidfile);
  if (file.state === 'absent') return { file, complaint: `pid file ${sought.pidfile} does not exist` };
  if (file.state !== 'names') return { file, complaint: file.reason };
  const named = await host.processes.one(file.pid);
  if (!named) {
    return { file, complaint: notRunning(sought.pidfile, file.pid) };
  }
  const complaint = complaintOf(sought.pidfile, file.writtenAt, named, {
    seen: memory.seen,
    look: memory.look,
    program: sought.program,
    fits,
  });
  return { file, named, complaint };
}

/** Why the process that the pid file names is not ours, or nothing when it is. */
function complaintOf(
  path: string,
  writtenAt: number,
  named: ProcessEntry,
  known: FinderMemory & { readonly fits: Fits | undefined; readonly program?: string | undefined },
): string | undefined {
  const { pid } = named;
  if (!isAlive(named)) return notCollected(path, named);
  if (isSameProcess(named.identity, known.seen)) return undefined;
  const stale = () => `pid file ${path} is stale: ${pid} is now another program (${commandLine(named)})`;
  // The leader of living threads that has ended itself says nothing of its program any more: only the times tell.
  if (known.fits && named.state !== 'Z') return known.fits(named) ? undefined : stale();
  return isOlder(path, writtenAt, named) && !resembles(named, known) ? stale() : undefined;
}

/** Whether the file was written before the process began, so that the number was given to another one since. */
function isOlder(path: string, writtenAt: number, named: ProcessEntry): boolean {
  // /run is empty after a start of the machine: a file there that seems older was written before the clock was set.
  const bootedAt = named.startedAt - named.identity.start * MS_PER_TICK;
  if (/^\/(var\/)?run\//.test(path) && writtenAt < bootedAt) return false;
  return named.startedAt - writtenAt > STALE_AFTER_MS;
}

/** Only asked when the times already speak against it: the same program again is taken for ours all the same. */
function resembles(
  named: ProcessEntry,
  { look, program }: Pick<FinderMemory, 'look'> & { readonly program?: string | undefined },
): boolean {
  if (look !== undefined && look === lookOf(named)) return true;
  if (program === undefined) return false;
  const { exe, argv } = named.details();
  const name = basename(program);
  return [exe, argv[0], argv[1]].some((path) => path !== undefined && basename(path) === name);
}

/** The process where no pid file names it. */
async function unnamed(
  fits: Fits | undefined,
  seen: ProcessIdentity | undefined,
  host: Host,
): Promise<{ readonly entry: ProcessEntry; readonly instances?: number } | undefined> {
  const last = seen && (await host.processes.one(seen.pid));
  const lives = last && isSameProcess(last.identity, seen) && isAlive(last) ? { entry: last } : undefined;
  if (!fits || (lives && fits(lives.entry))) return lives;
  const found = matchingProcesses(await host.processes.table(0), fits, host.self.pid);
  return found[0] ? { entry: found[0], instances: found.length } : lives;
}

function remember(entry: ProcessEntry, memory: FinderMemory): FinderMemory {
  const look = entry.state === 'Z' ? memory.look : lookOf(entry);
  return { seen: entry.identity, look, garbledSince: memory.garbledSince };
}

function stateOf(file: PidFile): PidFileState {
  if (file.state === 'absent') return 'missing';
  return file.state === 'names' ? 'stale' : 'unreadable';
}

function notRunning(pidfile: string, pid: number): string {
  return `pid file ${pidfile} names ${pid}, which is not running`;
}

function notCollected(pidfile: string, { pid, comm, ppid }: ProcessEntry): string {
  return `pid file ${pidfile} names ${pid} (${comm}), which is not running: its parent ${ppid} has not collected it (a zombie)`;
}

function notFound({ match }: SoughtProcess): string {
  if (!match) return 'nothing says which process is meant';
  const parts = Object.entries(match).filter(([, value]) => value !== undefined);
  return `no process matches ${parts.map(([name, value]) => `${name} ${String(value)}`).join(', ')}`;
}
