import { spawnSync } from 'node:child_process';
import { settled, startAgent } from './agent.ts';
import { end } from './contenders/contender.ts';
import { launchMonit } from './contenders/monit.ts';
import { figure, median, printTable, quantile } from './figures.ts';
import { machine, which } from './machine.ts';
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
    'node -e 0': [process.execPath, '-e', '0'],
    'watcher --version': [process.execPath, main, '--version'],
    'watcher summary': [process.execPath, main, 'summary', '--socket', socket],
    'watcher summary, by its configuration': [
      process.execPath,
      main,
      'summary',
      '-c',
      `${yard.dir}/agent/watcher.yaml`,
    ],
    'watcher status': [process.execPath, main, 'status', '--socket', socket],
  };
  const peer = which('monit') === undefined ? undefined : await startMonit(yard.dir);
  if (peer !== undefined) contenders['monit summary'] = ['monit', '-c', peer.config, 'summary'];
  const times = new Map<string, number[]>();
  try {
    for (let round = 0; round < (words.includes('--quick') ? 5 : 40); round++) {
      for (const [name, argv] of Object.entries(contenders)) {
        const start = performance.now();
        const [program = '', ...rest] = argv;
        const { status, stderr } = spawnSync(program, rest, { encoding: 'utf8' });
        if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
        times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
      }
    }
  } finally {
    if (peer !== undefined) await end(peer.child);
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

/** Monit with as many checks, answering on a unix socket. */
async function startMonit(dir: string) {
  const checks = Array.from({ length: 20 }, (_, i) => `check filesystem f${i} with path /\n`);
  const running = launchMonit(dir, 5, checks, `set httpd unixsocket ${dir}/monit.sock allow bench:bench\n`);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  return running;
}
