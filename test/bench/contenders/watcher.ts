import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { until } from '../machine.ts';
import { writeFile, type Yard } from '../service.ts';
import { type Contender, end, launch } from './contender.ts';

/** Our own agent, as built, with one rule file for each service. `nudges: false` leaves only the polling. */
export function watcher(
  root: string,
  options: { every?: string; env?: Record<string, string> } = {},
): Contender {
  const every = options.every ?? '5s';
  return {
    name: `watcher, every ${every}`,
    owns: false,
    absent: () => (existsSync(`${root}dist/watcher.js`) ? undefined : 'dist/ is not built: npm run build'),
    version: () =>
      execFileSync(process.execPath, [`${root}dist/watcher.js`, '--version'], { encoding: 'utf8' }).trim(),
    async up(yard: Yard, count: number) {
      const home = `${yard.dir}/watcher`;
      mkdirSync(`${home}/rules`, { recursive: true });
      for (let i = 0; i < count; i++) {
        execFileSync(yard.binary, [yard.stamps(i), yard.pidfile(i)]);
        writeFile(
          `${home}/rules/s${i}.yaml`,
          [
            `service: s${i}`,
            'manager:',
            '  commands:',
            `    pidfile: ${yard.pidfile(i)}`,
            `    start: [${yard.binary}, ${yard.stamps(i)}, ${yard.pidfile(i)}]`,
            `every: ${every}`,
            'repair_budget: { attempts: 1000 in 1m, backoff: 0s..0s, hold: 0s }',
            'checks:',
            '  alive: { process: {}, repair: start, recover_after: 1 }',
            '',
          ].join('\n'),
        );
      }
      const config = writeFile(
        `${home}/watcher.yaml`,
        `rules: [./rules/*.yaml]\nstate_dir: ${home}/state\nsocket: ${home}/watcher.sock\nmax_repairs: ${count + 10}\n`,
      );
      const child = launch(
        yard,
        'watcher',
        [process.execPath, `${root}dist/watcher.js`, 'run', '--config', config],
        options.env,
      );
      const cli = (...words: string[]) =>
        execFileSync(
          process.execPath,
          [`${root}dist/watcher.js`, ...words, '--socket', `${home}/watcher.sock`],
          { encoding: 'utf8' },
        );
      await until(
        'the agent to know every service as up',
        () => {
          try {
            const { services } = JSON.parse(cli('summary', '--json')) as { services: { state: string }[] };
            return services.length === count && services.every((service) => service.state === 'up');
          } catch {
            return false;
          }
        },
        60_000,
        200,
      );
      return { pid: child.pid ?? 0, close: () => end(child) };
    },
  };
}
