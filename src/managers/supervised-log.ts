import { basename, resolve } from 'node:path';
import type { Host } from '../host/host.ts';
import { logTails, noLog } from './log-tails.ts';

/** Programs that keep the output of a service in folders with a file `current`. */
const loggers: ReadonlySet<string> = new Set(['svlogd', 'multilog', 's6-log']);

/**
 * Last lines of a service of runit or s6. Its output goes through a pipe to the service `log` in its folder (runsv(8),
 * s6-svscan(1)), which keeps it in folders named on its command line: svlogd(8), multilog(8), s6-log(1). By custom, and
 * where that program does not run just now, it is the folder `main` of the log service.
 */
export async function supervisedLogs(
  host: Host,
  services: readonly string[],
  pidOf: (service: string) => Promise<number>,
  lines: number,
): Promise<readonly string[]> {
  for (const service of services) {
    if (!(await host.files.exists(service))) continue;
    const pid = await pidOf(service);
    const argv = pid > 0 ? ((await host.processes.one(pid))?.details().argv ?? []) : [];
    for (const folder of [...foldersIn(argv), 'main']) {
      const current = resolve(service, folder, 'current');
      if (await host.files.exists(current)) return logTails(host.files, [current], lines, '');
    }
  }
  return [noLog(`no log service at ${services.join(' or ')} that keeps a file`)];
}

/** Of the words of a logger those that name folders: for svlogd all but options, for the others those that begin so. */
function foldersIn(argv: readonly string[]): readonly string[] {
  const [program = '', ...words] = argv;
  if (!loggers.has(basename(program))) return [];
  const named = words.filter((word) => /^[./]/.test(word));
  const last = words.at(-1);
  return named.length > 0 || basename(program) !== 'svlogd' || last === undefined ? named : [last];
}
