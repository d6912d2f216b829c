import { settled, startAgent } from './agent.ts';
import { end } from './contenders/contender.ts';
import { launchMonit, monitHttp } from './contenders/monit.ts';
import { type Endpoints, openEndpoints } from './endpoints.ts';
import { figure, printTable, quantile } from './figures.ts';
import { machine, usage, which } from './machine.ts';
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
      const late = lateness(arrivals);
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
  if (which('monit') !== undefined) rows.push(await monitRow(root, seconds));
  printTable(
    `Lateness of healthy checks, as their servers saw it (ms) — ${machine()}`,
    ['endpoints', 'probes', 'median', 'p99', 'max', 'CPU ms/s', 'RSS MB'],
    rows,
  );
}

type Arrivals = Awaited<ReturnType<Endpoints['arrivals']>>;

/** By how many milliseconds each probe of a healthy endpoint came later than 5 s after the one before. */
function lateness(arrivals: Arrivals): readonly number[] {
  return Object.entries(arrivals)
    .filter(([path]) => path.startsWith('/ok/'))
    .flatMap(([, times]) => times.slice(1).map((time, i) => Math.max(0, time - (times[i] ?? 0) - 5000)));
}

/** Monit looks at one after the other, so a tenth of that does to show it: 100 endpoints, two of them hung. */
async function monitRow(root: string, seconds: number): Promise<string[]> {
  const yard = openYard();
  const endpoints = await openEndpoints(root);
  const checks = Array.from({ length: 100 }, (_, i) =>
    monitHttp(i, endpoints.port, i < 2 ? `/hang/${i}` : `/ok/${i}`, 5),
  );
  const { child } = launchMonit(yard.dir, 5, checks);
  try {
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await endpoints.arrivals();
    const before = usage(child.pid ?? 0);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const late = lateness(await endpoints.arrivals());
    const after = usage(child.pid ?? 0);
    return [
      'Monit: 98 healthy, 2 hung',
      String(late.length),
      figure(quantile(late, 0.5)),
      figure(quantile(late, 0.99)),
      figure(Math.max(...late)),
      figure((after.cpuMs - before.cpuMs) / seconds),
      figure(after.rssMb),
    ];
  } finally {
    await end(child);
    endpoints.close();
    await yard.close();
  }
}
