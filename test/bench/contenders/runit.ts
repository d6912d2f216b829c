import { mkdirSync } from 'node:fs';
import { which } from '../machine.ts';
import { writeFile, type Yard } from '../service.ts';
import { type Contender, end, launch } from './contender.ts';

export const runit: Contender = {
  name: 'runit',
  owns: true,
  absent: () => (which('runsvdir') === undefined ? 'runsvdir is not installed' : undefined),
  version: () => 'runit',
  async up(yard: Yard, count: number) {
    for (let i = 0; i < count; i++) {
      mkdirSync(`${yard.dir}/runit/s${i}`, { recursive: true });
      writeFile(`${yard.dir}/runit/s${i}/run`, `#!/bin/sh\nexec ${yard.binary} ${yard.stamps(i)}\n`, 0o755);
    }
    const child = launch(yard, 'runit', ['runsvdir', '-P', `${yard.dir}/runit`]);
    await yard.allStarted(count);
    // HUP tells runsvdir to end its supervisors and their services with it.
    return { pid: child.pid ?? 0, close: () => end(child, 'SIGHUP') };
  },
};
