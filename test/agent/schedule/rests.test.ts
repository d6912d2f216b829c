import { describe, expect, it } from 'vitest';
import type { Job } from '../../../src/agent/schedule/job.ts';
import { createScheduler, type Scheduler } from '../../../src/agent/schedule/scheduler.ts';
import { createCronCalendar } from '../../../src/host/time/cron-calendar.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';

/** A job each second whose turns are certain beforehand to bring nothing new, and for `certainFor` milliseconds more. */
function bench(certainFor: number, cadence: Job['cadence'] = { every: 1000 }) {
  const clock = createFakeClock();
  const scheduler = createScheduler({
    clock,
    calendar: createCronCalendar(),
    onBug: (error) => expect(error).toBeUndefined(),
  });
  const state = { sure: true, asked: 0, runs: 0, rested: 0, last: 0 };
  const job: Job = {
    key: 'a',
    kind: 'process',
    cadence,
    foregone() {
      state.asked += 1;
      return state.sure ? clock.instant().now + certainFor : undefined;
    },
    passedOver(turns, last) {
      state.rested += turns;
      state.last = last;
    },
    async run() {
      state.runs += 1;
    },
  };
  scheduler.set(job);
  scheduler.start();
  return { clock, scheduler, state, job };
}

describe('a job whose turns are certain for some time', () => {
  it('rests as long, and those turns are counted', async () => {
    const { clock, scheduler, state } = bench(4500);
    await clock.advance(1000);
    expect(state).toMatchObject({ asked: 1, rested: 0 });
    expect(scheduler.isResting('a')).toBe(true);
    // The sixth turn is the first one after the rest.
    await clock.advance(4000);
    expect(state.asked).toBe(1);
    await clock.advance(1000);
    expect(state).toMatchObject({ asked: 2, rested: 4, runs: 0 });
    // What was never begun was not begun in time either.
    expect(scheduler.stats()).toMatchObject({ starts: 2, lateness: 0, missed: 0 });
    expect(scheduler.takeWorstLateness()).toBe(0);
  });

  it('has them counted for whoever asks in the middle of the rest', async () => {
    const { clock, scheduler, state } = bench(60_000);
    await clock.advance(10_000);
    expect(state).toMatchObject({ asked: 1, rested: 0 });
    expect(scheduler.stats().starts).toBe(1);
    expect(state.rested).toBe(9);
    expect(clock.instant().now - state.last).toBeLessThan(1000);
    await clock.advance(2000);
    scheduler.countRest('a');
    expect(state.rested).toBe(11);
    scheduler.stats();
    expect(state.rested).toBe(11);
    expect(scheduler.isResting('a')).toBe(true);
  });

  it('has its own next turn again once it is roused', async () => {
    const { clock, scheduler, state } = bench(60_000);
    await clock.advance(10_000);
    state.sure = false;
    scheduler.rouse('a');
    expect(scheduler.isResting('a')).toBe(false);
    expect(state).toMatchObject({ rested: 9, runs: 0 });
    await clock.advance(1000);
    expect(state.runs).toBe(1);
    await clock.advance(1000);
    expect(state.runs).toBe(2);
    expect(scheduler.stats()).toMatchObject({ starts: 3, missed: 0 });
  });

  it('rests through no turn twice when it is roused and certain again', async () => {
    const { clock, scheduler, state } = bench(60_000);
    for (let second = 0; second < 30; second += 1) {
      await clock.advance(1000);
      if (second % 7 === 0) scheduler.rouse('a');
    }
    expect(scheduler.stats()).toMatchObject({ starts: state.asked, missed: 0 });
    expect(state.asked + state.rested).toBe(30);
  });

  it.each<[string, (scheduler: Scheduler, job: Job) => void, number]>([
    ['it is nudged', (scheduler) => scheduler.nudge('a'), 3],
    ['it gets another pace', (scheduler) => scheduler.pace('a', 500), 4],
    ['other rules come', (scheduler, job) => scheduler.set({ ...job }), 2],
  ])('does not rest on when %s', async (_name, change, runs) => {
    const { clock, scheduler, state, job } = bench(60_000);
    await clock.advance(2000);
    expect(scheduler.isResting('a')).toBe(true);
    state.sure = false;
    change(scheduler, job);
    expect(scheduler.isResting('a')).toBe(false);
    await clock.advance(2000);
    expect(state.runs).toBe(runs);
  });

  it('is not roused any more when the scheduler has stopped', async () => {
    const { clock, scheduler, state } = bench(60_000);
    await clock.advance(2000);
    await scheduler.stop();
    scheduler.rouse('a');
    await clock.advance(120_000);
    expect(state).toMatchObject({ asked: 1, runs: 0 });
  });

  it('is gone when it is removed, its turns until then counted', async () => {
    const { clock, scheduler, state } = bench(60_000);
    await clock.advance(2000);
    scheduler.remove('a');
    expect(state.rested).toBe(1);
    scheduler.rouse('a');
    await clock.advance(120_000);
    expect(state).toMatchObject({ asked: 1, runs: 0 });
    expect(scheduler.isResting('a')).toBe(false);
  });

  it('does not rest where its turns go by the calendar', async () => {
    const { clock, scheduler, state } = bench(600_000, { cron: '* * * * *' });
    await clock.advance(300_000);
    expect(state.asked).toBe(5);
    expect(scheduler.isResting('a')).toBe(false);
  });
});
