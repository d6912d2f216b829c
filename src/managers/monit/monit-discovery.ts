import { basename, dirname } from 'node:path';
import { readPidFile } from '../../host/files/pid-file.ts';
import type { Host } from '../../host/host.ts';
import { type Discovered, type Discovery, notHere } from '../manager-kind.ts';
import { askMonit, type MonitAccess, servicesIn } from './monit-client.ts';
import { type MonitProcess, type Monitrc, parseMonitrc } from './monitrc.ts';

export const defaultSocket = '/var/run/monit.sock';

/** Where control files are (monit(1), "FILES"; Debian has its own folder). */
const usualFiles = ['/etc/monit/monitrc', '/etc/monitrc', '/usr/local/etc/monitrc'];
const mostFiles = 500;

/** What Monit watches: from Monit itself, or where that does not answer from its control file. */
export async function discoverMonit(host: Host): Promise<Discovery> {
  const daemon = [...(await host.processes.table()).byPid.values()].find(({ comm }) => comm === 'monit');
  if (daemon === undefined && !(await host.files.exists(defaultSocket))) return notHere;
  const argv = daemon?.details().argv ?? [];
  const named = argv[argv.indexOf('-c') + 1];
  const file = argv.includes('-c') && named?.startsWith('/') ? named : await firstOf(host, usualFiles);
  const rules = file === undefined ? undefined : await readAll(host, file);
  const access = accessOf(rules?.rules);
  const asked = await askMonit(host, access, '/_status?format=xml');
  const processes = rules?.rules.processes ?? [];
  if (asked.ok) {
    const services = servicesIn(asked.body)
      .filter(({ type }) => type === processType)
      .map(({ name, pid }) => discovered(name, pid, access, processes));
    return { present: true, services };
  }
  if (rules === undefined) {
    const hint = 'run this as root, or as the user that may read its control file';
    return {
      present: true,
      services: [],
      trouble: `${asked.reason}; its control file cannot be read: ${hint}`,
    };
  }
  const services = await Promise.all(
    processes.map(async ({ name, pidfile }) => {
      const pid = pidfile === undefined ? undefined : await readPidFile(host.files, pidfile);
      return discovered(name, pid?.state === 'names' ? pid.pid : 0, access, processes);
    }),
  );
  const hint = 'without `set httpd` in its control file it can only be read, not operated';
  return { present: true, services, trouble: `${asked.reason}; ${hint}` };
}

/** Of the service types in Monit's status: `check process`. */
const processType = 3;

function accessOf(rules: Monitrc | undefined): MonitAccess {
  const { socket, port, username = 'admin', password = 'monit' } = rules ?? {};
  return {
    socket: socket ?? defaultSocket,
    ...(socket === undefined && port !== undefined ? { url: `http://127.0.0.1:${port}` } : {}),
    username,
    password,
  };
}

function discovered(
  name: string,
  pid: number,
  { socket, url, username, password }: MonitAccess,
  processes: readonly MonitProcess[],
): Discovered {
  const rule = processes.find((process) => process.name === name);
  const more = {
    ...(url === undefined ? (socket === defaultSocket ? {} : { socket }) : { url }),
    ...(username === 'admin' ? {} : { username }),
    // Secrets stay out of what is printed and written.
    ...(password === 'monit' ? {} : { password: '${file:/etc/watcher/monit-password}' }),
  };
  const alone = rule === undefined ? undefined : commandsOf(rule);
  return {
    name,
    manager: { monit: Object.keys(more).length === 0 ? name : { service: name, ...more } },
    detail: 'process that Monit watches',
    pids: pid > 0 ? [pid] : [],
    restarts: 'Monit',
    lasting: true,
    ...(alone === undefined ? {} : { instead: alone }),
  };
}

/** The same without Monit: its pid file and its programs. */
function commandsOf({ pidfile, matching, start, stop }: MonitProcess): Discovered['instead'] {
  if (pidfile === undefined && matching === undefined) return undefined;
  return {
    commands: {
      ...(pidfile === undefined ? { match: matching } : { pidfile }),
      ...(start === undefined ? {} : { start }),
      ...(stop === undefined ? {} : { stop }),
    },
  };
}

async function firstOf(host: Host, files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if (await host.files.exists(file)) return file;
  return undefined;
}

/** The control file with all that it includes; nothing when it cannot be read. */
async function readAll(host: Host, file: string): Promise<{ readonly rules: Monitrc } | undefined> {
  const waiting = [file];
  const read = new Set<string>();
  let rules: Monitrc = { includes: [], processes: [] };
  for (let next = waiting.shift(); next !== undefined && read.size < mostFiles; next = waiting.shift()) {
    if (read.has(next)) continue;
    read.add(next);
    const text = await host.files.read(next);
    if (!text.ok && next === file) return undefined;
    const found = parseMonitrc(text.ok ? text.value : '');
    rules = { ...rules, ...found, processes: [...rules.processes, ...found.processes] };
    for (const pattern of found.includes) waiting.push(...(await matching(host, pattern)));
  }
  return { rules };
}

/** Files that a pattern such as `/etc/monit/conf.d/*` names. */
async function matching(host: Host, pattern: string): Promise<readonly string[]> {
  if (!pattern.includes('*')) return [pattern];
  const words = basename(pattern)
    .split('*')
    .map((part) => part.replace(/[.\\^$+?()[\]{}|]/g, '\\$&'));
  const names = await host.files.list(dirname(pattern));
  const fits = new RegExp(`^${words.join('.*')}$`);
  return names.ok
    ? names.value.filter((name) => fits.test(name)).map((name) => `${dirname(pattern)}/${name}`)
    : [];
}
