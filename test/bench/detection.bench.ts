import { execFileSync } from 'node:child_process';
import { createPolledDeaths } from '../../src/host/deaths/polled-deaths.ts';
import { createRealDeaths } from '../../src/host/deaths/real-deaths.ts';
import { createLinuxProcesses } from '../../src/host/processes/linux-processes.ts';
import { createRealClock } from '../../src/host/time/real-clock.ts';
import { figure, median, printTable, quantile } from './figures.ts';
import { machine, until } from './machine.ts';
import { openYard } from './service.ts';

interface Way {
  readonly name: string;
  /** Begins to watch; `gone` is called with the index of what died. Returns the way to stop. */
  watch(pids: readonly number[], gone: (index: number) => void): Promise<() => void>;
}

/**
 * Death of a process that is not our child, from `kill` to a JavaScript callback, and what waiting for it costs. The
 * agent's own `deaths` service beside polls of the same processes in the same run.
 */
export async function bench({ words }: { words: readonly string[] }): Promise<void> {
  const kills = words.includes('--quick') ? 10 : 40;
  const clock = createRealClock();
  const processes = createLinuxProcesses(clock);
  const identities = (pids: readonly number[]) =>
    pids.map((pid) => processes.identify(pid) ?? { pid, start: 0 });
  const poll = (ms: number): Way => ({
    name: `kill(pid, 0) every ${ms} ms`,
    async watch(pids, gone) {
      const left = new Map(pids.map((pid, index) => [index, pid]));
      const timer = setInterval(() => {
        for (const [index, pid] of left) {
          try {
            process.kill(pid, 0);
          } catch {
            left.delete(index);
            gone(index);
          }
        }
      }, ms);
      return () => clearInterval(timer);
    },
  });
  const ways: readonly Way[] = [
    {
      name: 'deaths (pidfd)',
      async watch(pids, gone) {
        const deaths = createRealDeaths(processes, clock);
        identities(pids).forEach((identity, index) => {
          deaths.watch(identity, () => gone(index));
        });
        await until('pidfd to be used', () => deaths.mechanism === 'pidfd');
        return () => deaths.close();
      },
    },
    {
      name: 'deaths without koffi (adaptive poll)',
      async watch(pids, gone) {
        const deaths = createPolledDeaths(processes, clock);
        identities(pids).forEach((identity, index) => {
          deaths.watch(identity, () => gone(index));
        });
        return () => deaths.close();
      },
    },
    poll(20),
    poll(100),
  ];
  const rows: string[][] = [];
  for (const count of [100, 500]) {
    for (const way of ways) rows.push([String(count), way.name, ...(await measure(way, count, kills))]);
  }
  printTable(
    `Death to callback (ms) — ${machine()}`,
    ['watched', 'way', 'median', 'p95', 'max', 'idle CPU ms/s'],
    rows,
  );
}

async function measure(way: Way, count: number, kills: number): Promise<readonly string[]> {
  const yard = openYard();
  // Waiting for a death does not keep a program alive.
  const alive = setInterval(() => {}, 1000);
  try {
    for (let i = 0; i < count; i++) execFileSync(yard.binary, [yard.stamps(i), yard.pidfile(i)]);
    const pids = Array.from({ length: count }, (_, i) => yard.pid(i));
    let told: (index: number) => void = () => {};
    const stop = await way.watch(pids, (index) => told(index));
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const { user, system } = process.cpuUsage(before);
    const times: number[] = [];
    for (let kill = 0; kill < kills; kill++) {
      // Evenly over a second (by the golden ratio), so that no poll is met at one phase only.
      await new Promise((resolve) => setTimeout(resolve, 20 + ((kill * 0.618_034) % 1) * 1000));
      const from = performance.now();
      await new Promise<void>((resolve) => {
        told = (index) => {
          if (index === kill) resolve();
        };
        process.kill(pids[kill] ?? Number.NaN, 'SIGKILL');
      });
      times.push(performance.now() - from);
    }
    stop();
    return [
      figure(median(times)),
      figure(quantile(times, 0.95)),
      figure(Math.max(...times)),
      figure((user + system) / 1000 / 2),
    ];
  } finally {
    clearInterval(alive);
    await yard.close();
  }
}
