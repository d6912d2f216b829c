import { spawn } from 'node:child_process';
import { settled, startAgent } from './agent.ts';
import { end } from './contenders/contender.ts';
import { monit } from './contenders/monit.ts';
import { figure, printTable } from './figures.ts';
import { machine, usage } from './machine.ts';
import { openYard } from './service.ts';

/** Seconds after which it is looked at: while V8 still compiles what has become hot, and once that is over. */
const SETTLED = [25, 75];

/** Memory and processor time of the daemon by number of process checks at 1 s, beside a bare `node` with one timer and Monit. */
export async function bench({ root, words }: { root: string; words: readonly string[] }): Promise<void> {
  const seconds = words.includes('--quick') ? 5 : 30;
  const rows: string[][] = [];
  const bare = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const base = await observe(bare.pid ?? 0, seconds);
  await end(bare);
  rows.push(['bare node, one timer', '-', ...figures(base, base)]);
  for (const count of [10, 100, 1000]) {
    const yard = openYard();
    const running = await monit(1).up(yard, count);
    try {
      const seen = await observe(running.pid, seconds);
      rows.push(['Monit, cycle 1 s', String(count), ...figures(seen, base)]);
    } finally {
      await running.close();
    }
    const services = Array.from(
      { length: count },
      (_, i) =>
        `service: s${i}\nmanager: { commands: { pidfile: ${yard.pidfile(i)}, start: [${yard.binary}, ${yard.stamps(i)}, ${yard.pidfile(i)}] } }\nevery: 1s\nchecks:\n  alive: { process: {} }`,
    );
    const agent = await startAgent(root, yard.dir, services);
    try {
      await settled(agent);
      const since = performance.now();
      for (const from of words.includes('--quick') ? [5] : SETTLED) {
        await new Promise((resolve) => setTimeout(resolve, since + from * 1000 - performance.now()));
        const seen = await observe(agent.pid, seconds);
        rows.push([`watcher, every 1s, from ${from} s on`, String(count), ...figures(seen, base)]);
      }
    } finally {
      await agent.close();
      await yard.close();
    }
  }
  printTable(
    `Idle footprint over ${seconds} s — ${machine()}`,
    ['daemon', 'checks', 'RSS MB', 'PSS MB', 'peak MB', 'CPU ms/s', 'RSS / bare node'],
    rows,
  );
}

interface Seen {
  readonly rssMb: number;
  readonly pssMb: number;
  readonly peakMb: number;
  readonly cpuMsPerS: number;
}

async function observe(pid: number, seconds: number): Promise<Seen> {
  const before = usage(pid);
  const start = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const after = usage(pid);
  return {
    rssMb: after.rssMb,
    pssMb: after.pssMb,
    peakMb: after.peakMb,
    cpuMsPerS: (after.cpuMs - before.cpuMs) / ((performance.now() - start) / 1000),
  };
}

const figures = (seen: Seen, base: Seen): string[] => [
  figure(seen.rssMb),
  figure(seen.pssMb),
  figure(seen.peakMb),
  figure(seen.cpuMsPerS),
  figure(seen.rssMb / base.rssMb),
];
