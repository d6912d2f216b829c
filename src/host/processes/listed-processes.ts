import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import type { ProcessIdentity } from '../../model/manager.ts';
import type { Clock } from '../clock.ts';
import type { ProcessEntry, Processes, ProcessTable } from '../processes.ts';
import { isAlive } from './alive.ts';
import { processTable } from './process-tree.ts';
import { sendSignal } from './send-signal.ts';

/**
 * Processes of machines without /proc (macOS, the BSDs), through the package ps-list and ps(1). Each reading starts a
 * program, so it is shared for longer. The start is known to the second only, and CPU time is not listed: CPU rates and
 * resident memory of one process come from ps(1) directly.
 */
export function createListedProcesses(clock: Clock): Processes {
  const memoryTotal = totalmem();
  const processors = cpus().length || 1;
  let latest: Promise<ProcessTable> | undefined;
  let takenAt = Number.NEGATIVE_INFINITY;

  const readTable = async (): Promise<ProcessTable> => {
    const { default: psList } = await import('ps-list');
    const byPid = new Map<number, ProcessEntry>();
    const at = clock.monotonic();
    for (const found of await psList()) {
      const startedAt = found.startTime?.getTime() ?? 0;
      byPid.set(found.pid, {
        identity: { pid: found.pid, start: startedAt },
        pid: found.pid,
        ppid: found.ppid,
        session: 0,
        comm: found.name,
        state: '?',
        threads: 1,
        rss: Math.round(((found.memory ?? 0) / 100) * memoryTotal),
        cpuMs: 0,
        startedAt,
        details: () => ({
          ...(found.path && { exe: found.path }),
          argv: found.cmd ? found.cmd.split(' ') : [found.name],
          uid: found.uid ?? -1,
          gid: -1,
          euid: found.uid ?? -1,
        }),
      });
    }
    return processTable(byPid, { takenAt: at, cpus: processors, memoryTotal });
  };

  const one = (pid: number): ProcessEntry | undefined => {
    const fields = 'ppid=,uid=,stat=,rss=,time=,lstart=,comm=';
    const answer = spawnSync('ps', ['-o', fields, '-p', String(pid)], {
      encoding: 'utf8',
      env: { LC_ALL: 'C' },
    });
    return parsePsLine(pid, answer.stdout ?? '');
  };
  const identify = (pid: number): ProcessIdentity | undefined => {
    const entry = one(pid);
    return entry && isAlive(entry) ? entry.identity : undefined;
  };
  const alive = (identity: ProcessIdentity) => identify(identity.pid)?.start === identity.start;

  return {
    cpus: processors,
    memoryTotal,
    table(maxAgeMs = 200) {
      if (!latest || clock.monotonic() - takenAt > Math.max(1000, maxAgeMs)) {
        takenAt = clock.monotonic();
        latest = readTable();
      }
      return latest;
    },
    one: async (pid) => one(pid),
    oneNow: one,
    remains: async () => [],
    identify,
    alive,
    isFree: () => false,
    signal: (identity, signal) =>
      alive(identity)
        ? sendSignal(identity.pid, signal)
        : { ok: false, code: 'ESRCH', reason: `process ${identity.pid} is gone` },
    usage: async () => ({}),
  };
}

/** One line of `ps -o ppid=,uid=,stat=,rss=,time=,lstart=,comm=` in the C locale, ps(1). */
export function parsePsLine(pid: number, line: string): ProcessEntry | undefined {
  const match =
    /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s+([\d:.-]+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]+\s+\d{4})\s+(.*)$/m.exec(
      line,
    );
  if (!match) return undefined;
  const [, ppid = '', uid = '', stat = '', rss = '', time = '', started = '', command = ''] = match;
  const startedAt = Date.parse(started);
  return {
    identity: { pid, start: startedAt },
    pid,
    ppid: Number(ppid),
    session: 0,
    comm: command.split('/').at(-1) ?? command,
    state: stat.charAt(0),
    threads: 1,
    rss: Number(rss) * 1024,
    cpuMs: parsePsTime(time),
    startedAt,
    details: () => ({ exe: command, argv: [command], uid: Number(uid), gid: -1, euid: Number(uid) }),
  };
}

/** `[days-][hours:]minutes:seconds[.hundredths]` in milliseconds. */
function parsePsTime(text: string): number {
  const [clockPart = '', days = '0'] = text.split('-').reverse();
  const seconds = clockPart.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1000);
}
