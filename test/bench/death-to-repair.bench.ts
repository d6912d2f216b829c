import type { Contender, Running } from './contenders/contender.ts';
import { monit } from './contenders/monit.ts';
import { pm2 } from './contenders/pm2.ts';
import { runit, runitInMemory } from './contenders/runit.ts';
import { s6 } from './contenders/s6.ts';
import { supervisor } from './contenders/supervisor.ts';
import { watcher } from './contenders/watcher.ts';
import { figure, median, printTable, quantile } from './figures.ts';
import { machine } from './machine.ts';
import { openYard } from './service.ts';

/**
 * `kill -9` of one service to the first instruction of its successor, as the successor stamps it itself. The contenders run
 * one after another in rounds, so that a busy minute of the machine hits all of them. Baseline: runit.
 */
export async function bench({ root, words }: { root: string; words: readonly string[] }): Promise<void> {
  const quick = words.includes('--quick');
  await race(1, quick ? 3 : 50, [runit, runitInMemory, watcher(root)], quick);
  await race(
    10,
    quick ? 5 : 25,
    [runit, runitInMemory, s6(), s6('ready'), pm2, supervisor, monit(1), watcher(root)],
    quick,
  );
  await race(500, quick ? 5 : 25, [runit, runitInMemory, watcher(root)], quick);
}

async function race(
  count: number,
  kills: number,
  contenders: readonly Contender[],
  quick: boolean,
): Promise<void> {
  const times = new Map<string, number[]>();
  const firsts = new Map<string, number[]>();
  const notes: string[] = [];
  for (let round = 0; round < (quick ? 1 : 2); round++) {
    for (const contender of contenders) {
      const absent = contender.absent();
      if (absent !== undefined) {
        if (round === 0) notes.push(`${contender.name}: left out, ${absent}`);
        continue;
      }
      const yard = openYard();
      let running: Running | undefined;
      try {
        running = await contender.up(yard, count);
        // Supervisors hold back a service that dies within a second of its start: let them all be older than that.
        await new Promise((resolve) => setTimeout(resolve, 1200));
        const slow = contender.name.startsWith('Supervisor') || contender.name.startsWith('Monit');
        // A supervisor that starts at most once a second must not meet its own brake: each kill takes another service.
        for (let kill = 0; kill < (slow ? Math.min(kills, 10) : kills); kill++) {
          // Spread over the cycle of a poller, and past the brake of s6 and runit (one start a second).
          await new Promise((resolve) =>
            setTimeout(resolve, slow ? 1100 + 97 * kill : Math.max(130, 1300 / count)),
          );
          const took = await yard.killAndWait(kill % count);
          times.set(contender.name, [...(times.get(contender.name) ?? []), took]);
          if (kill === 0) firsts.set(contender.name, [...(firsts.get(contender.name) ?? []), took]);
        }
      } finally {
        await running?.close();
        await yard.close();
      }
    }
  }
  const base = times.get('runit') ?? [];
  printTable(
    `Death to repair, ${count} services (ms) — ${machine()}`,
    ['tool', 'median', 'p95', 'max', 'runs', 'median / runit', 'p95 / runit', 'first of each round'],
    [...times].map(([name, samples]) => [
      name,
      figure(median(samples)),
      figure(quantile(samples, 0.95)),
      figure(Math.max(...samples)),
      String(samples.length),
      figure(median(samples) / median(base)),
      figure(quantile(samples, 0.95) / quantile(base, 0.95)),
      (firsts.get(name) ?? []).map(figure).join(', '),
    ]),
  );
  for (const note of notes) console.log(note);
}
