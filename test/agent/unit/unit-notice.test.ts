import { describe, expect, it } from 'vitest';
import { createUnitNotice, type WatchedUnit } from '../../../src/agent/unit/unit-notice.ts';
import type { Summary } from '../../../src/control/api.ts';
import type { ServiceStateName } from '../../../src/model/state.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';

function bench(watchdogMs?: number) {
  const clock = createFakeClock();
  const sent: string[] = [];
  const doubts: string[] = [];
  const state = { services: ['up'] as ServiceStateName[], behind: 0, changed: (): void => {} };
  const unit: WatchedUnit = {
    summary: () =>
      ({ agent: {}, services: state.services.map((name) => ({ state: name })) }) as unknown as Summary,
    follow(changed) {
      state.changed = changed;
      return () => {
        state.changed = () => {};
      };
    },
    behind: () => state.behind,
  };
  const notice = createUnitNotice({
    clock,
    onDoubt: (text) => void doubts.push(text),
    socket: {
      send: async (...assignments) => sent.push(...assignments) > 0,
      mechanism: 'socket',
      close() {},
      ...(watchdogMs === undefined ? {} : { watchdogMs }),
    },
  });
  const take = () => sent.splice(0);
  return { clock, state, unit, notice, take, doubts };
}

describe('what systemd is told', () => {
  it('ready with the status, and the status again when it changes, once for a burst', async () => {
    const { notice, unit, take, state, clock } = bench();
    notice.say('reading\nthe rules');
    expect(take()).toEqual(['STATUS=reading the rules']);
    notice.ready(unit);
    expect(take()).toEqual(['READY=1', 'STATUS=1 service up']);
    state.services = ['up', 'up', 'down'];
    state.changed();
    state.changed();
    await clock.advance(1000);
    expect(take()).toEqual(['STATUS=2 services up, 1 down']);
    state.changed();
    await clock.advance(1000);
    expect(take()).toEqual([]);
  });

  it('what no event tells of, a little later', async () => {
    const { notice, unit, take, state, clock } = bench();
    notice.ready(unit);
    take();
    state.services = ['unknown'];
    await clock.advance(10_000);
    expect(take()).toEqual(['STATUS=0 services up, 1 unknown']);
    state.services = ['pending'];
    await clock.advance(10_000);
    state.services = ['up'];
    await clock.advance(1000);
    expect(take()).toEqual(['STATUS=0 services up, 1 pending', 'STATUS=1 service up']);
  });

  it('a reload with its time, its end, and the end of all', async () => {
    const { notice, unit, take, clock } = bench(2000);
    notice.ready(unit);
    take();
    notice.reloading();
    const [reloading, at] = take();
    expect(reloading).toBe('RELOADING=1');
    expect(at).toMatch(/^MONOTONIC_USEC=\d+$/);
    notice.reloaded();
    expect(take()).toEqual(['READY=1']);
    notice.stopping();
    expect(take()).toEqual(['STOPPING=1']);
    await clock.advance(60_000);
    expect(take()).toEqual([]);
    expect(clock.waiting).toBe(0);
  });
});

describe('the watchdog', () => {
  it('is fed at half of its time', async () => {
    const { notice, unit, take, clock } = bench(30_000);
    notice.ready(unit);
    await clock.advance(44_000);
    expect(take().filter((line) => line === 'WATCHDOG=1')).toHaveLength(3);
  });

  it('is not fed while the scheduler is stuck, and is again once it goes on', async () => {
    const { notice, unit, take, clock, state, doubts } = bench(30_000);
    notice.ready(unit);
    take();
    state.behind = 16_000;
    await clock.advance(29_000);
    expect(take()).toEqual([]);
    expect(doubts).toHaveLength(1);
    state.behind = 0;
    await clock.advance(1000);
    expect(take()).toEqual(['WATCHDOG=1']);
  });

  it('is left alone where systemd did not ask for it', async () => {
    const { notice, unit, take, clock } = bench();
    notice.ready(unit);
    await clock.advance(120_000);
    expect(take()).toEqual(['READY=1', 'STATUS=1 service up']);
  });
});
