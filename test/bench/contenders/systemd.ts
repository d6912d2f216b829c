import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { settled, startAgent } from '../agent.ts';
import { writeFile, type Yard } from '../service.ts';
import type { Contender } from './contender.ts';

const UNITS = '/run/systemd/system';

function systemctl(...words: string[]): string {
  return execFileSync('systemctl', words, { encoding: 'utf8' });
}

/** Units `bench-0.service` and so on, started; `restart` is what systemd itself does when they die. */
async function startUnits(yard: Yard, count: number, restart: 'no' | 'always'): Promise<readonly string[]> {
  const units = Array.from({ length: count }, (_, i) => `bench-${i}.service`);
  for (const [i, unit] of units.entries()) {
    writeFile(
      `${UNITS}/${unit}`,
      `[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=${yard.binary} ${yard.stamps(i)}\nRestart=${restart}\nRestartSec=0\n`,
    );
  }
  systemctl('daemon-reload');
  systemctl('start', ...units);
  await yard.allStarted(count);
  return units;
}

async function stopUnits(units: readonly string[]): Promise<void> {
  systemctl('stop', ...units);
}

const absent = () => (existsSync('/run/systemd/system') ? undefined : 'systemd does not run here');
const version = () => systemctl('--version').split('\n')[0] ?? 'systemd';

/** systemd by itself, `Restart=always` without its pause. */
export const systemdItself: Contender = {
  name: 'systemd, Restart=always',
  owns: true,
  absent,
  version,
  async up(yard, count) {
    const units = await startUnits(yard, count, 'always');
    return { pid: 1, close: () => stopUnits(units) };
  },
};

/** Our agent over units that systemd leaves dead: `Restart=no`. */
export function watcherOverSystemd(root: string): Contender {
  return {
    name: 'watcher, Restart=no',
    owns: false,
    absent,
    version,
    async up(yard, count) {
      const units = await startUnits(yard, count, 'no');
      const rules = units.map((unit, i) =>
        [
          `service: s${i}`,
          `manager: { systemd: ${unit} }`,
          'every: 5s',
          'repair_budget: { attempts: 1000 in 1m, backoff: 0s..0s, hold: 0s }',
          'checks:',
          '  alive: { process: {}, repair: start, recover_after: 1 }',
        ].join('\n'),
      );
      const agent = await startAgent(root, yard.dir, rules, `max_repairs: ${count + 10}\n`);
      await settled(agent);
      return {
        pid: agent.pid,
        async close() {
          await agent.close();
          await stopUnits(units);
        },
      };
    },
  };
}
