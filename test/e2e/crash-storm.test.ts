import { mkdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Bed } from './bed.ts';
import { makeBed } from './bed.ts';
import { eventually } from './eventually.ts';
import { startReceivers } from './receivers.ts';
import { type FrailService, frailService, isSleep } from './storm/frail-service.ts';
import { killLife, type Moment } from './storm/kill-life.ts';
import { arrivalsAt, audit, type Snapshot, snapshotOf } from './storm/ledger.ts';
import { seededRandom } from './storm/random.ts';
import { fickleFile, mortal, patientPort, writeStormRules } from './storm/storm.ts';

/** Three agents with a state of their own are killed side by side, so many times each: 510 in all, and more with `npm run storm`. */
const KILLS = Number(process.env['WATCHER_STORM_KILLS'] ?? 170);
const SEED = Number(process.env['WATCHER_STORM_SEED'] ?? 20_260_101);

/** Of the rules: at most so many repairs in so many milliseconds. */
const BUDGET = { attempts: 4, window: 20_000 };
/** A start is stamped by the service, a moment after it was decided: a busy machine makes that moment long. */
const STAMP_LATENESS = 5000;

/** With more notices than this in the outbox nothing else breaks: lives this short would never get to tell all of it. */
const CROWD = 6;

const beds: Bed[] = [];

afterEach(async () => {
  for (const bed of beds.splice(0)) await bed.close();
});

interface Tally {
  readonly kills: Readonly<Record<Moment, number>>;
  readonly deaths: number;
  readonly outages: number;
  readonly repairs: number;
  readonly notices: number;
  readonly again: number;
  readonly incidents: number;
  readonly wrong: readonly string[];
}

/** `ended` says that another storm found something wrong: then this one need not go on. */
async function storm(seed: number, ended: () => boolean): Promise<Tally> {
  const random = seededRandom(seed);
  const listeners = new Set<() => void>();
  const receivers = await startReceivers(undefined, () => {
    for (const listener of [...listeners]) listener();
  });
  const bed = makeBed(`every: 100ms
notify: [mail, hook]
notices: { group_wait: 0s }
notifiers:
  mail: { email: { to: ops@example.com, from: watcher@example.com, smtp: [smtp://127.0.0.1:${receivers.smtpPort}] } }
  hook: { webhook: http://127.0.0.1:${receivers.httpPort}/alerts }
`);
  beds.push(bed);
  bed.onClose(() => receivers.close());
  const frail = ['db', 'web', 'job', 'mq'].map((name) => frailService(bed, name));
  for (const service of frail) await service.start();
  const files = ['lease', 'mark'];
  const ports = await Promise.all(
    ['north', 'south'].map(async (name) => ({ name, trouble: await patientPort(name, receivers) })),
  );
  writeStormRules(bed, { frail, files, ports: ports.map(({ name, trouble: { port } }) => ({ name, port })) });
  mkdirSync(bed.path('state'), { mode: 0o700 });

  const kills: Record<Moment, number> = { starting: 0, working: 0, writing: 0, telling: 0 };
  const snapshots: Snapshot[] = [];
  const wrong: string[] = [];
  let over = false;
  const mortals = frail.map((service) => mortal(service, random));
  const troubles = [
    ...mortals,
    ...files.map((name) => fickleFile(bed.path(`${name}.file`), random)),
    ...ports.map(({ trouble }) => trouble),
  ];
  const weather = {
    over: () => over,
    crowded: () => (snapshots.at(-1)?.waiting.length ?? 0) > CROWD,
  };
  const raging = Promise.all(troubles.map((trouble) => trouble.run(weather)));
  raging.catch(() => {
    over = true;
  });
  // Whatever happens: nothing is started again once the bed is cleared.
  bed.onClose(async () => {
    over = true;
    for (const { trouble } of ports) await trouble.close();
    await raging.catch(() => undefined);
  });
  const life = async (): Promise<void> => {
    const { moment, ended } = await killLife(bed.start('run'), random, {
      state: bed.path('state'),
      onArrival(told) {
        listeners.add(told);
        return () => listeners.delete(told);
      },
    });
    kills[moment] += 1;
    if (ended.signal !== 'SIGKILL') wrong.push(`ended by itself with ${ended.code}: ${ended.stderr}`);
    const mistakes = /.*(mistake in watcher|damaged|corrupt).*/.exec(ended.stderr + ended.stdout)?.[0];
    if (mistakes !== undefined) wrong.push(mistakes);
    const snapshot = snapshotOf(bed.path('state/state.log'));
    if (snapshot.outcome !== 'whole') wrong.push(`the state is ${snapshot.outcome}`);
    snapshots.push(snapshot);
  };
  const repairs = (): number =>
    frail.flatMap(({ starts }) => starts().filter(({ by }) => by === 'watcher')).length;
  // On a machine so busy that hardly any repair comes about it goes on until some have.
  const rages = (count: number): boolean => count < KILLS || (repairs() <= KILLS / 25 && count < 2 * KILLS);
  for (let count = 0; rages(count) && wrong.length === 0 && !over && !ended(); count += 1) await life();
  over = true;
  // The ports wait for somebody who tells of their end.
  const last = await bed.startAgent();
  await raging;
  await settled(bed);
  last.child.kill('SIGTERM');
  expect((await last.ended).code).toBe(0);

  for (const service of frail) wrong.push(...beyondBudget(service));
  const { wrong: flaws, ...counts } = audit(arrivalsAt(receivers), snapshots);
  const [first, second] = ports.map(({ trouble }) => trouble.done());
  return {
    kills,
    deaths: mortals.reduce((sum, { done }) => sum + done(), 0),
    outages: (first ?? 0) + (second ?? 0),
    repairs: repairs(),
    ...counts,
    wrong: [...wrong, ...flaws],
  };
}

