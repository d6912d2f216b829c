import { describe, expect, it } from 'vitest';
import { createAgenda } from '../../../src/agent/schedule/agenda.ts';
import { newEntry, type Run } from '../../../src/agent/schedule/job.ts';
import { createLanes } from '../../../src/agent/schedule/lanes.ts';
import { createScheduler } from '../../../src/agent/schedule/scheduler.ts';
import { createCronCalendar } from '../../../src/host/time/cron-calendar.ts';
import type { Cadence } from '../../../src/model/service.ts';
import { createFakeClock, type FakeClock } from '../../fakes/fake-clock.ts';

const START = Date.UTC(2026, 0, 15, 12, 0, 0);

function bench(lanes = createLanes(), clock = createFakeClock(START)) {
  const bugs: unknown[] = [];
  const scheduler = createScheduler({
    clock,
    calendar: createCronCalendar(),
    onBug: (error) => bugs.push(error),
    lanes,
  });
  const runs: { key: string; at: number; run: Run }[] = [];
  const job = (
    key: string,
    cadence: Cadence,
    takes: number | ((n: number) => number) = 0,
    more: { kind?: string; target?: string; brief?: true; startsProgram?: true } = {},
  ) => {
    let n = 0;
    scheduler.set({
      key,
      kind: more.kind ?? 'http',
      ...(more.target === undefined ? {} : { target: more.target }),
      ...(more.brief && { brief: true }),
      ...(more.startsProgram && { startsProgram: true }),
      cadence,
      async run(run) {
        runs.push({ key, at: clock.monotonic(), run });
        n += 1;
        const ms = typeof takes === 'number' ? takes : takes(n);
        if (ms > 0) await after(clock, ms);
      },
    });
  };
  const times = (key: string) => runs.filter((run) => run.key === key).map(({ at }) => at);
  return { clock, scheduler, bugs, runs, job, times };
}

function after(clock: FakeClock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => Math.round(time - (times[index] ?? 0)));
}

describe('the grid', () => {
  it('is shared by brief jobs, so that one waking serves many', async () => {
    const { clock, scheduler, job, times, runs } = bench();
    for (let n = 0; n < 100; n++) job(`a${n}`, { every: 1000 }, 0, { brief: true });
    scheduler.start();
    await clock.advance(10_000);
    expect(times('a7').length).toBeGreaterThanOrEqual(9);
    expect(gaps(times('a7')).every((gap) => gap === 1000)).toBe(true);
    expect(new Set(runs.map(({ at }) => at % 1000)).size).toBeLessThanOrEqual(20);
    expect(new Set(runs.map(({ at }) => at % 1000)).size).toBeGreaterThan(10);
  });

  it('keeps an exact distance, however long the runs take', async () => {
    const { clock, scheduler, job, times } = bench();
    job('a', { every: 10_000 }, (n) => (n * 137) % 9000);
    scheduler.start();
    await clock.advance(100_000);
    expect(gaps(times('a'))).toEqual(Array(9).fill(10_000));
    expect(scheduler.stats().missed).toBe(0);
  });

  it('runs the first time soon, and never all at the same moment', async () => {
    const { clock, scheduler, job, runs } = bench();
    for (let n = 0; n < 50; n += 1) job(`service-${n}/alive`, { every: 60_000 });
    scheduler.start();
    await clock.advance(500);
    expect(runs.length).toBe(50);
    const perTick = new Map<number, number>();
    for (const { at } of runs) perTick.set(Math.floor(at / 50), (perTick.get(Math.floor(at / 50)) ?? 0) + 1);
    expect(Math.max(...perTick.values())).toBeLessThan(20);
  });

  it('counts turns that came while the last run was not over, and never makes up for them', async () => {
    const { clock, scheduler, job, times } = bench();
    job('slow', { every: 1000 }, (n) => (n === 1 ? 3500 : 0));
    scheduler.start();
    await clock.advance(8000);
    const [first = 0, ...rest] = times('slow');
    expect(rest.map((at) => Math.round(at - first))).toEqual([4000, 5000, 6000, 7000]);
    expect(scheduler.missedOf('slow')).toBe(3);
    expect(scheduler.stats().missed).toBe(3);
  });

  it('runs once after a stall, and counts the rest as missed', async () => {
    const { scheduler, runs } = bench();
    const clock = createFakeClock(START);
    let skipped = 0;
    const late = createScheduler({
      clock: { ...clock, instant: () => ({ now: START + clock.monotonic() + skipped, wall: START }) },
      calendar: createCronCalendar(),
      onBug: () => {},
    });
    await scheduler.stop();
    const at: number[] = [];
    late.set({
      key: 'a',
      kind: 'file',
      cadence: { every: 1000 },
      run: async () => void at.push(clock.monotonic() + skipped),
    });
    late.start();
    await clock.advance(2000);
    const before = at.length;
    skipped = 30_000;
    await clock.advance(1000);
    expect(at.length).toBe(before + 1);
    expect(late.missedOf('a')).toBe(30);
    expect(runs).toEqual([]);
  });

  it('goes by the calendar where the cadence does, and is put right after the wall clock moved', async () => {
    const { clock, scheduler, job, times } = bench();
    job('nightly', { cron: '30 12 * * *', timezone: 'UTC' });
    scheduler.start();
    await clock.advance(29 * 60_000);
    expect(times('nightly')).toEqual([]);
    await clock.advance(2 * 60_000);
    expect(times('nightly')).toEqual([30 * 60_000]);
    clock.stepWall(-60 * 60_000);
    scheduler.realign();
    await clock.advance(61 * 60_000);
    expect(times('nightly').length).toBe(2);
  });
});

