import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBus } from '../../src/host/dbus/connection.ts';
import { runit } from './contenders/runit.ts';
import { systemdItself, watcherOverSystemd } from './contenders/systemd.ts';
import { figure, median, printTable, quantile } from './figures.ts';
import { machine, until } from './machine.ts';
import { LOOK_EVERY_MS, openYard } from './service.ts';

const COUNT = 10;
const OWN_START = 'systemd, StartUnit of a dead unit';

/**
 * `kill -9` of the main process of a unit to the first instruction of its successor, in a box with a real systemd. Baselines:
 * systemd restarting its own child, and systemd's own start: a call of StartUnit over an open connection, which is all that
 * anybody outside can do about a unit that is dead. runit, which restarts services of its own, says how fast the machine is.
 */
export async function bench({ root, words }: { root: string; words: readonly string[] }): Promise<void> {
  if (!words.includes('--inside')) {
    outside(root, words);
    return;
  }
  const kills = words.includes('--quick') ? 10 : 50;
  const times = new Map<string, number[]>();
  const all = [systemdItself, watcherOverSystemd(root), runit];
  const contenders = all.filter((contender) => contender.absent() === undefined);
  for (let round = 0; round < 2; round++) {
    for (const contender of contenders) {
      const yard = openYard();
      const running = await contender.up(yard, COUNT);
      try {
        for (let kill = 0; kill < kills; kill++) {
          await new Promise((resolve) => setTimeout(resolve, 130));
          times.set(contender.name, [
            ...(times.get(contender.name) ?? []),
            await yard.killAndWait(kill % COUNT),
          ]);
        }
      } finally {
        await running.close();
        await yard.close();
      }
    }
    times.set(OWN_START, [...(times.get(OWN_START) ?? []), ...(await ownStarts(kills))]);
  }
  const base = median(times.get(OWN_START) ?? []);
  const speed = times.get(runit.name);
  printTable(
    `Death to repair of ${COUNT} units of ${systemdItself.version()} (ms) — ${machine()}`,
    ['tool', 'median', 'p95', 'max', 'runs', 'median less own start', 'that / runit'],
    [...times].map(([name, samples]) => [
      name,
      figure(median(samples)),
      figure(quantile(samples, 0.95)),
      figure(Math.max(...samples)),
      String(samples.length),
      samples === speed ? '' : figure(median(samples) - base),
      samples === speed || speed === undefined ? '' : figure((median(samples) - base) / median(speed)),
    ]),
  );
}

/** From the call of StartUnit to the first instruction of the unit's program. */
async function ownStarts(times: number): Promise<readonly number[]> {
  const yard = openYard();
  const running = await systemdItself.up(yard, 1);
  const opened = await openBus({ path: '/run/systemd/private', bus: false }, 5000);
  if (!opened.ok) throw new Error(opened.reason);
  const samples: number[] = [];
  try {
    for (let i = 0; i < times; i++) {
      spawnSync('systemctl', ['stop', 'bench-0.service']);
      await new Promise((resolve) => setTimeout(resolve, 130));
      const before = yard.starts(0);
      const start = process.hrtime.bigint();
      void opened.connection.call(
        {
          path: '/org/freedesktop/systemd1',
          interface: 'org.freedesktop.systemd1.Manager',
          member: 'StartUnit',
          signature: 'ss',
          arguments: ['bench-0.service', 'replace'],
        },
        5000,
      );
      await until('the unit to start', () => yard.starts(0) > before, 10_000, LOOK_EVERY_MS);
      samples.push(yard.lastStart(0) - Number(start) / 1e6);
    }
  } finally {
    opened.connection.close();
    await running.close();
    await yard.close();
  }
  return samples;
}

/** Runs this same file in a box of the tests' own. */
function outside(root: string, words: readonly string[]): void {
  if (process.getuid?.() !== 0) {
    console.log('systemd: left out, its box needs root');
    return;
  }
  // Shared with the box; not in /tmp, which a booting system empties.
  const caches = `${root}node_modules/.cache`;
  mkdirSync(caches, { recursive: true });
  const shared = mkdtempSync(`${caches}/watcher-bench-`);
  try {
    const here = dirname(fileURLToPath(import.meta.url));
    for (const name of ['systemd.bench.mjs', 'service']) copyFileSync(`${here}/${name}`, `${shared}/${name}`);
    const box = [process.execPath, `${shared}/systemd.bench.mjs`, root, ...words, '--inside'];
    const env = { ...process.env, SDBOX_BIND: `${root.replace(/\/$/, '')} ${process.execPath}` };
    for (const [program, ...argv] of [
      [`${root}test/beds/setup`, '--box'],
      [`${root}test/beds/sdbox`, 'run', `bench-${process.pid}`, 'env', `PATH=${process.env['PATH']}`, ...box],
    ]) {
      const { status } = spawnSync(program ?? '', argv, { stdio: 'inherit', env });
      if (status !== 0) throw new Error(`${program} ended with ${status}`);
    }
  } finally {
    rmSync(shared, { recursive: true, force: true });
  }
}
