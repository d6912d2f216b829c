import { dirname } from 'node:path';
import type { Host } from '../../host/host.ts';
import type { Choice } from '../../model/service.ts';
import type { Problem } from '../../schema/problem.ts';

/** Whether the folders of pid files and the mount points that options name are there. */
export async function checkPaths({ kind, options }: Choice, host: Host): Promise<readonly Problem[]> {
  const pidFile = textOf(options['pidfile']);
  const mount = kind === 'filesystem' ? textOf(options['path']) : undefined;
  return [
    ...(pidFile === undefined ? [] : await checkPidFile(pidFile, host)),
    ...(mount === undefined ? [] : await checkMount(mount, host)),
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

async function checkMount(path: string, host: Host): Promise<readonly Problem[]> {
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
  return [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
