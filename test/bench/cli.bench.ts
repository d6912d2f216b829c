import { spawnSync } from 'node:child_process';
import { settled, startAgent } from './agent.ts';
import { figure, median, printTable, quantile } from './figures.ts';
import { machine } from './machine.ts';
import { openYard } from './service.ts';

/** What a person waits for: wall time of commands beside `node -e 0`, interleaved. */
export async function bench({ root, words }: { root: string; words: readonly string[] }): Promise<void> {
  const yard = openYard();
  const services = Array.from(
    { length: 20 },
    (_, i) => `service: s${i}\nevery: 5s\nchecks:\n  load: { system: {}, expect: load1 < 1000 }`,
  );
  const agent = await startAgent(root, yard.dir, services);
  await settled(agent);
  const socket = `${yard.dir}/agent/watcher.sock`;
  const main = `${root}dist/watcher.js`;
  const contenders: Record<string, readonly string[]> = {
    'node -e 0': ['-e', '0'],
    'watcher --version': [main, '--version'],
    'watcher summary': [main, 'summary', '--socket', socket],
    'watcher status': [main, 'status', '--socket', socket],
  };
  const times = new Map<string, number[]>();
  try {
    for (let round = 0; round < (words.includes('--quick') ? 5 : 40); round++) {
      for (const [name, argv] of Object.entries(contenders)) {
        const start = performance.now();
        const { status, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
        if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
        times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
      }
    }
  } finally {
    await agent.close();
    await yard.close();
  }
  const base = median(times.get('node -e 0') ?? []);
  printTable(
    `Commands (ms) — ${machine()}`,
    ['command', 'median', 'p95', 'median / node -e 0'],
    [...times].map(([name, samples]) => [
      name,
      figure(median(samples)),
      figure(quantile(samples, 0.95)),
      figure(median(samples) / base),
    ]),
  );
}
