import { describe, expect, it } from 'vitest';
import type { Core } from '../../src/agent/core.ts';
import { createScheduler } from '../../src/agent/schedule/scheduler.ts';
import { createWatching } from '../../src/agent/wiring/watching.ts';
import type { CheckKind } from '../../src/checks/check-kind.ts';
import { emptyShelf, putOnShelf } from '../../src/lib/shelf.ts';
import type { Manager } from '../../src/managers/manager-kind.ts';
import type { ManagerReport } from '../../src/model/manager.ts';
import type { ServiceState } from '../../src/model/state.ts';
import type { Input } from '../../src/model/step.ts';
import { alive, config, service } from '../engine/rules.ts';
import { createFakeHost } from '../fakes/fake-host.ts';
import { fakeManagerKind } from '../fakes/fake-manager.ts';
import { createFakeSystemd } from '../fakes/fake-systemd.ts';

const dead: ManagerReport = { intent: 'run', activity: 'failed', detail: 'failed: signal KILL' };
const operation = { id: 'api/op1', kind: 'restart', by: 'repair' } as unknown as ServiceState['operation'];

/** A service in this state, whose manager tells of changes and whose process is gone. */
async function watched(
  state: Partial<ServiceState>,
  nudges = true,
  headStart = false,
  { tellsLater = false, listens = false }: { readonly tellsLater?: boolean; readonly listens?: boolean } = {},
) {
  const plain = createFakeHost(listens ? { dbus: createFakeSystemd().dbus } : {});
  const host = { ...plain, self: { ...plain.self, hasWatchdog: true } };
  if (listens) plain.files.put('/run/systemd/private', '');
  const { clock } = host;
  const looks: string[] = [];
  const asksOfHost: string[] = [];
  const told: Input[] = [];
  let change = (): void => {};
  const manager = fakeManagerKind(
    () => dead,
    (changed) => {
      change = changed;
      return () => {};
    },
  );
  const check = {
    headline: [],
    target: () => undefined,
    async probe() {
      looks.push('look');
      return { outcome: 'failed', reason: 'no such process' };
    },
    byReport: () => ({ outcome: 'failed', reason: 'no such process' }),
  } as unknown as CheckKind;
  let ends: (() => void) | undefined;
  const waits: string[] = [];
  const tellsAtOnce: typeof manager = {
    ...manager,
    open: (...given) => ({
      ...manager.open(...given),
      reportNow: () => dead,
      endTold() {
        if (!tellsLater) return undefined;
        waits.push('wait');
        return new Promise<void>((resolve) => {
          ends = resolve;
        });
      },
    }),
  };
  const rules = config([
    service('api', [alive({ cadence: { every: 3_600_000 } })], { manager: { kind: 'fake', options: {} } }),
  ]);
  const of = { name: 'api', monitored: true, state: 'down', checks: {}, queue: [], ...state };
  const core = {
    config: rules,
    state: { services: putOnShelf(emptyShelf(), 'api', of), trust: { trusted: true } },
    apply() {},
    hasHeadStart: () => headStart,
    onStep: () => () => {},
  } as unknown as Core;
  const files = {
    ...host.files,
    async exists(path: string) {
      asksOfHost.push(path);
      return false;
    },
  };
  const scheduler = createScheduler({ clock, calendar: host.calendar, onBug: () => {} });
  const watching = createWatching({
    host: { ...host, files },
    kinds: { checks: { process: check }, managers: { fake: tellsAtOnce }, notifiers: {} } as never,
    core,
    scheduler,
    serviceOf: (name) => rules.services.find((one) => one.name === name),
    nudges: () => nudges,
    tell: (...inputs) => void told.push(...inputs),
    onPassedOver() {},
    onBug: (error) => expect(error).toBeUndefined(),
  });
  watching.open(rules);
  watching.configure(rules);
  scheduler.start();
  // Its first turn is over, and the next one an hour away.
  await clock.advance(60_000);
  const before = looks.length;
  asksOfHost.length = 0;
  told.length = 0;
  return {
    told,
    waits,
    asksOfHost,
    looks: () => looks.length - before,
    async somethingHappens() {
      change();
      await clock.advance(10);
    },
    nudge: () => scheduler.nudge('api/alive'),
    /** What it is told after a while it tells of as of a change. */
    async endIsTold() {
      ends?.();
      change();
      await clock.advance(10);
    },
    async isToBeLookedAt() {
      scheduler.nudge('api/alive');
      await clock.advance(10);
    },
    async itsTurnComes() {
      await clock.advance(3_600_000);
    },
  };
}

