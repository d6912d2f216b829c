import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Bed } from './bed.ts';
import { pidIn } from './bed.ts';
import { freePort } from './free-port.ts';

const execute = promisify(execFile);

/** The whole path of a Debian program: rules should not depend on anybody's PATH. */
function programPath(name: string): string {
  const found = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin']
    .map((folder) => `${folder}/${name}`)
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} is not installed: node .ci/prepare.mjs --debian`);
  return found;
}

const daemonFile = fileURLToPath(new URL('./services/daemon.mjs', import.meta.url));

/** A real service in the background, and the `manager:` block of a rule file that owns it. */
export interface Service {
  readonly port: number;
  readonly pidfile: string;
  readonly manager: string;
  readonly pid: () => number | undefined;
  readonly start: () => Promise<void>;
}

/** The small Node service of services/daemon.mjs. */
export async function nodeService(bed: Bed, name: string): Promise<Service> {
  const port = await freePort();
  const pidfile = bed.path(`${name}.pid`);
  const command = (verb: string): string[] => [process.execPath, daemonFile, verb, pidfile, String(port)];
  return service(bed, {
    port,
    pidfile,
    start: command('start'),
    stop: command('stop'),
    restart: command('restart'),
  });
}

/** An nginx with a page at / and its own prefix. */
export async function nginxService(bed: Bed, name: string): Promise<Service> {
  const port = await freePort();
  const pidfile = bed.path(`${name}.pid`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${bed.path(`${name}-${kind}`)};`)
    .join('\n  ');
  const conf = bed.write(
    `${name}.conf`,
    `pid ${pidfile};
error_log ${bed.path(`${name}.log`)};
worker_processes 1;
events { worker_connections 64; }
http {
  access_log off;
  ${temporary}
  server {
    listen 127.0.0.1:${port};
    location / { default_type text/plain; return 200 "it works\\n"; }
  }
}
`,
  );
  const base = [programPath('nginx'), '-p', bed.folder, '-c', conf, '-e', bed.path(`${name}.log`)];
  return service(bed, { port, pidfile, start: base, stop: [...base, '-s', 'stop'] });
}

/** A redis-server without persistence. */
export async function redisService(bed: Bed, name: string): Promise<Service> {
  const port = await freePort();
  const pidfile = bed.path(`${name}.pid`);
  const conf = bed.write(
    `${name}.conf`,
    `bind 127.0.0.1\nport ${port}\ndaemonize yes\npidfile ${pidfile}\ndir ${bed.folder}\nsave ""\nlogfile ${bed.path(`${name}.log`)}\n`,
  );
  return service(bed, {
    port,
    pidfile,
    start: [programPath('redis-server'), conf],
    stop: [programPath('redis-cli'), '-p', String(port), 'shutdown', 'nosave'],
  });
}

/** proc(5), /proc/PID/task/TID/children. */
function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

interface Commands {
  readonly port: number;
  readonly pidfile: string;
  readonly start: readonly string[];
  readonly stop: readonly string[];
  readonly restart?: readonly string[];
}

function service(bed: Bed, { port, pidfile, ...commands }: Commands): Service {
  const manager = [
    'manager:',
    '  commands:',
    `    pidfile: ${pidfile}`,
    ...Object.entries(commands).map(([verb, argv]) => `    ${verb}: ${JSON.stringify(argv)}`),
  ].join('\n');
  bed.onClose(() => {
    const pid = pidIn(pidfile);
    if (pid === undefined) return;
    // The workers of an nginx whose master was killed would go on for ever.
    for (const one of [pid, ...childrenOf(pid)]) {
      try {
        process.kill(one, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
  });
  return {
    port,
    pidfile,
    manager,
    pid: () => pidIn(pidfile),
    async start() {
      const [file = '', ...args] = commands.start;
      await execute(file, args);
    },
  };
}
