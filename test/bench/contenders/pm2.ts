import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { which } from '../machine.ts';
import { writeFile, type Yard } from '../service.ts';
import type { Contender } from './contender.ts';

/** PM2 with a home of its own in the yard. */
export const pm2: Contender = {
  name: 'PM2',
  owns: true,
  absent: () => (which('pm2') === undefined ? 'pm2 is not installed: npm install -g pm2' : undefined),
  version: () => `PM2 ${execFileSync('pm2', ['--version'], { encoding: 'utf8' }).trim().split('\n').at(-1)}`,
  async up(yard: Yard, count: number) {
    const home = `${yard.dir}/pm2`;
    const run = (...argv: string[]) =>
      execFileSync('pm2', argv, {
        cwd: yard.dir,
        env: { ...process.env, PM2_HOME: home, PM2_DISCRETE_MODE: 'true' },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    const apps = Array.from({ length: count }, (_, i) => ({
      name: `s${i}`,
      script: yard.binary,
      args: [yard.stamps(i)],
      interpreter: 'none',
      max_restarts: 100_000,
    }));
    run('start', writeFile(`${yard.dir}/apps.json`, JSON.stringify({ apps })), '--silent');
    await yard.allStarted(count);
    return {
      pid: Number(readFileSync(`${home}/pm2.pid`, 'utf8')),
      async close() {
        run('kill', '--silent');
      },
    };
  },
};
