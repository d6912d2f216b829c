import { spawnSync } from 'node:child_process';
import { startAgent } from './agent.ts';
import { figure, median, printTable } from './figures.ts';
import { machine } from './machine.ts';
import { openYard } from './service.ts';

/** From the start of the program to the first answer on its socket, by number of services; baseline `node -e 0` in the same run. */
export async function bench({ root, words }: { root: string; words: readonly string[] }): Promise<void> {
  const rows: string[][] = [];
  for (const count of [1, 100, 1000]) {
    const base: number[] = [];
    const ours: number[] = [];
    for (let round = 0; round < (words.includes('--quick') ? 2 : 10); round++) {
      const start = performance.now();
      spawnSync(process.execPath, ['-e', '0']);
      base.push(performance.now() - start);
      const yard = openYard();
      const services = Array.from(
        { length: count },
        (_, i) => `service: s${i}\nevery: 1m\nchecks:\n  load: { system: {}, expect: load1 < 1000 }`,
      );
      const agent = await startAgent(root, yard.dir, services);
      ours.push(agent.answeredAfterMs);
      await agent.close();
      await yard.close();
    }
    rows.push([
      String(count),
      figure(median(base)),
      figure(median(ours)),
      figure(median(ours) / median(base)),
    ]);
  }
  printTable(
    `Start to first answer (ms) — ${machine()}`,
    ['services', 'node -e 0', 'watcher run', 'ratio'],
    rows,
  );
}
