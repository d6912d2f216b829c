import type { FileResult } from '../../host/files.ts';
import type { Host } from '../../host/host.ts';
import type { Section } from './evidence-section.ts';

/** What a process has open: how many descriptors, and where those lead to that could be read. */
export interface Descriptors {
  readonly count: number;
  /** `/var/log/api.log`, `socket:[4242]`, `pipe:[4243]`: proc(5), /proc/PID/fd. */
  readonly targets: readonly string[];
}

/** More descriptors than this are counted, not followed: each takes a call of its own, and the time is short. */
const MOST_FOLLOWED = 2000;
/** Lines of one section that people still read. */
const MOST_LINES = 100;

/** Reads them at the first call; later calls get the same. Nothing for no process, and where there is no /proc. */
export function descriptorsOf(
  host: Host,
  pid: () => Promise<number | undefined>,
): () => Promise<FileResult<Descriptors> | undefined> {
  let reading: Promise<FileResult<Descriptors> | undefined> | undefined;
  const read = async (): Promise<FileResult<Descriptors> | undefined> => {
    const main = await pid();
    if (main === undefined || host.platform !== 'linux') return undefined;
    const listed = await host.files.list(`/proc/${main}/fd`);
    if (!listed.ok) return listed;
    const followed = listed.value.slice(0, MOST_FOLLOWED);
    const links = await Promise.all(followed.map((fd) => host.files.link(`/proc/${main}/fd/${fd}`)));
    const targets = links.flatMap((link) => (link.ok ? [link.value] : []));
    return { ok: true, value: { count: listed.value.length, targets } };
  };
  return () => {
    reading ??= read();
    return reading;
  };
}

/** What the process has open, the same things counted together. */
export function filesSection(
  host: Host,
  pid: () => Promise<number | undefined>,
  descriptors: ReturnType<typeof descriptorsOf>,
): Section {
  return {
    title: 'open files',
    async read() {
      const [main, open] = await Promise.all([pid(), descriptors()]);
      if (main === undefined || open === undefined) return undefined;
      if (!open.ok) return `(${open.reason})`;
      const { count, targets } = open.value;
      const counts = new Map<string, number>();
      for (const target of targets) {
        // Sockets have a section of their own; here only their number counts.
        const name = target.replace(/^(socket|pipe):\[\d+\]$/, '$1');
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      const lines = [...counts].map(([name, times]) => (times > 1 ? `${name} (${times} times)` : name));
      const limit = (await host.processes.usage(main, { files: true })).files?.limit;
      const of = limit === undefined ? '' : ` of ${limit} allowed`;
      const more = lines.length - MOST_LINES;
      return [
        `${count} descriptors${of}`,
        ...lines.slice(0, MOST_LINES),
        ...(more > 0 ? [`... and ${more} more`] : []),
      ].join('\n');
    },
  };
}
