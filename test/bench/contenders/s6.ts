import { mkdirSync } from 'node:fs';
import { which } from '../machine.ts';
import { writeFile, type Yard } from '../service.ts';
import { type Contender, end, launch } from './contender.ts';

/** s6 starts a service at most once a second unless it says when it is ready (s6-supervise, notification-fd). */
export function s6(ready?: 'ready'): Contender {
  return {
    name: ready === undefined ? 's6' : 's6, with readiness',
    owns: true,
    absent: () => (which('s6-svscan') === undefined ? 's6-svscan is not installed' : undefined),
    version: () => 's6',
    async up(yard: Yard, count: number) {
      for (let i = 0; i < count; i++) {
        mkdirSync(`${yard.dir}/s6/s${i}`, { recursive: true });
        const tell = ready === undefined ? '' : 'echo >&3\nexec 3>&-\n';
        if (ready !== undefined) writeFile(`${yard.dir}/s6/s${i}/notification-fd`, '3\n');
        writeFile(
          `${yard.dir}/s6/s${i}/run`,
          `#!/bin/sh\n${tell}exec ${yard.binary} ${yard.stamps(i)}\n`,
          0o755,
        );
      }
      const child = launch(yard, 's6', ['s6-svscan', '-c', String(count + 10), `${yard.dir}/s6`]);
      await yard.allStarted(count);
      return { pid: child.pid ?? 0, close: () => end(child) };
    },
  };
}
