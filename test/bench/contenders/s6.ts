import { mkdirSync } from 'node:fs';
import { which } from '../machine.ts';
import { writeFile, type Yard } from '../service.ts';
import { type Contender, end, launch } from './contender.ts';

export const s6: Contender = {
  name: 's6',
  owns: true,
  absent: () => (which('s6-svscan') === undefined ? 's6-svscan is not installed' : undefined),
  version: () => 's6',
  async up(yard: Yard, count: number) {
    for (let i = 0; i < count; i++) {
      mkdirSync(`${yard.dir}/s6/s${i}`, { recursive: true });
      writeFile(`${yard.dir}/s6/s${i}/run`, `#!/bin/sh\nexec ${yard.binary} ${yard.stamps(i)}\n`, 0o755);
    }
    const child = launch(yard, 's6', ['s6-svscan', '-c', String(count + 10), `${yard.dir}/s6`]);
    await yard.allStarted(count);
    return { pid: child.pid ?? 0, close: () => end(child) };
  },
};
