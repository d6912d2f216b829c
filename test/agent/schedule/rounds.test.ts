import { describe, expect, it } from 'vitest';
import type { Core } from '../../../src/agent/core.ts';
import type { SelfWatch } from '../../../src/agent/doubt/self-watch.ts';
import type { Uplink } from '../../../src/agent/doubt/uplink.ts';
import { calendarInput } from '../../../src/agent/schedule/calendar-watch.ts';
import { createRounds } from '../../../src/agent/schedule/rounds.ts';
import type { Scheduler } from '../../../src/agent/schedule/scheduler.ts';
import { createCronCalendar } from '../../../src/host/time/cron-calendar.ts';
import type { Config } from '../../../src/model/config.ts';
import type { EngineState } from '../../../src/model/state.ts';
import type { Input } from '../../../src/model/step.ts';
import type { Outbox } from '../../../src/state/outbox.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';
import { createFakeHost } from '../../fakes/fake-host.ts';

const night = { cron: '0 3 * * *', timezone: 'Europe/Berlin', duration: 1_800_000 };

function configOf(more: Partial<Config> = {}): Config {
  return { maintenance: [], routes: [], uplink: [], notifiers: {}, ...more } as unknown as Config;
}

function bench(config: Config, startAt?: number, dryRun = false) {
  const host = createFakeHost({ clock: createFakeClock(startAt) });
  const told: Input[] = [];
  const log: string[] = [];
  const probed: (readonly string[])[] = [];
  const state = {
    config,
    reason: undefined as string | undefined,
    late: 0,
    oldest: undefined as number | undefined,
    behind: 0,
    waits: 0,
    troubles: {} as EngineState['troubles'],
  };
  const say = (text: string): void => void log.push(text);
  const rounds = createRounds({
    host,
    core: {
      get config() {
        return state.config;
      },
      state: {
        get troubles() {
          return state.troubles;
        },
      },
    } as unknown as Core,
    scheduler: {
      takeWorstLateness: () => state.late,
      behind: () => state.behind,
      longestWait: () => state.waits,
    } as unknown as Scheduler,
    selfWatch: {
      look: () => {},
      excuse: () => {},
      lookAtResources: async () => {},
      doubt: () => {},
      get reason() {
        return state.reason;
      },
    } as unknown as SelfWatch,
    hostEnd: {
      look: async () => {},
      surelyStays: () => true,
      listen() {},
      newsHeard: () => undefined,
      glance: async () => {},
      close: () => {},
    },
    uplink: { probe: async (targets: readonly string[]) => void probed.push(targets) } as unknown as Uplink,
    outbox: { oldest: () => state.oldest } as unknown as Outbox<never>,
    tell: (input) => told.push(input),
    logger: { error: say, warn: say, info: say, debug: say },
    dryRun,
    onBug: (error) => say(`bug ${(error as Error).message}`),
  });
  return { host, told, log, probed, state, rounds };
}

describe('the calendar', () => {
  it('knows which maintenance windows and routes are in their hours, in their own time zones', () => {
    const config = configOf({
      maintenance: [
        { name: 'nightly', when: night, services: [], groups: [], repairs: false },
        { name: 'once', when: { from: 1000, until: 2000 }, services: [], groups: [], repairs: false },
      ],
      routes: [
        { match: {}, notify: [], replace: false },
        { match: { during: night }, notify: [], replace: false },
      ],
    });
    const calendar = createCronCalendar();
    // 3:00 in Berlin is 2:00 UTC in winter and 1:00 UTC in summer.
    const at = (wall: number) => calendarInput(config, calendar, wall);
    expect(at(Date.UTC(2026, 0, 15, 2, 10))).toMatchObject({ active: ['nightly'], routes: [1] });
    expect(at(Date.UTC(2026, 0, 15, 2, 31))).toMatchObject({ active: [], routes: [] });
    expect(at(Date.UTC(2026, 6, 15, 1, 10))).toMatchObject({ active: ['nightly'], routes: [1] });
    expect(at(Date.UTC(2026, 6, 15, 2, 10))).toMatchObject({ active: [] });
    expect(at(1500)).toMatchObject({ active: ['once'] });
  });

  it('is told when it changes, and only then', async () => {
    const maintenance = [{ name: 'nightly', when: night, services: [], groups: [], repairs: false }];
    const { host, told, rounds } = bench(configOf({ maintenance }), Date.UTC(2026, 0, 15, 1, 59, 30));
    rounds.configure();
    await host.clock.advance(3_600_000);
    expect(told).toEqual([
      { type: 'maintenance', active: [], routes: [] },
      { type: 'maintenance', active: ['nightly'], routes: [] },
      { type: 'maintenance', active: [], routes: [] },
    ]);
    rounds.stop();
    expect(host.clock.waiting).toBe(0);
  });

  it('is told once more when a reload takes the last window away', async () => {
    const maintenance = [{ name: 'nightly', when: night, services: [], groups: [], repairs: false }];
    const { told, rounds, state } = bench(configOf({ maintenance }), Date.UTC(2026, 0, 15, 2, 10));
    rounds.configure();
    state.config = configOf();
    rounds.configure();
    expect(told.at(-1)).toEqual({ type: 'maintenance', active: [], routes: [] });
    rounds.stop();
  });
});