describe('the calendar', () => {
  it('never takes the same turn twice, also where the wall clock lags behind or is put back a little', async () => {
    const { clock, scheduler, job, times } = bench();
    job('minutely', { cron: '* * * * *', timezone: 'UTC' });
    scheduler.start();
    await clock.advance(30_000);
    clock.stepWall(-1);
    await clock.advance(30_500);
    expect(times('minutely')).toEqual([60_000]);
    clock.stepWall(-2000);
    await clock.advance(60_000);
    // 12:02 by the wall comes two seconds later now.
    expect(times('minutely').length).toBe(2);
    await clock.advance(2000);
    expect(times('minutely').length).toBe(2);
  });

  it('goes on at once where the wall clock was far ahead and is put right', async () => {
    const { clock, scheduler, job, times } = bench();
    job('minutely', { cron: '* * * * *', timezone: 'UTC' });
    scheduler.start();
    await clock.advance(60_500);
    clock.stepWall(-30 * 60_000);
    scheduler.realign();
    await clock.advance(60_000);
    expect(times('minutely').length).toBe(2);
  });
});

describe('what comes and goes', () => {
  it('spreads jobs that come together over as much time as they take', async () => {
    const { clock, scheduler, job, runs } = bench();
    scheduler.start();
    for (let n = 0; n < 2000; n += 1) job(`service-${n}/alive`, { every: 60_000 });
    await clock.advance(1000);
    expect(runs.length).toBeLessThan(200);
    await clock.advance(19_000);
    expect(runs.length).toBe(2000);
    await clock.advance(60_000);
    const second = runs.slice(2000).map(({ at }) => Math.floor(at / 1000));
    const most = Math.max(...[...new Set(second)].map((one) => second.filter((at) => at === one).length));
    expect(most).toBeLessThan(200);
  });

  it('never runs two of one key at once when it is taken away and comes back during a run', async () => {
    const { clock, scheduler } = bench();
    let running = 0;
    let most = 0;
    let runs = 0;
    const job = {
      key: 'a',
      kind: 'http',
      cadence: { every: 1000 },
      async run() {
        runs += 1;
        running += 1;
        most = Math.max(most, running);
        await after(clock, 5000);
        running -= 1;
      },
    };
    scheduler.set(job);
    scheduler.start();
    await clock.advance(1500);
    scheduler.remove('a');
    scheduler.set(job);
    await clock.advance(20_000);
    expect(most).toBe(1);
    expect(runs).toBeGreaterThan(2);
  });

  it('leaves nothing of jobs that are gone, however far off their next turn was', async () => {
    const clock = createFakeClock(START);
    const agenda = createAgenda(clock, createCronCalendar());
    for (let n = 0; n < 1000; n += 1) {
      const entry = newEntry({
        key: `yearly-${n}`,
        kind: 'http',
        cadence: { cron: '0 0 1 1 *', timezone: 'UTC' },
        run: async () => {},
      });
      agenda.place(entry, 1000);
      agenda.drop(entry);
    }
    expect(agenda.kept).toBe(0);
  });

  it('is aborted when the scheduler stops, and waited for no longer than a moment', async () => {
    const { clock, scheduler } = bench();
    let aborted = 0;
    const job = { kind: 'http', cadence: { every: 1000 } };
    const hangs = (signal: AbortSignal): Promise<void> => {
      signal.addEventListener('abort', () => (aborted += 1));
      return new Promise(() => {});
    };
    scheduler.set({ ...job, key: 'a', run: ({ stopped }) => hangs(stopped) });
    scheduler.start();
    await clock.advance(1500);
    let over = false;
    void scheduler.stop().then(() => (over = true));
    await clock.advance(100);
    expect([aborted, over]).toEqual([1, false]);
    await clock.advance(5000);
    expect(over).toBe(true);
  });
});

