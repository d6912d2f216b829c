import type { ProcessIdentity } from '../../model/manager.ts';
import type { StatLine } from '../proc/parse-stat.ts';
import type { ProcessDetails, ProcessEntry } from '../processes.ts';

/** USER_HZ: 100 on every architecture that Node runs on, whatever the kernel's own tick; see time(7). */
const TICKS_PER_SECOND = 100;
const MS_PER_TICK = 1000 / TICKS_PER_SECOND;

/** What turns the numbers of the kernel into those of an entry. */
export interface LinuxFacts {
  /** Bytes of a page. */
  readonly page: number;
  /** Wall milliseconds since the epoch. */
  bootTime(): number;
  detailsOf(entry: ProcessEntry): ProcessDetails;
}

/** One process as its stat file had it. A class, as thousands are made every few seconds: a function of its own would cost each as much as its facts. */
export class LinuxProcess implements ProcessEntry {
  readonly identity: ProcessIdentity;
  readonly pid: number;
  readonly ppid: number;
  readonly session: number;
  readonly comm: string;
  readonly state: string;
  readonly threads: number;
  readonly rss: number;
  readonly cpuMs: number;
  readonly startedAt: number;
  private readonly facts: LinuxFacts;

  constructor(stat: StatLine, facts: LinuxFacts) {
    this.identity = { pid: stat.pid, start: stat.startTicks };
    this.pid = stat.pid;
    this.ppid = stat.ppid;
    this.session = stat.session;
    this.comm = stat.comm;
    this.state = stat.state;
    this.threads = stat.threads;
    this.rss = stat.rssPages * facts.page;
    this.cpuMs = stat.cpuTicks * MS_PER_TICK;
    this.startedAt = facts.bootTime() + stat.startTicks * MS_PER_TICK;
    this.facts = facts;
  }

  details(): ProcessDetails {
    return this.facts.detailsOf(this);
  }
}