describe('the heartbeat', () => {
  const heartbeat = { url: 'https://hc.example/ping', every: 60_000 };

  it('is sent at its pace while all is well, and kept back with a reason while it is not', async () => {
    const { host, log, state, rounds } = bench(configOf({ heartbeat }));
    host.http.answer(200);
    rounds.configure();
    await host.clock.advance(180_000);
    expect(host.http.requests.map(({ url, method }) => [url, method])).toEqual(
      Array(3).fill([heartbeat.url, 'GET']),
    );
    state.reason = 'the clock jumped';
    await host.clock.advance(180_000);
    expect(host.http.requests.length).toBe(3);
    expect(log).toEqual(['no heartbeat: the agent does not trust itself: the clock jumped']);
    state.reason = undefined;
    await host.clock.advance(60_000);
    expect(host.http.requests.length).toBe(4);
    expect(log.at(-1)).toBe('the heartbeat is sent again');
    rounds.stop();
  });

  it('is kept back while the scheduler does not keep up, or nobody hears of anything', async () => {
    const notifiers = { mail: { fallback: [] } } as unknown as Config['notifiers'];
    const { host, log, state, rounds } = bench(configOf({ heartbeat, notifiers }));
    host.http.answer(200);
    rounds.configure();
    const beats = async (change: Partial<typeof state>): Promise<number> => {
      const before = host.http.requests.length;
      Object.assign(state, change);
      await host.clock.advance(60_000);
      return host.http.requests.length - before;
    };
    expect(await beats({ behind: 30_000 })).toBe(0);
    expect(await beats({ behind: 0, waits: 30_000 })).toBe(0);
    const trouble = { since: 0, text: 'refused', told: [] };
    expect(await beats({ waits: 0, troubles: { 'notifier/mail': trouble } })).toBe(0);
    expect(await beats({ troubles: {} })).toBe(1);
    expect(log).toEqual([
      'no heartbeat: the next check is 30 s overdue',
      'no heartbeat: a check waits to be started, 30 s longer than it may',
      'no heartbeat: notices through mail do not get through',
      'the heartbeat is sent again',
    ]);
    rounds.stop();
  });

  it('is not sent by a dry run', async () => {
    const { host, rounds } = bench(configOf({ heartbeat }), undefined, true);
    rounds.configure();
    await host.clock.advance(180_000);
    expect(host.http.requests).toEqual([]);
    rounds.stop();
  });

  it('that is refused or not answered is said once', async () => {
    const { host, log, rounds } = bench(configOf({ heartbeat }));
    host.http.answer(404);
    rounds.configure();
    await host.clock.advance(180_000);
    expect(log).toEqual(['no heartbeat: it answered HTTP 404']);
    rounds.stop();
  });
});

describe('the uplink', () => {
  it('is looked at only where targets are configured', async () => {
    const with_ = bench(configOf({ uplink: ['192.0.2.1:53'] }));
    with_.rounds.configure();
    await with_.host.clock.advance(25_000);
    // At the start, and every 10 s.
    expect(with_.probed).toEqual([['192.0.2.1:53'], ['192.0.2.1:53'], ['192.0.2.1:53']]);
    with_.rounds.stop();
    const without = bench(configOf());
    without.rounds.configure();
    await without.host.clock.advance(60_000);
    expect(without.probed).toEqual([[]]);
    without.rounds.stop();
  });
});