describe('a change that the manager tells of', () => {
  it('has the process looked at, and whether the host goes down asked before it is believed', async () => {
    const { somethingHappens, looks, asksOfHost, told } = await watched({});
    await somethingHappens();
    expect(looks()).toBe(1);
    expect(asksOfHost.length).toBeGreaterThan(0);
    expect(told.map(({ type }) => type)).toEqual(['reported', 'observed']);
  });

  it('is not looked at while the service is being operated: nothing that is seen then counts', async () => {
    const { somethingHappens, looks, told } = await watched({ operation });
    await somethingHappens();
    expect(looks()).toBe(0);
    expect(told).toEqual([]);
  });

  it('is not looked at while its repair has a head start, nor is the host at its turn', async () => {
    const { somethingHappens, itsTurnComes, looks, asksOfHost } = await watched({}, true, true);
    await somethingHappens();
    expect(looks()).toBe(0);
    await itsTurnComes();
    expect(looks()).toBe(1);
    expect(asksOfHost).toEqual([]);
  });

  it('is asked about while it is stopped on purpose, whatever is being done to it', async () => {
    const stop = { at: 0, by: 'operator' } as unknown as ServiceState['stop'];
    const { somethingHappens, looks, told } = await watched({ operation, stop });
    await somethingHappens();
    expect(looks()).toBe(0);
    expect(told.map(({ type }) => type)).toEqual(['reported']);
  });

  it('waits for the next turn where nudges are off', async () => {
    const { somethingHappens, itsTurnComes, looks } = await watched({}, false);
    await somethingHappens();
    expect(looks()).toBe(0);
    await itsTurnComes();
    expect(looks()).toBe(1);
  });
});

it.each<[string, Partial<Manager>, boolean]>([
  ['can tell of an end at once, and not of that of the host', { reportNow: () => dead }, true],
  ['can tell of both', { reportNow: () => dead, hostStays: () => true }, false],
  ['cannot tell of an end at once', {}, false],
])('systemd is listened to for a manager that %s', async (_what, can, listens) => {
  const systemd = createFakeSystemd();
  const plain = createFakeHost({ dbus: systemd.dbus });
  const host = { ...plain, self: { ...plain.self, uid: 0, hasWatchdog: true } };
  plain.files.put('/run/systemd/private', '');
  const manager = fakeManagerKind(() => dead);
  const fake = {
    ...manager,
    open: (...given: Parameters<typeof manager.open>) => ({ ...manager.open(...given), ...can }),
  };
  const rules = config([service('api', [alive()], { manager: { kind: 'fake', options: {} } })]);
  const watching = createWatching({
    host,
    kinds: { checks: {}, managers: { fake }, notifiers: {} } as never,
    core: { config: rules, onStep: () => () => {} } as unknown as Core,
    scheduler: createScheduler({ clock: host.clock, calendar: host.calendar, onBug: () => {} }),
    serviceOf: () => undefined,
    nudges: () => true,
    tell() {},
    onPassedOver() {},
    onBug: (error) => expect(error).toBeUndefined(),
  });
  watching.open(rules);
  await new Promise((resolve) => setImmediate(resolve));
  expect(systemd.open).toEqual(listens ? ['/run/systemd/private'] : []);
  expect(watching.hostEnd.surelyStays()).toBe(listens);
  watching.close();
  expect(systemd.open).toEqual([]);
});

describe('a look that is asked for', () => {
  it.each<[string, Partial<ServiceState>, headStart: boolean, looks: number]>([
    ['is none where its manager can tell at once', { state: 'up' }, false, 0],
    ['is one while the service is being operated', { state: 'up', operation }, false, 1],
    ['is one while its repair has a head start', { state: 'up' }, true, 1],
    ['is one where all was not well', { state: 'down' }, false, 1],
  ])('%s', async (_name, state, headStart, wanted) => {
    const { isToBeLookedAt, looks, told } = await watched(state, true, headStart);
    await isToBeLookedAt();
    expect(looks()).toBe(wanted);
    expect(told.map(({ type }) => type)).toEqual(['reported', 'observed']);
  });
});

it('an end that is seen at once is told after what systemd may have told of the host before', async () => {
  const { nudge, told } = await watched({ state: 'up' }, true, false, { listens: true });
  nudge();
  expect(told).toEqual([]);
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(told.map(({ type }) => type)).toEqual(['reported', 'observed']);
});

it('an end that was waited for is looked at once, although it is told as a change, too', async () => {
  const { somethingHappens, endIsTold, told, waits } = await watched({ state: 'up' }, true, false, {
    tellsLater: true,
  });
  await somethingHappens();
  expect(told).toEqual([]);
  await endIsTold();
  expect(waits).toHaveLength(1);
  expect(told.map(({ type }) => type)).toEqual(['reported', 'observed']);
});

describe('a turn that comes while the service is being operated', () => {
  it('looks, and leaves the host alone, which is busy with the operation', async () => {
    const { itsTurnComes, looks, asksOfHost } = await watched({ operation });
    await itsTurnComes();
    expect(looks()).toBe(1);
    expect(asksOfHost).toEqual([]);
  });
});
