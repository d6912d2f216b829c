import type { Host } from '../../host/host.ts';
import type { ProcessEntry } from '../../host/processes.ts';
import { formatDuration } from '../../lib/duration.ts';
import { formatSize } from '../../lib/size.ts';
import type { Section } from './evidence-section.ts';
import { maskedCommand } from './masked-command.ts';

type Pid = () => Promise<number | undefined>;

/** Lines of one section that people still read. */
const MOST_PROCESSES = 50;
const MOST_THREADS = 64;

/** The main process and everything below it, one line each. */
export function processSection(host: Host, pid: Pid): Section {
  return {
    title: 'processes',
    async read() {
      const main = await pid();
      if (main === undefined) return undefined;
      const now = host.clock.instant().wall;
      // A shared reading of the table may be older than a process that failed right after its start.
      const shared = (await host.processes.table()).tree(main);
      const tree = shared.length > 0 ? shared : (await host.processes.table(0)).tree(main);
      return tree
        .slice(0, MOST_PROCESSES)
        .map((entry) => processLine(entry, now))
        .join('\n');
    },
  };
}

/** `4242 S up 3 h, 41.2 MB, cpu 12 s, 7 threads: node server.js`. `now` is wall time. */
export function processLine(entry: ProcessEntry, now: number): string {
  const { argv } = entry.details();
  const command = argv.length === 0 ? `[${entry.comm}]` : maskedCommand(argv.join(' '));
  return (
    `${entry.pid} ${entry.state} up ${formatDuration(Math.max(0, now - entry.startedAt))}, ` +
    `${formatSize(entry.rss)}, cpu ${formatDuration(entry.cpuMs)}, ${entry.threads} threads: ${command.slice(0, 300)}`
  );
}

/** Every thread with what it waits for in the kernel: proc(5), /proc/PID/task/TID/{comm,wchan,stat}. */
export function threadsSection(host: Host, pid: Pid): Section {
  return {
    title: 'threads and what they wait for',
    async read() {
      const main = await pid();
      if (main === undefined || host.platform !== 'linux') return undefined;
      const tasks = await host.files.list(`/proc/${main}/task`);
      if (!tasks.ok) return undefined;
      const lines = await Promise.all(
        tasks.value.slice(0, MOST_THREADS).map(async (tid) => {
          const [stat, wchan] = await Promise.all([
            host.files.read(`/proc/${main}/task/${tid}/stat`, 512),
            host.files.read(`/proc/${main}/task/${tid}/wchan`, 128),
          ]);
          if (!stat.ok) return undefined;
          // The name is in parentheses and may contain any character; the state follows the last one.
          const name = stat.value.slice(stat.value.indexOf('(') + 1, stat.value.lastIndexOf(')'));
          const state = stat.value.slice(stat.value.lastIndexOf(')') + 2, stat.value.lastIndexOf(')') + 3);
          const waits = wchan.ok && wchan.value !== '' && wchan.value !== '0' ? ` in ${wchan.value}` : '';
          return `${tid} ${name} ${state}${waits}`;
        }),
      );
      const more = tasks.value.length - MOST_THREADS;
      return [
        ...lines.filter((line) => line !== undefined),
        ...(more > 0 ? [`... and ${more} more`] : []),
      ].join('\n');
    },
  };
}
