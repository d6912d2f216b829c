import { settled, startAgent } from './agent.ts';
import { openEndpoints } from './endpoints.ts';
import { figure, printTable, quantile } from './figures.ts';
import { machine, usage } from './machine.ts';
import { openYard } from './service.ts';

/**
 * 1,000 HTTP checks at 5 s, 100 of them to endpoints that accept and never answer (timeout 5 s). Seen from the servers: how late
 * is each probe of the healthy 900 against its own cadence? Baseline: the same agent without the hung ones.
 */
export async function bench({ root, words }: { root: string; words: readonly string[] }): Promise<void> {
  const seconds = words.includes('--quick') ? 20 : 60;
  const rows: string[][] = [];
  for (const hung of [0, 100]) {
    const yard = openYard();
    const endpoints = await openEndpoints(root);
    const services = Array.from({ length: 1000 }, (_, i) => {
      const path = i < hung ? `/hang/${i}` : `/ok/${i}`;
      return `service: s${i}\nevery: 5s\nchecks:\n  responds: { http: "http://127.0.0.1:${endpoints.port}${path}", timeout: 5s, expect: status == 200 }`;
    });
    const agent = await startAgent(root, yard.dir, services);
    try {
      await settled(agent);
      await endpoints.arrivals();
      const before = usage(agent.pid);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      const arrivals = await endpoints.arrivals();
      const after = usage(agent.pid);
      const late = Object.entries(arrivals)
        .filter(([path]) => path.startsWith('/ok/'))
        .flatMap(([, times]) => times.slice(1).map((time, i) => Math.max(0, time - (times[i] ?? 0) - 5000)));
      rows.push([
        `${1000 - hung} healthy, ${hung} hung`,
        String(late.length),
        figure(quantile(late, 0.5)),
        figure(quantile(late, 0.99)),
        figure(Math.max(...late)),
        figure((after.cpuMs - before.cpuMs) / seconds),
        figure(after.rssMb),
      ]);
    } finally {
      await agent.close();
      endpoints.close();
      await yard.close();
    }
  }
  printTable(
    `Lateness of healthy checks, as their servers saw it (ms) — ${machine()}`,
    ['endpoints', 'probes', 'median', 'p99', 'max', 'CPU ms/s', 'RSS MB'],
    rows,
  );
}
