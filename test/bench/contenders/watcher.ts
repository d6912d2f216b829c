import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type AgentOptions, settled, startAgent } from '../agent.ts';
import type { Yard } from '../service.ts';
import type { Contender } from './contender.ts';

interface WatcherOptions extends Pick<AgentOptions, 'start'> {
  readonly every?: string;
  readonly name?: string;
}

/** Our own agent, as built, with one rule file for each service. */
export function watcher(
  root: string,
  { every = '5s', name = `watcher, every ${every}`, start }: WatcherOptions = {},
): Contender {
  return {
    name,
    owns: false,
    absent: () => (existsSync(`${root}dist/watcher.js`) ? undefined : 'dist/ is not built: npm run build'),
    version: () =>
      execFileSync(process.execPath, [`${root}dist/watcher.js`, '--version'], { encoding: 'utf8' }).trim(),
    async up(yard: Yard, count: number) {
      const rules: string[] = [];
      for (let i = 0; i < count; i++) {
        execFileSync(yard.binary, [yard.stamps(i), yard.pidfile(i)]);
        rules.push(
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
          ].join('\n'),
        );
      }
      const agent = await startAgent(root, yard.dir, rules, {
        settings: `max_repairs: ${count + 10}\n`,
        ...(start && { start }),
      });
      await settled(agent);
      return agent;
    },
  };
}