describe('nudges and pace', () => {
  it('runs at once on a nudge and leaves the grid where it was', async () => {
    const { clock, scheduler, job, times, runs } = bench();
    job('a', { every: 10_000 });
    scheduler.start();
    await clock.advance(14_000);
    const grid = times('a')[0] ?? 0;
    scheduler.nudge('a');
    await clock.advance(0);
    expect(times('a').at(-1)).toBe(14_000);
    expect(runs.at(-1)?.run.nudged).toBe(true);
    await clock.advance(10_000);
    expect(times('a').at(-1)).toBeCloseTo(grid + 20_000);
  });

  it('runs once more right after the run that a nudge found under way, however many nudges came', async () => {
    const { clock, scheduler, job, times } = bench();
    job('a', { every: 60_000 }, 1000);
    scheduler.start();
    await clock.advance(100);
    const [first = 0] = times('a');
    scheduler.nudge('a');
    scheduler.nudge('a');
    scheduler.nudge('a');
    await clock.advance(10_000);
    expect(times('a')).toEqual([first, first + 1000]);
    expect(scheduler.missedOf('a')).toBe(0);
  });

  it('does not run once more for nudges that the run under way answers, and does for those that come after', async () => {
    const { clock, scheduler, job, times } = bench();
    job('a', { every: 60_000 }, 1000);
    scheduler.start();
    await clock.advance(100);
    const [first = 0] = times('a');
    scheduler.nudge('a');
    scheduler.answerNudges('a');
    await clock.advance(10_000);
    expect(times('a')).toEqual([first]);
    scheduler.nudge('a');
    await clock.advance(100);
    scheduler.answerNudges('a');
    scheduler.nudge('a');
    await clock.advance(10_000);
    expect(times('a')).toEqual([first, 10_100, 11_100]);
  });

  it('ignores nudges of what it does not know', () => {
    const { scheduler } = bench();
    scheduler.start();
    expect(() => scheduler.nudge('nobody')).not.toThrow();
    expect(() => scheduler.answerNudges('nobody')).not.toThrow();
  });

  it('goes faster while asked to, and then on as before', async () => {
    const { clock, scheduler, job, times } = bench();
    job('a', { every: 10_000 });
    scheduler.start();
    await clock.advance(500);
    scheduler.pace('a', 1000);
    await clock.advance(5000);
    expect(times('a').length).toBe(6);
    scheduler.pace('a', undefined);
    await clock.advance(30_000);
    expect(gaps(times('a')).slice(-3)).toEqual([10_000, 10_000, 10_000]);
  });
});

