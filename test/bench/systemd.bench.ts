import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asUnit } from './agent.ts';
import type { Contender } from './contenders/contender.ts';
import { runit } from './contenders/runit.ts';
import {
  askSystemd,
  callManager,
  onceSystemdTells,
  startBegan,
  systemdItself,
  watcherOverSystemd,
} from './contenders/systemd.ts';
import { watcher } from './contenders/watcher.ts';
import { figure, median, printTable, quantile } from './figures.ts';
import { machine, until } from './machine.ts';
import { LOOK_EVERY_MS, openYard } from './service.ts';

const COUNT = 10;
const OF_A_DEAD_UNIT = 'StartUnit of a unit long dead';

interface Repair {
  /** Milliseconds from `kill -9` to the first instruction of the successor. */
  readonly total: number;
  /** Milliseconds until systemd began to start the unit; absent where systemd does not start it. */
  readonly begins?: number;
}

/**
 * `kill -9` of the main process of a unit to the first instruction of its successor, in a box with a real systemd, and how much
 * of that passes before systemd begins to start it: what comes after is systemd's own start. Baselines: systemd restarting its
 * own child; the least that anybody outside can do; a start of a unit that has been dead for long. And the same of services with plain
 * commands beside systemd, where runit, which restarts its own children, is the baseline.
 */
export async function bench({ root, words }: { root: string; words: readonly string[] }): Promise<void> {
  if (!words.includes('--inside')) {
    outside(root, words);
    return;
  }
  const kills = words.includes('--quick') ? 10 : 50;
  const found = new Map<string, Repair[]>();
  const add = (name: string, repairs: readonly Repair[]) =>
    found.set(name, [...(found.get(name) ?? []), ...repairs]);
  const overUnits = [systemdItself, onceSystemdTells, watcherOverSystemd(root)];
  const beside = [watcher(root, { name: 'watcher, plain commands', start: asUnit }), runit];
  for (let round = 0; round < 2; round++) {
    for (const contender of [...overUnits, ...beside])
      if (contender.absent() === undefined)
        add(contender.name, await repairsBy(contender, kills, overUnits.includes(contender)));
    add(OF_A_DEAD_UNIT, await startsOfADeadUnit(kills));
  }
  printTable(
    `Death to repair of ${COUNT} units of ${systemdItself.version()} (ms) — ${machine()}`,
    ['tool', 'median', 'p95', 'max', 'runs', 'until systemd begins', 'p95', "systemd's own start", 'p95'],
    [...found].map(([name, repairs]) => {
      const totals = repairs.map(({ total }) => total);
      const begins = repairs.flatMap((repair) => (repair.begins === undefined ? [] : [repair.begins]));
      const own = repairs.flatMap(({ total, begins }) => (begins === undefined ? [] : [total - begins]));
      const both = (samples: readonly number[]) =>
        samples.length === 0 ? ['', ''] : [figure(median(samples)), figure(quantile(samples, 0.95))];
      return [
        name,
        ...both(totals),
        figure(Math.max(...totals)),
        String(totals.length),
        ...both(begins),
        ...both(own),
      ];
    }),
  );
}

async function repairsBy(
  contender: Contender,
  kills: number,
  bySystemd: boolean,
): Promise<readonly Repair[]> {
  const yard = openYard();
  const running = await contender.up(yard, COUNT);
  const systemd = await askSystemd();
  const repairs: Repair[] = [];
  try {
    for (let kill = 0; kill < kills; kill++) {
      await new Promise((resolve) => setTimeout(resolve, 130));
      const total = await yard.killAndWait(kill % COUNT);
      const killed = yard.lastStart(kill % COUNT) - total;
      const began = bySystemd ? await startBegan(systemd, `bench-${kill % COUNT}.service`) : undefined;
      repairs.push(began === undefined ? { total } : { total, begins: began - killed });
    }
  } finally {
    systemd.close();
    await running.close();
    await yard.close();
  }
  return repairs;
}

/** From the call of StartUnit to the first instruction of the unit's program. */
async function startsOfADeadUnit(times: number): Promise<readonly Repair[]> {
  const yard = openYard();
  const running = await systemdItself.up(yard, 1);
  const systemd = await askSystemd();
  const starts: Repair[] = [];
  try {
    for (let i = 0; i < times; i++) {
      spawnSync('systemctl', ['stop', 'bench-0.service']);
      await new Promise((resolve) => setTimeout(resolve, 130));
      const before = yard.starts(0);
      const called = Number(process.hrtime.bigint()) / 1e6;
      void callManager(systemd, 'StartUnit', ['bench-0.service', 'replace']);
      await until('the unit to start', () => yard.starts(0) > before, 10_000, LOOK_EVERY_MS);
      const began = await startBegan(systemd, 'bench-0.service');
      starts.push({ total: yard.lastStart(0) - called, begins: began - called });
    }
  } finally {
    systemd.close();
    await running.close();
    await yard.close();
  }
  return starts;
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
