import { dirname } from 'node:path';
import type { Host } from '../../host/host.ts';
import type { Choice } from '../../model/service.ts';
import type { Problem } from '../../schema/problem.ts';

/** Longest wait for what the kernel knows of a path, in milliseconds: of a dead network mount it says nothing. */
const PATIENCE = 5000;

/** Whether the folders of pid files, the mount points and the users that options name are there. */
export async function checkPaths({ kind, options }: Choice, host: Host): Promise<readonly Problem[]> {
  const pidFile = textOf(options['pidfile']);
  const mount = kind === 'filesystem' ? textOf(options['path']) : undefined;
  return [
    ...(pidFile === undefined ? [] : await checkPidFile(pidFile, host)),
    ...(mount === undefined ? [] : await checkMount(mount, options['mounted'] === true, host)),
    ...(await checkUser(options['match'], host)),
  ];
}

async function checkPidFile(path: string, host: Host): Promise<readonly Problem[]> {
  const folder = dirname(path);
  if (await host.files.exists(folder)) return [];
  return [
    {
      level: 'warning',
      code: 'no-such-folder',
      message: `there is no folder ${folder} for the pid file ${path}`,
      hint: 'it may come with the service; else the service cannot write its pid file there',
    },
  ];
}

/** The user of a pattern: a name, or a number that needs no name. */
async function checkUser(match: unknown, host: Host): Promise<readonly Problem[]> {
  const user = typeof match === 'object' && match !== null && 'user' in match ? match.user : undefined;
  if (typeof user !== 'string' || /^\d+$/.test(user)) return [];
  if ((await host.users.user(user)) !== undefined) return [];
  const hint = 'write a user that is there, or leave it out: no process is ever found so';
  return [{ level: 'error', code: 'no-such-user', message: `there is no user ${user}`, hint }];
}

async function checkMount(path: string, mounted: boolean, host: Host): Promise<readonly Problem[]> {
  if (!(await host.files.exists(path))) {
    return [
      {
        level: 'error',
        code: 'no-such-path',
        message: `there is no ${path}`,
        hint: 'write a path that is there, best the one that it is mounted on',
      },
    ];
  }
  if (!mounted) return [];
  const usage = await host.filesystems.usage(path, PATIENCE);
  const lies = usage.ok ? usage.value.mount?.target : path;
  if (lies === path.replace(/(?<=.)\/+$/, '')) return [];
  return [
    {
      level: 'error',
      code: 'not-mounted',
      message: `${path} is no mount point: it lies on ${lies ?? 'another file system'}`,
      hint: 'mount it, or leave out mounted:',
    },
  ];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
