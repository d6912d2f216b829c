import { settled, startAgent } from './agent.ts';
import { figure, printTable } from './figures.ts';
import { machine, usage } from './machine.ts';
import { openYard } from './service.ts';

/** Processor time and memory by number of checks at 10 s: TCP checks of one local listener, five for each service. */
export async function bench({ root, words }: { root: string; words: readonly string[] }): Promise<void> {
  const quick = words.includes('--quick');
  const { createServer } = await import('node:net');
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 1024, resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const rows: string[][] = [];
  for (const count of quick ? [10, 100, 1000] : [10, 100, 1000, 10_000]) {
    const yard = openYard();
    const checks = Array.from({ length: 5 }, (_, k) => `  c${k}: { tcp: "127.0.0.1:${port}" }`).join('\n');
    const services = Array.from(
      { length: count / 5 },
      (_, i) => `service: s${i}\nevery: 10s\nchecks:\n${checks}`,
    );
    const agent = await startAgent(root, yard.dir, services);
    try {
      await settled(agent, 180_000);
      const missed = () =>
        (JSON.parse(agent.cli('summary', '--json')) as { agent: { missedRuns: number } }).agent.missedRuns;
      await new Promise((resolve) => setTimeout(resolve, quick ? 5000 : 30_000));
      const missedBefore = missed();
      const before = usage(agent.pid);
      const seconds = quick ? 10 : 30;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      const after = usage(agent.pid);
      const cpu = (after.cpuMs - before.cpuMs) / seconds;
      rows.push([
        String(count),
        figure(cpu),
        figure(cpu / (count / 10)),
        figure(after.rssMb),
        figure(after.rssMb - before.rssMb),
        String(missed() - missedBefore),
      ]);
    } finally {
      await agent.close();
      await yard.close();
    }
  }
  server.close();
  printTable(
    `TCP checks at 10 s, by their number — ${machine()}`,
    ['checks', 'CPU ms/s', 'CPU ms/check', 'RSS MB', 'RSS growth MB', 'missed'],
    rows,
  );
}