describe('change while running', () => {
  it('keeps the grid of a job that is set again with the same cadence, and runs the new function', async () => {
    const { clock, scheduler, job, times } = bench();
    job('a', { every: 10_000 });
    scheduler.start();
    await clock.advance(12_000);
    job('a', { every: 10_000 });
    await clock.advance(20_000);
    expect(gaps(times('a'))).toEqual([10_000, 10_000, 10_000]);
  });

  it('never runs two at once when the cadence changes under a run', async () => {
    const { clock, scheduler } = bench();
    let running = 0;
    let most = 0;
    const run = async () => {
      running += 1;
      most = Math.max(most, running);
      await after(clock, 3000);
      running -= 1;
    };
    scheduler.set({ key: 'a', kind: 'http', cadence: { every: 10_000 }, run });
    scheduler.start();
    await clock.advance(100);
    scheduler.set({ key: 'a', kind: 'http', cadence: { every: 1000 }, run });
    await clock.advance(20_000);
    expect(most).toBe(1);
  });

  it('runs no more what was removed, and stops when what is under way has ended', async () => {
    const { clock, scheduler, job, times } = bench();
    job('a', { every: 1000 });
    job('b', { every: 1000 }, 500);
    scheduler.start();
    await clock.advance(2000);
    scheduler.remove('a');
    const count = times('a').length;
    await clock.advance(1000);
    expect(times('a').length).toBe(count);
    await clock.advance(1000 - 200);
    let stopped = false;
    const stopping = scheduler.stop().then(() => (stopped = true));
    await clock.advance(500);
    await stopping;
    expect(stopped).toBe(true);
    const after = times('b').length;
    await clock.advance(5000);
    expect(times('b').length).toBe(after);
  });

  it('survives a job that throws', async () => {
    const { clock, scheduler, bugs } = bench();
    let runs = 0;
    const fails = async () => {
      runs += 1;
      throw new Error('later');
    };
    const job = { kind: 'http', cadence: { every: 1000 } };
    scheduler.set({ ...job, key: 'later', run: fails });
    scheduler.set({
      ...job,
      key: 'at once',
      run: () => {
        throw new Error('sync');
      },
    });
    scheduler.start();
    await clock.advance(3000);
    expect(runs).toBe(3);
    expect(bugs.length).toBe(6);
  });
});

