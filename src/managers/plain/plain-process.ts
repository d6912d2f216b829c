import type { Host } from '../../host/host.ts';
import { isSameProcess } from '../../host/processes/alive.ts';
import {
  type FinderMemory,
  findGone,
  findProcess,
  type ProcessFinding,
  type SoughtProcess,
} from '../../host/processes/find-process.ts';
import { copiesOf } from '../../host/processes/process-copies.ts';
import { matchingProcesses, processTest } from '../../host/processes/process-match.ts';
import type { ProcessEntry, ProcessTable } from '../../host/processes.ts';
import type { ProcessIdentity } from '../../model/manager.ts';

/** What was found: `unclear` is neither running nor gone, and never a reason to act. */
export interface Sighting {
  readonly state: ProcessFinding['state'];
  readonly main?: ProcessIdentity;
  /** The one that was seen before it went. */
  readonly last?: ProcessIdentity;
  /** The pid file names it; else it was found by its command line or is remembered. */
  readonly named: boolean;
  /** A pid file was left behind by a process that is gone: it did not end in an orderly way. */
  readonly leftBehind: boolean;
  readonly detail: string;
  readonly warnings: readonly string[];
}

/** The whole process table is gone through for second copies only: at most once a second, and for at most a share of the time. */
const copiesEvery = 1_000;
const copiesShare = 0.001;
/** On a busy machine going through it takes long by the clock; it is not put off for longer than this. */
const copiesAtLeastEvery = 5_000;
/** Of a hundred copies nobody reads all numbers. */
const mostListed = 10;
/** A copy that was started while nobody looked may be seen so much later. */
const copiesAge = 5_000;

export interface PlainProcessFinder {
  look(): Promise<Sighting>;
  /** What a look would find of a process that has just ended, at once; undefined where that takes more. */
  lookNow(): Sighting | undefined;
}

/** Looks for the main process of a service without a manager again and again, and remembers whom it saw. */
export function plainProcessFinder(sought: SoughtProcess, host: Host): PlainProcessFinder {
  let memory: FinderMemory = {};
  let last: ProcessIdentity | undefined;
  let counted:
    | { readonly until: number; readonly of: ProcessIdentity; readonly pids: readonly number[] }
    | undefined;

  async function look(): Promise<Sighting> {
    if (sought.pidfile === undefined && sought.match === undefined) {
      return absent(
        'unclear',
        'without a pidfile, a match or a status program nobody can tell whether it runs',
      );
    }
    const found = await findProcess(sought, memory, host);
    memory = found.memory;
    const { finding } = found;
    if (finding.state === 'unclear') return absent('unclear', finding.reason);
    if (finding.state === 'gone') return goneAs(finding);
    const { entry, complaint, pidFile } = finding;
    last = entry.identity;
    const others = await otherCopies(entry);
    const copies = listed([entry.pid, ...others]);
    return {
      state: 'running',
      named: pidFile === 'ok',
      main: entry.identity,
      leftBehind: false,
      detail: `running, pid ${entry.pid}`,
      warnings: [
        ...(complaint === undefined ? [] : [`${complaint}, but process ${entry.pid} runs`]),
        ...(others.length === 0 ? [] : [`more than one copy runs: ${copies}`]),
      ],
    };
  }

  function lookNow(): Sighting | undefined {
    const finding = findGone(sought, memory, host);
    if (finding === undefined) return undefined;
    memory = { seen: memory.seen, look: memory.look, garbledSince: undefined };
    return goneAs(finding);
  }

  function goneAs({ pidFile, reason }: Extract<ProcessFinding, { state: 'gone' }>): Sighting {
    const leftBehind = pidFile === 'stale' || pidFile === 'unreadable';
    return { ...absent('gone', reason), leftBehind, ...(last && { last }) };
  }

  async function otherCopies(entry: ProcessEntry): Promise<readonly number[]> {
    const now = host.clock.monotonic();
    if (counted !== undefined && isSameProcess(entry.identity, counted.of) && now < counted.until) {
      return counted.pids;
    }
    const table = await host.processes.table(copiesAge);
    // One that was there when the table was read, before a restart perhaps, is no copy any more.
    const lives = ({ identity }: ProcessEntry) => host.processes.alive(identity);
    const pids = (await duplicates(entry, table)).filter(lives).map(({ pid }) => pid);
    const after = host.clock.monotonic();
    const wait = Math.max(copiesEvery, Math.min((after - now) / copiesShare, copiesAtLeastEvery));
    counted = { until: after + wait, of: entry.identity, pids };
    return pids;
  }

  /** With `match` what matches too; else what runs the same program with the same arguments as the same user. */
  async function duplicates(main: ProcessEntry, table: ProcessTable): Promise<readonly ProcessEntry[]> {
    const fits = sought.match && (await processTest(sought.match, host));
    const alike =
      typeof fits === 'function' ? matchingProcesses(table, fits, host.self.pid) : copiesOf(main, table);
    if (alike.length === 0 || (alike.length === 1 && alike[0]?.pid === main.pid)) return [];
    const family = new Set([...table.tree(main.pid).map(({ pid }) => pid), ...above(main, table)]);
    return alike.filter(({ pid }) => !family.has(pid));
  }

  return { look, lookNow };
}

/** As many of them as anybody reads. */
function listed(pids: readonly number[]): string {
  const sorted = pids.toSorted((a, b) => a - b);
  const more = sorted.length - mostListed;
  return more > 0 ? `${sorted.slice(0, mostListed).join(', ')} and ${more} more` : sorted.join(', ');
}

/** Its parent, the parent of that, and so on. */
function above({ ppid }: ProcessEntry, table: ProcessTable): ReadonlySet<number> {
  const found = new Set<number>();
  for (let pid = ppid; pid > 0 && !found.has(pid); pid = table.byPid.get(pid)?.ppid ?? 0) found.add(pid);
  return found;
}

function absent(state: 'gone' | 'unclear', detail: string): Sighting {
  return { state, named: false, leftBehind: false, detail, warnings: [] };
}
