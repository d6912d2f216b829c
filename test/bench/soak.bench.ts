import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { type BenchAgent, settled, startAgent } from './agent.ts';
import { openEndpoints } from './endpoints.ts';
import { figure, median, printTable } from './figures.ts';
import { machine, usage } from './machine.ts';
import { openYard, writeFile } from './service.ts';

const PROCESSES = 50;
const ENDPOINTS = 50;

/** A service that comes and goes with the reloads. */
const GUEST = 'service: guest\nevery: 1s\nchecks:\n  load: { system: {}, expect: load1 < 10000 }';

/**
 * `npm run soak -- MINUTES`: the real agent with churn and faults. Every second a service is killed, every ten an endpoint begins or
 * stops hanging, every minute the rules are reloaded with a service more or less. Reports the drift between the second quarter of the time (the first
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
  const samples: Sample[] = [];
  try {
    await settled(agent);
    const end = performance.now() + minutes * 60_000;
    for (let second = 1; performance.now() < end; second++) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      try {
        process.kill(yard.pid(second % PROCESSES), 'SIGKILL');
      } catch {
        // Down just now: it is being started again.
      }
      // Always the same number of them hang, each for half a minute, so that the end can be compared with the beginning.
      if (second % 10 === 0) {
        endpoints.toggle(`/sometimes/${(second / 10) % ENDPOINTS}`);
        if (second > 30) endpoints.toggle(`/sometimes/${(second / 10 - 3) % ENDPOINTS}`);
      }
      // Every other reload has a service more, which the next one takes away again.
      if (second % 60 === 0) {
        const more = (second / 60) % 2 === 1 ? [GUEST] : [];
        writeFile(`${yard.dir}/agent/rules.yaml`, [...services, ...more].join('\n---\n'));
        agent.cli('reload');
      }
      if (second % 5 === 0) {
        samples.push(sampleOf(agent));
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
  const grown = (part: readonly Sample[], pick: (sample: Sample) => number): number =>
    part.length < 2 ? 0 : pick(part.at(-1) as Sample) - pick(part[0] as Sample);
  const seconds = (part: readonly Sample[]): number =>
    Math.max(
      1,
      grown(part, ({ at }) => at),
    );
  const perMinute = (part: readonly Sample[]): number =>
    (grown(part, ({ missed }) => missed) / seconds(part)) * 60;
  const rate = (part: readonly Sample[]): number => grown(part, ({ cpu }) => cpu) / seconds(part);
  const lateness = (part: readonly Sample[]): number =>
    grown(part, (sample) => sample.lateness) /
    Math.max(
      1,
      grown(part, ({ starts }) => starts),
    );
  printTable(
    `Soak of ${minutes} min, ${PROCESSES} processes and ${ENDPOINTS} endpoints at 1 s with churn — ${machine()}`,
    ['', 'second quarter', 'last quarter', 'drift'],
    [
      row('RSS MB', (sample) => sample.rss),
      row('open descriptors', (sample) => sample.fds),
      row('timers', (sample) => sample.timers),
      ['mean lateness of a start, ms', ...drift(lateness(early), lateness(late))],
      ['CPU ms/s', ...drift(rate(early), rate(late))],
      ['missed runs a minute', ...drift(perMinute(early), perMinute(late))],
    ],
  );
}

interface Sample {
  /** Seconds. */
  readonly at: number;
  readonly rss: number;
  readonly fds: number;
  readonly timers: number;
  readonly cpu: number;
  readonly missed: number;
  readonly starts: number;
  /** Milliseconds of all starts together. */
  readonly lateness: number;
}

/** What the agent says of itself, and what the kernel says of it. */
function sampleOf(agent: BenchAgent): Sample {
  const metrics = agent.cli('metrics');
  const metric = (name: string): number =>
    Number(
      metrics
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length + 1) ?? Number.NaN,
    );
  const seen = usage(agent.pid);
  return {
    at: performance.now() / 1000,
    rss: seen.rssMb,
    fds: readdirSync(`/proc/${agent.pid}/fd`).length,
    timers: metric('watcher_timers'),
    cpu: seen.cpuMs,
    missed: metric('watcher_scheduler_missed_total'),
    starts: metric('watcher_scheduler_lateness_seconds_count'),
    lateness: metric('watcher_scheduler_lateness_seconds_sum') * 1000,
  };
}