/** Waits until nothing is wrong any more and everybody has heard of it. */
async function settled(bed: Bed): Promise<void> {
  let seen = '';
  await eventually(
    'the end of the storm',
    async () => {
      const summary = await bed.summary();
      const { stdout } = await bed.cli('incidents', '--json');
      seen = `${JSON.stringify(summary)}\n${stdout}`;
      const open = (JSON.parse(stdout) as { incidents: readonly unknown[] }).incidents.length;
      const well = summary.services.every(({ state, activity }) => state === 'up' && activity === undefined);
      return (well && open === 0 && summary.agent.undelivered === 0) || undefined;
    },
    { within: 300_000, explain: () => seen },
  );
}

/** By the service's own stamps: no window with more repairs than the rules allow, and never a second copy. */
function beyondBudget({ name, starts, pids }: FrailService): readonly string[] {
  const mine = starts().filter(({ by }) => by === 'watcher');
  const wrong: string[] = [];
  for (const [index, { at }] of mine.entries()) {
    const later = mine[index + BUDGET.attempts];
    if (later !== undefined && later.at - at < BUDGET.window - STAMP_LATENESS)
      wrong.push(`${name}: ${BUDGET.attempts + 1} repairs within ${later.at - at} ms`);
  }
  const copies = [...new Set(pids())].filter(isSleep);
  if (copies.length !== 1) wrong.push(`${name}: ${copies.length} copies run`);
  return wrong;
}

describe('an agent that is killed over and over in a storm of incidents', () => {
  it('loses no notice, orphans none, doubles none, and repairs within the budget', {
    timeout: 1_200_000,
  }, async () => {
    let ended = false;
    const storms = [SEED, SEED + 1, SEED + 2].map((seed) => storm(seed, () => ended));
    for (const one of storms) {
      one.catch(() => {
        ended = true;
      });
    }
    // All of them are over before anything is cleared away.
    await Promise.allSettled(storms);
    const tallies = await Promise.all(storms);
    for (const { kills, wrong, ...counts } of tallies) {
      process.stdout.write(`crash storm: kills ${JSON.stringify(kills)} ${JSON.stringify(counts)}\n`);
      expect(wrong).toEqual([]);
    }
    const total = tallies.flatMap(({ kills }) => Object.values(kills)).reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThanOrEqual(3 * KILLS);
    for (const { outages, repairs, deaths, incidents } of tallies) {
      // A storm that did not blow proves nothing.
      expect(Math.min(outages, repairs, deaths)).toBeGreaterThan(KILLS / 50);
      expect(incidents).toBeGreaterThan(KILLS / 10);
    }
  });
});
