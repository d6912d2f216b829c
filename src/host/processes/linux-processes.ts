import { readdirSync } from 'node:fs';
import { availableParallelism, constants, cpus, totalmem, uptime } from 'node:os';
import type { ProcessIdentity } from '../../model/manager.ts';
import type { Clock } from '../clock.ts';
import { loadedPidfdLibrary } from '../deaths/pidfd-library.ts';
import { yieldProcessor } from '../machine/yield-processor.ts';
import { pageSize } from '../proc/page-size.ts';
import { parseStat } from '../proc/parse-stat.ts';
import { LinuxDetails } from '../proc/process-details.ts';
import { procUsage } from '../proc/process-usage.ts';
import { createProcReader, UNREADABLE } from '../proc/read-proc.ts';
import { createStatFiles } from '../proc/stat-files.ts';
import type { ProcessDetails, ProcessEntry, Processes, ProcessTable, SignalResult } from '../processes.ts';
import { isAlive } from './alive.ts';
import { type LinuxFacts, LinuxProcess } from './linux-process.ts';
import { processTable } from './process-tree.ts';
import { sendSignal, sendSignalSurely } from './send-signal.ts';

/** How long details are kept. A young process may still be on its way from fork to exec to its final title. */
const DETAILS_KEPT_MS = 60_000;
const YOUNG_MS = 10_000;
const YOUNG_DETAILS_KEPT_MS = 1000;

/** So many processes are read in one go, about half a millisecond. */
const AT_ONCE = 64;

/** Init, or whoever takes its place, is told of a death when we are. */
const COLLECTED_WITHIN_MS = 0.5;

interface KeptDetails {
  readonly start: number;
  readonly comm: string;
  readonly readAt: number;
  readonly final: boolean;
  readonly details: ProcessDetails;
}