describe('many at once', () => {
  it('never lets hung probes delay the others', async () => {
    const { clock, scheduler, job, runs } = bench(
      createLanes(() => ({ kind: { quick: 32, slow: 20 }, target: { quick: 100, slow: 100 } })),
    );
    for (let n = 0; n < 30; n += 1) job(`hung-${n}`, { every: 1000 }, 5000);
    for (let n = 0; n < 100; n += 1) job(`good-${n}`, { every: 1000 }, 3);
    scheduler.start();
    await clock.advance(5000);
    scheduler.takeWorstLateness();
    runs.length = 0;
    await clock.advance(20_000);
    const good = runs.filter(({ key }) => key.startsWith('good'));
    expect(good.length).toBe(2000);
    expect(Math.max(...good.map(({ run }) => run.lateness))).toBeLessThan(1);
    expect(scheduler.takeWorstLateness()).toBeLessThan(1);
  });

  it('bounds what runs at once for one remote host, and lets other hosts pass', async () => {
    const { clock, scheduler, job, runs } = bench(
      createLanes(() => ({ kind: { quick: 100, slow: 100 }, target: { quick: 2, slow: 2 } })),
    );
    for (let n = 0; n < 10; n += 1) job(`busy-${n}`, { every: 60_000 }, 400, { target: 'one' });
    for (let n = 0; n < 3; n += 1) job(`other-${n}`, { every: 60_000 }, 0, { target: `other-${n}` });
    scheduler.start();
    await clock.advance(390);
    expect(runs.filter(({ key }) => key.startsWith('busy')).length).toBe(2);
    expect(runs.filter(({ key }) => key.startsWith('other')).length).toBe(3);
    await clock.advance(2000);
    expect(runs.length).toBe(13);
  });

  it('bounds what runs at once for a host that begins to hang, and lets other hosts pass', async () => {
    const { clock, scheduler, job, runs } = bench();
    for (let n = 0; n < 640; n += 1) job(`hung-${n}`, { every: 60_000 }, 30_000, { target: 'one' });
    for (let n = 0; n < 100; n += 1) job(`good-${n}`, { every: 10_000 }, 3, { target: `good-${n}` });
    scheduler.start();
    await clock.advance(20_000);
    expect(scheduler.stats().running).toBe(128);
    expect(runs.filter(({ key }) => key.startsWith('good')).length).toBeGreaterThanOrEqual(190);
    await clock.advance(300_000);
    expect(runs.filter(({ key }) => key.startsWith('hung')).length).toBeGreaterThan(640);
  });

  it('bounds what starts programs by fewer, whatever their kind', async () => {
    const { clock, scheduler, job } = bench();
    for (const kind of ['ping', 'http'])
      for (let n = 0; n < 40; n += 1)
        job(`${kind}-${n}`, { every: 60_000 }, 400, {
          kind,
          ...(kind === 'ping' && { startsProgram: true }),
        });
    scheduler.start();
    let most = 0;
    for (let ms = 0; ms < 800; ms += 50) {
      await clock.advance(50);
      most = Math.max(most, scheduler.stats().running);
    }
    expect(most).toBeLessThanOrEqual(48);
    expect(scheduler.stats().waiting).toBeGreaterThan(0);
  });

  it('wakes what waits for a host when a probe of another kind leaves it', async () => {
    const { clock, scheduler, job, runs } = bench(
      createLanes(() => ({ kind: { quick: 9, slow: 9 }, target: { quick: 1, slow: 1 } })),
    );
    job('first', { every: 60_000 }, 300, { kind: 'tcp', target: 'one' });
    job('second', { every: 60_000 }, 300, { kind: 'http', target: 'one' });
    scheduler.start();
    await clock.advance(400);
    expect(runs.length).toBe(2);
  });

  it('lets a nudged job go before those that wait', async () => {
    const { clock, scheduler, job, runs } = bench(
      createLanes(() => ({ kind: { quick: 1, slow: 1 }, target: { quick: 1, slow: 1 } })),
    );
    for (let n = 0; n < 5; n += 1) job(`queue-${n}`, { every: 60_000 }, 400);
    job('urgent', { cron: '0 0 1 1 *' });
    scheduler.start();
    await clock.advance(100);
    scheduler.nudge('urgent');
    await clock.advance(500);
    expect(runs[1]?.key).toBe('urgent');
  });

  it('takes nudged jobs in the order in which they were nudged', async () => {
    const { clock, scheduler, job, runs } = bench(
      createLanes(() => ({ kind: { quick: 1, slow: 1 }, target: { quick: 1, slow: 1 } })),
    );
    for (let n = 0; n < 3; n += 1) job(`queue-${n}`, { every: 60_000 }, 400);
    for (const key of ['a', 'b', 'c']) job(key, { cron: '0 0 1 1 *' }, 10);
    scheduler.start();
    await clock.advance(100);
    for (const key of ['a', 'b', 'c']) scheduler.nudge(key);
    await clock.advance(500);
    expect(runs.slice(1, 4).map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  });

  it('turns ten thousand jobs at ten seconds with little more than the jobs themselves', async () => {
    const { clock, scheduler, job, runs } = bench();
    for (let n = 0; n < 10_000; n += 1) job(`service-${n}/alive`, { every: 10_000 }, 0, { kind: 'process' });
    scheduler.start();
    await clock.advance(10_000);
    expect(runs.length).toBe(10_000);
    expect(clock.waiting).toBeLessThan(3);
    expect(scheduler.stats()).toMatchObject({ jobs: 10_000, running: 0, waiting: 0, missed: 0 });
  });
});

it('knows that it is behind when its timer does not come', async () => {
  const clock = createFakeClock();
  const lost = { ...clock, after: () => ({ cancel: () => {} }) };
  const { scheduler: stuck, job } = bench(createLanes(), lost);
  job('a', { every: 10_000 });
  expect(stuck.behind()).toBe(0);
  stuck.start();
  await clock.advance(60_000);
  expect(stuck.behind()).toBeGreaterThan(49_000);
  const well = bench();
  well.job('a', { every: 10_000 });
  well.scheduler.start();
  await well.clock.advance(65_000);
  expect(well.scheduler.behind()).toBe(0);
});

describe('what waits for room', () => {
  const lanes = () => createLanes(() => ({ kind: { quick: 1, slow: 1 }, target: { quick: 1, slow: 1 } }));

  it('is counted before it starts: what never starts is never late', async () => {
    const { clock, scheduler, job } = bench(lanes());
    job('a', { every: 10_000 }, 400);
    job('b', { every: 10_000 }, 400);
    scheduler.start();
    await clock.advance(65_000);
    expect(scheduler.longestWait()).toBe(0);
    const hung = bench({ ...lanes(), enter: () => ({ turnSlow: () => {}, leave: () => {} }) });
    hung.job('a', { every: 10_000 });
    hung.scheduler.start();
    await hung.clock.advance(65_000);
    expect(hung.scheduler.longestWait()).toBeGreaterThan(50_000);
    expect(hung.scheduler.takeWorstLateness()).toBe(0);
    hung.scheduler.remove('a');
    expect(hung.scheduler.longestWait()).toBe(0);
  });

  it('may be slow itself, and then wait for its like for a minute or its period', async () => {
    const { clock, scheduler, job } = bench(lanes());
    for (const name of ['a', 'b', 'c']) job(name, { every: 10_000 }, (n) => (n === 1 ? 600 : 90_000));
    scheduler.start();
    await clock.advance(70_000);
    expect(scheduler.longestWait()).toBe(0);
    await clock.advance(60_000);
    expect(scheduler.longestWait()).toBeGreaterThan(30_000);
  });
});

describe('a turn whose result is foregone', () => {
  function foregoing() {
    const { clock, scheduler, bugs } = bench();
    const state = { sure: true, broken: false, passed: 0, runs: 0 };
    scheduler.set({
      key: 'a',
      kind: 'process',
      cadence: { every: 1000 },
      foregone() {
        if (state.broken) throw new Error('broken');
        if (state.sure) state.passed += 1;
        return state.sure ? clock.instant().now : undefined;
      },
      async run() {
        state.runs += 1;
      },
    });
    scheduler.start();
    return { clock, scheduler, bugs, state };
  }

  it('is not run, and is counted as a start all the same', async () => {
    const { clock, scheduler, state } = foregoing();
    await clock.advance(10_000);
    expect(state).toMatchObject({ passed: 10, runs: 0 });
    expect(scheduler.stats()).toMatchObject({ starts: 10, missed: 0, running: 0, waiting: 0 });
    state.sure = false;
    await clock.advance(5000);
    expect(state).toMatchObject({ passed: 10, runs: 5 });
  });

  it('is run when something happened', async () => {
    const { clock, scheduler, state } = foregoing();
    await clock.advance(1000);
    scheduler.nudge('a');
    expect(state.runs).toBe(1);
  });

  it('is run when whoever should know breaks', async () => {
    const { clock, state, bugs } = foregoing();
    state.broken = true;
    await clock.advance(3000);
    expect(state.runs).toBe(3);
    expect(bugs).toHaveLength(3);
  });
});
