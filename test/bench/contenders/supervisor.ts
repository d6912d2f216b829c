import { execFileSync } from 'node:child_process';
import { which } from '../machine.ts';
import { writeFile, type Yard } from '../service.ts';
import { type Contender, end, launch } from './contender.ts';

export const supervisor: Contender = {
  name: 'Supervisor',
  owns: true,
  absent: () => (which('supervisord') === undefined ? 'supervisord is not installed' : undefined),
  version: () => `Supervisor ${execFileSync('supervisord', ['--version'], { encoding: 'utf8' }).trim()}`,
  async up(yard: Yard, count: number) {
    const programs = Array.from(
      { length: count },
      (_, i) =>
        `[program:s${i}]\ncommand=${yard.binary} ${yard.stamps(i)}\nautorestart=true\nstartretries=1000\n`,
    );
    const config = writeFile(
      `${yard.dir}/supervisord.conf`,
      `[supervisord]\nnodaemon=true\nlogfile=${yard.dir}/supervisord.log\npidfile=${yard.dir}/supervisord.pid\nminfds=4096\n${programs.join('\n')}`,
    );
    const child = launch(yard, 'supervisor', ['supervisord', '-c', config]);
    await yard.allStarted(count);
    return { pid: child.pid ?? 0, close: () => end(child) };
  },
};
