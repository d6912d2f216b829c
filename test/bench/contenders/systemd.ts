import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { openBus } from '../../../src/host/dbus/connection.ts';
import type { BusConnection, BusReply } from '../../../src/host/dbus.ts';
import { unitPath } from '../../../src/managers/systemd/systemd-unit.ts';
import { asUnit, settled, startAgent } from '../agent.ts';
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

/** The least that anybody outside can do: a program that is told by systemd that a unit has failed, and asks for its start. */
export const onceSystemdTells: Contender = {
  name: 'StartUnit once systemd tells',
  owns: false,
  absent,
  version,
  async up(yard, count) {
    const units = await startUnits(yard, count, 'no');
    const systemd = await askSystemd();
    const paths = new Map(units.map((unit) => [unitPath(unit), unit]));
    systemd.onSignal((signal) => {
      const unit = paths.get(signal.path ?? '');
      if (unit === undefined || signal.member !== 'PropertiesChanged') return;
      const [of, changes] = signal.body() as readonly [string, Readonly<Record<string, unknown>>];
      if (of === 'org.freedesktop.systemd1.Unit' && changes['ActiveState'] === 'failed')
        void callManager(systemd, 'StartUnit', [unit, 'replace']);
    });
    return {
      pid: process.pid,
      async close() {
        systemd.close();
        await stopUnits(units);
      },
    };
  },
};

/** A connection to systemd itself that is told of everything. */
export async function askSystemd(): Promise<BusConnection> {
  const opened = await openBus({ path: '/run/systemd/private', bus: false }, 5000);
  if (!opened.ok) throw new Error(opened.reason);
  await callManager(opened.connection, 'Subscribe', []);
  return opened.connection;
}

/** A method of systemd's manager with words for arguments. */
export function callManager(
  systemd: BusConnection,
  member: string,
  words: readonly string[],
): Promise<BusReply> {
  return systemd.call(
    {
      path: '/org/freedesktop/systemd1',
      interface: 'org.freedesktop.systemd1.Manager',
      member,
      signature: 's'.repeat(words.length),
      arguments: words,
    },
    5000,
  );
}

/**
 * When systemd last began to start the unit, in milliseconds of CLOCK_MONOTONIC: the first thing it does then is to look at its
 * conditions (unit_start() of its source), and it notes when.
 */
export async function startBegan(systemd: BusConnection, unit: string): Promise<number> {
  const reply = await systemd.call(
    {
      path: unitPath(unit),
      interface: 'org.freedesktop.DBus.Properties',
      member: 'Get',
      signature: 'ss',
      arguments: ['org.freedesktop.systemd1.Unit', 'ConditionTimestampMonotonic'],
    },
    5000,
  );
  if (!reply.ok) throw new Error(reply.reason);
  return Number(reply.body[0]) / 1000;
}

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
      const agent = await startAgent(root, yard.dir, rules, {
        settings: `max_repairs: ${count + 10}\n`,
        start: asUnit,
      });
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