/** Processes from /proc, one shared reading for all who ask within the same moment. */
export function createLinuxProcesses(clock: Clock, root = '/proc'): Processes {
  const reader = createProcReader();
  const files = createStatFiles(reader, clock, root);
  const kept = new Map<number, KeptDetails>();
  const memoryTotal = totalmem();
  const processors = cpus().length || availableParallelism();
  let bootAt = 0;
  let bootCheckedAt = Number.NEGATIVE_INFINITY;
  let latest: ProcessTable | undefined;
  let reading: Promise<ProcessTable> | undefined;

  /** Wall time of boot. Kept steady against the rounding of its parts, followed when the wall clock is set. */
  const bootTime = (): number => {
    const at = clock.monotonic();
    if (at - bootCheckedAt > 1000) {
      bootCheckedAt = at;
      const fresh = clock.instant().wall - uptime() * 1000;
      if (Math.abs(fresh - bootAt) > 1000) bootAt = fresh;
    }
    return bootAt;
  };

  const detailsOf = (entry: ProcessEntry): ProcessDetails => {
    const at = clock.monotonic();
    const old = kept.get(entry.pid);
    if (old && old.start === entry.identity.start && old.comm === entry.comm) {
      const age = at - old.readAt;
      if (age < (old.final ? DETAILS_KEPT_MS : YOUNG_DETAILS_KEPT_MS)) return old.details;
    }
    const final = clock.instant().wall - entry.startedAt > YOUNG_MS;
    const details = new LinuxDetails(reader, `${root}/${entry.pid}`);
    kept.set(entry.pid, { start: entry.identity.start, comm: entry.comm, readAt: at, final, details });
    return details;
  };

  const facts: LinuxFacts = { page: pageSize(), bootTime, detailsOf };

  const read = (name: string): ProcessEntry | 'unreadable' | undefined =>
    entryOf(reader.fill(`${root}/${name}/stat`));
  /** Somebody else's processes may be hidden from us (hidepid of proc(5)): that much is normal. */
  const hidden = () => reader.failure === 'EPERM' || reader.failure === 'EACCES';
  const unreadable = (pid: number | string) =>
    Object.assign(
      new Error(
        `process ${pid} could not be looked at (${reader.failure}), so it is not known whether it runs`,
      ),
      { code: reader.failure },
    );

  const entryOf = (length: number): ProcessEntry | 'unreadable' | undefined => {
    if (length === UNREADABLE) return 'unreadable';
    const stat = length > 0 ? parseStat(reader.bytes, length) : undefined;
    return stat && new LinuxProcess(stat, facts);
  };

  const readTable = async (): Promise<ProcessTable> => {
    const takenAt = clock.monotonic();
    const byPid = new Map<number, ProcessEntry>();
    let count = 0;
    for (const name of readdirSync(root)) {
      const first = name.charCodeAt(0);
      if (first < 0x30 || first > 0x39) continue;
      const entry = entryOf(files.glance(Number(name)));
      // A table with holes would say of living processes that they are gone.
      if (entry === 'unreadable' && !hidden()) throw unreadable(name);
      if (typeof entry === 'object') byPid.set(entry.pid, entry);
      count += 1;
      // A machine with thousands of processes must not hold up a repair for the time it takes to read them all.
      if (count % AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (const pid of kept.keys()) if (!byPid.has(pid)) kept.delete(pid);
    return processTable(byPid, { takenAt, cpus: processors, memoryTotal });
  };

  const oneNow = (pid: number): ProcessEntry | undefined => {
    const entry = entryOf(files.fill(pid));
    if (entry === 'unreadable') throw unreadable(pid);
    return entry;
  };
  const identify = (pid: number): ProcessIdentity | undefined => {
    const entry = read(String(pid));
    if (entry === 'unreadable' && !hidden()) throw unreadable(pid);
    return typeof entry === 'object' && isAlive(entry) ? entry.identity : undefined;
  };
  const lives = ({ pid, start }: ProcessIdentity): boolean | 'unreadable' => {
    const entry = read(String(pid));
    if (entry === 'unreadable') return entry;
    return entry !== undefined && isAlive(entry) && entry.identity.start === start;
  };
  const alive = (identity: ProcessIdentity): boolean => {
    const seen = lives(identity);
    // What cannot be looked at has not ended for that, as long as anybody has its number.
    return seen === 'unreadable' ? exists(identity.pid) : seen;
  };
  /** A signal goes to nobody of whom it is not known who it is. */
  const isIt = (identity: ProcessIdentity): SignalResult => {
    const seen = lives(identity);
    if (seen === 'unreadable')
      return { ok: false, code: reader.failure, reason: unreadable(identity.pid).message };
    return seen ? { ok: true } : { ok: false, code: 'ESRCH', reason: `process ${identity.pid} is gone` };
  };

  /** A dead leader counts as its group until init has collected it, a moment later: sooner than all processes are read. */
  const outlastsLeader = async (pid: number): Promise<boolean> => {
    // Who collects it was woken when we were, and may wait for our processor.
    yieldProcessor();
    if (!hasGroup(pid)) return false;
    const until = clock.monotonic() + COLLECTED_WITHIN_MS;
    while (entryOf(files.fill(pid)) !== undefined && clock.monotonic() < until) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!hasGroup(pid)) return false;
    }
    return true;
  };

  const table = async (maxAgeMs = 200): Promise<ProcessTable> => {
    const oldest = clock.monotonic() - maxAgeMs;
    while (!latest || latest.takenAt < oldest) {
      // One reading at a time; one that had begun too early for this caller is waited for and followed by another.
      reading ??= readTable().finally(() => {
        reading = undefined;
      });
      latest = await reading;
    }
    return latest;
  };

  return {
    cpus: processors,
    memoryTotal,
    table,
    async remains({ pid, start }) {
      // Nearly always nothing is left, and one system call says so.
      if (!hasGroup(pid) || !(await outlastsLeader(pid))) return [];
      const { byPid } = await table(0);
      const leader = byPid.get(pid);
      if (leader !== undefined && (isAlive(leader) || leader.identity.start !== start)) return [];
      return [...byPid.values()].filter((entry) => entry.session === pid && isAlive(entry));
    },
    one: async (pid) => oneNow(pid),
    oneNow,
    identify,
    alive,
    isFree: (pid) => loadedPidfdLibrary()?.kill(pid, 0) === constants.errno.ESRCH,
    signal(identity, signal) {
      const { pid } = identity;
      const library = loadedPidfdLibrary();
      const sent = library && sendSignalSurely(library, pid, signal, () => isIt(identity));
      if (sent !== undefined) return sent;
      const sure = isIt(identity);
      return sure.ok ? sendSignal(pid, signal) : sure;
    },
    usage: async (pid, wanted) => procUsage(reader, `${root}/${pid}`, wanted),
  };
}

/** Whether anybody has this number: asked without a descriptor, kill(2) with signal 0. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Whether any process is in the group that this one leads, or led: kill(2) with a negative number. */
function hasGroup(pid: number): boolean {
  if (pid <= 1) return false;
  // Node makes an error of the usual answer, which takes longer than everything else here.
  const errno = loadedPidfdLibrary()?.kill(-pid, 0);
  if (errno !== undefined) return errno === 0 || errno === constants.errno.EPERM;
  try {
    process.kill(-pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
