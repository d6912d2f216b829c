import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { settled, startAgent } from './agent.ts';
import { openEndpoints } from './endpoints.ts';
import { figure, median, printTable } from './figures.ts';
import { machine, usage } from './machine.ts';
import { openYard } from './service.ts';

const PROCESSES = 50;
const ENDPOINTS = 50;

/**
 * `npm run soak -- MINUTES`: the real agent with churn and faults. Every second a service is killed, every ten an endpoint begins or
 * stops hanging, every minute the rules are reloaded. Reports the drift between the second quarter of the time (the first
 * warms up) and the last.
 */
export async function bench({ root, words }: { root: string; words: readonly string[] }): Promise<void> {
  const minutes = Number(words.find((word) => /^[\d.]+$/.test(word)) ?? 10);
  const yard = openYard();
  const endpoints = await openEndpoints(root);
  const services = [
    ...Array.from({ length: PROCESSES }, (_, i) => {
      const argv = [yard.binary, yard.stamps(i), yard.pidfile(i)];
      execFileSync(yard.binary, argv.slice(1));
      return `service: p${i}\nevery: 1s\nmanager: { commands: { pidfile: ${yard.pidfile(i)}, start: [${argv.join(', ')}] } }\nrepair_budget: { attempts: 1000 in 1m, backoff: 0s..0s, hold: 1s }\nchecks:\n  alive: { process: {}, repair: start }`;
    }),
    ...Array.from(
      { length: ENDPOINTS },
      (_, i) =>
        `service: h${i}\nevery: 1s\nchecks:\n  responds: { http: "http://127.0.0.1:${endpoints.port}/sometimes/${i}", timeout: 2s, expect: status == 200 }`,
    ),
  ];
  const agent = await startAgent(root, yard.dir, services);
  const samples: { rss: number; fds: number; cpu: number; missed: number }[] = [];
  try {
    await settled(agent);
    const end = performance.now() + minutes * 60_000;
    for (let second = 1; performance.now() < end; second++) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      process.kill(yard.pid(second % PROCESSES), 'SIGKILL');
      // Always the same number of them hang, each for half a minute, so that the end can be compared with the beginning.
      if (second % 10 === 0) {
        endpoints.toggle(`/sometimes/${(second / 10) % ENDPOINTS}`);
        if (second > 30) endpoints.toggle(`/sometimes/${(second / 10 - 3) % ENDPOINTS}`);
      }
      if (second % 60 === 0) agent.cli('reload');
      if (second % 5 === 0) {
        const { agent: info } = JSON.parse(agent.cli('summary', '--json')) as {
          agent: { missedRuns: number };
        };
        const seen = usage(agent.pid);
        samples.push({
          rss: seen.rssMb,
          fds: readdirSync(`/proc/${agent.pid}/fd`).length,
          cpu: seen.cpuMs,
          missed: info.missedRuns,
        });
      }
    }
  } finally {
    await agent.close();
    endpoints.close();
    await yard.close();
  }
  const quarter = Math.floor(samples.length / 4);
  const early = samples.slice(quarter, 2 * quarter);
  const late = samples.slice(-quarter);
  const row = (name: string, pick: (sample: (typeof samples)[number]) => number): string[] => {
    const [a, b] = [median(early.map(pick)), median(late.map(pick))];
    return [name, ...drift(a, b)];
  };
  const drift = (a: number, b: number): string[] => [figure(a), figure(b), figure(b - a)];
  const perMinute = (part: typeof samples): number =>
    ((part.at(-1)?.missed ?? 0) - (part[0]?.missed ?? 0)) / (Math.max(1, part.length - 1) / 12);
  const rate = (part: typeof samples): number =>
    ((part.at(-1)?.cpu ?? 0) - (part[0]?.cpu ?? 0)) / (Math.max(1, part.length - 1) * 5);
  printTable(
    `Soak of ${minutes} min, ${PROCESSES} processes and ${ENDPOINTS} endpoints at 1 s with churn — ${machine()}`,
    ['', 'second quarter', 'last quarter', 'drift'],
    [
      row('RSS MB', (sample) => sample.rss),
      row('open descriptors', (sample) => sample.fds),
      ['CPU ms/s', ...drift(rate(early), rate(late))],
      ['missed runs a minute', ...drift(perMinute(early), perMinute(late))],
    ],
  );
}
