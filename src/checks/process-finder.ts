import { type PidFile, readPidFile } from '../host/files/pid-file.ts';
import type { Host } from '../host/host.ts';
import type { ProcessEntry } from '../host/processes.ts';
import type { ManagerReport, ProcessIdentity } from '../model/manager.ts';
import { commandLine, matchingProcesses, type ProcessMatch, processTest } from './process-match.ts';

/** What is known of the pid file: `stale` names a process that is gone or another program. */
export type PidFileState = 'ok' | 'stale' | 'missing' | 'unreadable';

/** The process that is meant. `unclear` is neither running nor gone. */
export type Finding =
  | {
      readonly state: 'running';
      readonly entry: ProcessEntry;
      readonly pidFile?: PidFileState;
      /** Known when the whole table was searched. */
      readonly instances?: number;
      /** All processes of the service where its manager knows them. */
      readonly pids?: readonly number[];
    }
  /** The manager says it runs but not as which process. */
  | { readonly state: 'somewhere'; readonly detail: string }
  | { readonly state: 'gone'; readonly reason: string; readonly processState?: string }
  | { readonly state: 'unclear'; readonly reason: string };

/** What a finder remembers for its next time. */
export interface FinderCarry {
  readonly seen?: ProcessIdentity;
  /** Since when the pid file has been empty or unreadable (monotonic). */
  readonly garbledSince?: number;
}

/** A pid file is written after its process began; a minute of difference allows for clocks of network file systems. */
const STALE_AFTER_MS = 60_000;
/** How long a pid file may be empty or unreadable before that counts: it may just be being written. */
const GARBLED_FOR_MS = 5000;
/** Start times count in USER_HZ, see `ProcessIdentity`. */
const MS_PER_TICK = 10;

/** The main process according to the service's manager. */
export async function findByManager(host: Host, report: ManagerReport): Promise<Finding> {
  if (report.main) {
    const entry = await host.processes.one(report.main.pid);
    if (entry && entry.identity.start === report.main.start && runs(entry)) {
      return { state: 'running', entry, ...(report.pids && { pids: report.pids }) };
    }
    return { state: 'gone', reason: `process ${report.main.pid} has ended`, ...zombieState(entry) };
  }
  if (report.activity === 'unknown') return { state: 'unclear', reason: report.detail };
  if (report.activity === 'running') return { state: 'somewhere', detail: report.detail };
  return { state: 'gone', reason: report.detail };
}

/** The process that a pid file names; where that is no help, one that matches, or the one seen last time. */
export async function findByPidFile(
  host: Host,
  path: string,
  match: ProcessMatch | undefined,
  carry: FinderCarry,
): Promise<{ readonly finding: Finding; readonly garbledSince?: number }> {
  const file = await readPidFile(host.files, path);
  const fits = match && (await processTest(match, host));
  if (typeof fits === 'string') return { finding: { state: 'unclear', reason: fits } };

  const named = file.state === 'names' ? await host.processes.one(file.pid) : undefined;
  const complaint = complaintOf(path, file, named, fits, carry.seen);
  if (named && complaint === undefined) {
    return { finding: { state: 'running', entry: named, pidFile: 'ok' } };
  }

  const pidFile = stateOf(file);
  const garbled = pidFile === 'unreadable';
  const garbledSince = garbled ? (carry.garbledSince ?? host.clock.monotonic()) : undefined;
  const kept = { ...(garbledSince !== undefined && { garbledSince }) };
  const seen = carry.seen && (await host.processes.one(carry.seen.pid));
  if (seen && carry.seen && same(seen.identity, carry.seen) && runs(seen)) {
    return { finding: { state: 'running', entry: seen, pidFile }, ...kept };
  }
  if (fits) {
    const found = matchingProcesses(await host.processes.table(0), fits);
    if (found[0]) {
      const finding = { state: 'running', entry: found[0], pidFile, instances: found.length } as const;
      return { finding, ...kept };
    }
  }
  const reason = complaint ?? `pid file ${path} does not exist`;
  if (garbledSince !== undefined && host.clock.monotonic() - garbledSince < GARBLED_FOR_MS) {
    return { finding: { state: 'unclear', reason: `${reason} just now` }, ...kept };
  }
  if (file.state === 'unreadable') return { finding: { state: 'unclear', reason }, ...kept };
  return { finding: { state: 'gone', reason, ...zombieState(named) }, ...kept };
}

/** The top-most and then oldest process that matches; the one of last time as long as it lives and still fits. */
export async function findByMatch(host: Host, match: ProcessMatch, carry: FinderCarry): Promise<Finding> {
  const fits = await processTest(match, host);
  if (typeof fits === 'string') return { state: 'unclear', reason: fits };
  if (carry.seen) {
    const entry = await host.processes.one(carry.seen.pid);
    if (entry && same(entry.identity, carry.seen) && fits(entry)) return { state: 'running', entry };
  }
  const found = matchingProcesses(await host.processes.table(0), fits);
  if (found[0]) return { state: 'running', entry: found[0], instances: found.length };
  return { state: 'gone', reason: `no process matches ${describe(match)}` };
}

/** What is wrong with the pid file, or nothing when it names our process. */
function complaintOf(
  path: string,
  file: PidFile,
  named: ProcessEntry | undefined,
  fits: ((entry: ProcessEntry) => boolean) | undefined,
  seen: ProcessIdentity | undefined,
): string | undefined {
  if (file.state === 'absent') return undefined;
  if (file.state !== 'names') return file.reason;
  if (!named) return `pid file ${path} names ${file.pid}, which is not running`;
  if (!runs(named)) {
    return `process ${file.pid} (${named.comm}) has ended, but its parent ${named.ppid} has not collected it (a zombie)`;
  }
  if (seen && same(named.identity, seen)) return undefined;
  const stale = `pid file ${path} is stale: ${file.pid} is now another program (${commandLine(named)})`;
  if (fits) return fits(named) ? undefined : stale;
  return isOlder(path, file.writtenAt, named) ? stale : undefined;
}

/** Whether the file was written before the process began, so that the number was given to another one since. */
function isOlder(path: string, writtenAt: number, named: ProcessEntry): boolean {
  // /run is empty after a start of the machine: a file there that seems older was written before the clock was set.
  const bootedAt = named.startedAt - named.identity.start * MS_PER_TICK;
  if (/^\/(var\/)?run\//.test(path) && writtenAt < bootedAt) return false;
  return named.startedAt - writtenAt > STALE_AFTER_MS;
}

function stateOf(file: PidFile): PidFileState {
  if (file.state === 'absent') return 'missing';
  return file.state === 'names' ? 'stale' : 'unreadable';
}

function describe(match: ProcessMatch): string {
  const parts = Object.entries(match).map(([name, value]) => `${name} ${String(value)}`);
  return parts.join(', ');
}

function zombieState(entry: ProcessEntry | undefined): { processState?: string } {
  return entry && !runs(entry) ? { processState: entry.state } : {};
}

/** As the kernel has it: a zombie leader whose other threads still run is alive. */
function runs({ state, threads }: ProcessEntry): boolean {
  return state === 'Z' ? threads > 1 : state !== 'X';
}

function same(left: ProcessIdentity, right: ProcessIdentity): boolean {
  return left.pid === right.pid && left.start === right.start;
}
