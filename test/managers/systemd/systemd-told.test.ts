import { describe, expect, it } from 'vitest';
import type { UnitProperties } from '../../../src/managers/systemd/systemd-unit.ts';
import { systemd as systemdKind } from '../../../src/managers/systemd.ts';
import { createFakeHost } from '../../fakes/fake-host.ts';
import { createFakeSystemd } from '../../fakes/fake-systemd.ts';

const unit = 'api.service';
const running: UnitProperties = {
  Id: unit,
  LoadState: 'loaded',
  Type: 'simple',
  ActiveState: 'active',
  SubState: 'running',
  MainPID: 100,
  ControlGroup: '/system.slice/api.service',
  InvocationID: [1, 2],
  InactiveExitTimestamp: 1_000_000,
  StateChangeTimestamp: 1_000_000,
  InactiveEnterTimestamp: 0,
  ConditionResult: true,
  AssertResult: true,
  Job: [0, '/'],
  Result: 'success',
  ExecMainExitTimestamp: 0,
  ExecMainCode: 0,
  ExecMainStatus: 0,
  Restart: 'no',
  RestartForceExitStatus: [[], []],
};
const ofService: UnitProperties = {
  Result: 'signal',
  MainPID: 0,
  ExecMainExitTimestamp: 2_000_000,
  ExecMainCode: 2,
  ExecMainStatus: 9,
};
const ofUnit: UnitProperties = {
  ActiveState: 'failed',
  SubState: 'failed',
  StateChangeTimestamp: 2_000_000,
  InactiveEnterTimestamp: 2_000_000,
  InactiveExitTimestamp: 1_000_000,
  ConditionResult: true,
  AssertResult: true,
  Job: [0, '/'],
};

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A unit that is followed and was seen running. */
async function seen({
  properties = {},
  options = {},
  follows = true,
  connects = true,
}: {
  readonly properties?: UnitProperties;
  readonly options?: { readonly unit?: string; readonly user?: string };
  readonly follows?: boolean;
  /** Before it is asked for the first time. */
  readonly connects?: boolean;
} = {}) {
  const systemd = createFakeSystemd();
  const host = createFakeHost({ dbus: systemd.dbus });
  host.processes.put({ pid: 100 });
  const given = { unit, ...options };
  systemd.units.set(given.unit, { ...running, ...properties });
  systemd.units.set(unit, { ...running, ...properties });
  const context = { host, service: 'api', startTimeout: 1000, stopTimeout: 1000 };
  const manager = systemdKind.open(given as never, context);
  let changes = 0;
  if (follows) manager.follow?.(() => (changes += 1));
  if (connects) await settle();
  expect(await manager.report()).toMatchObject({ activity: 'running', main: { pid: 100 } });
  await settle();
  systemd.asked.length = 0;
  return {
    systemd,
    host,
    manager,
    changes: () => changes,
    dies() {
      host.processes.kill(100);
      systemd.change(unit, ofService, ofUnit);
    },
  };
}

type Scene = Awaited<ReturnType<typeof seen>>;

describe('the end of a unit', () => {
  it('is reported at once as soon as it is told, as it would be when asked for', async () => {
    const { manager, systemd, dies } = await seen();
    expect(manager.reportNow?.()).toBeUndefined();
    dies();
    const now = manager.reportNow?.();
    expect(now).toMatchObject({ intent: 'run', activity: 'failed', lastExit: 'signal KILL' });
    expect(now).toEqual(await manager.report());
    expect(systemd.asked).toEqual([]);
  });

  it.each<[string, Parameters<typeof seen>[0], ...((scene: Scene) => void)[]]>([
    [
      'it is told before by a job, which may be a stop',
      {},
      ({ systemd }) => systemd.tell('JobNew', 7, '/job/7', unit),
    ],
    ['signals may have been missed', {}, ({ systemd }) => systemd.hangUp()],
    ['it is bound to another unit, which may have failed', { properties: { BindsTo: ['db.service'] } }],
    ['it is called by another name', { options: { unit: 'alias.service' } }],
    ['it is not followed', { follows: false }],
    ['it is started again by systemd', { properties: { Restart: 'always' } }],
  ])('is asked for where %s', async (_where, given, ...before) => {
    const scene = await seen(given);
    for (const happens of before) happens(scene);
    scene.dies();
    expect(scene.manager.reportNow?.()).toBeUndefined();
  });

  it('is reported at once also where the first answer came as soon as there was a connection', async () => {
    const { manager, dies } = await seen({ connects: false });
    dies();
    expect(manager.reportNow?.()).toMatchObject({ activity: 'failed' });
  });

  it('is asked for where a job was told while the last answer was on its way', async () => {
    const { manager, systemd, dies } = await seen();
    systemd.tell('Reloading', false);
    const letGo = systemd.hold('GetAll');
    const asking = manager.report();
    await settle();
    systemd.tell('JobNew', 7, '/job/7', unit);
    letGo();
    await asking;
    dies();
    expect(manager.reportNow?.()).toBeUndefined();
  });

  it('is asked for where its main process is another one by now', async () => {
    const { manager, systemd } = await seen();
    systemd.change(unit, { ...ofService, MainPID: 101 }, ofUnit);
    expect(manager.reportNow?.()).toBeUndefined();
  });

  it('is asked for where it was told a while ago', async () => {
    const { manager, host, dies } = await seen();
    dies();
    await host.clock.advance(1000);
    expect(manager.reportNow?.()).toBeUndefined();
  });
});

describe('who knows that its main process is dead', () => {
  it('waits for systemd to tell what became of the unit', async () => {
    const { manager, host, systemd } = await seen();
    expect(manager.endTold?.()).toBeUndefined();
    host.processes.kill(100);
    let told = false;
    const waiting = manager.endTold?.()?.then(() => (told = true));
    await settle();
    expect(told).toBe(false);
    systemd.change(unit, ofService, ofUnit);
    await waiting;
    expect(manager.reportNow?.()).toMatchObject({ activity: 'failed' });
    expect(manager.endTold?.()).toBeUndefined();
    expect(systemd.asked).toEqual([]);
  });

  it('waits a moment and no longer, and once', async () => {
    const { manager, host, systemd } = await seen();
    host.processes.kill(100);
    let over = false;
    void manager.endTold?.()?.then(() => (over = true));
    await host.clock.advance(9);
    await settle();
    expect(over).toBe(false);
    await host.clock.advance(1);
    await settle();
    expect(over).toBe(true);
    expect(manager.endTold?.()).toBeUndefined();
    // Nor is it waited for a second time by the question that follows.
    void manager.report();
    await settle();
    expect(systemd.asked).toContain(`GetAll ${unit}`);
  });

  it.each<[string, Parameters<typeof seen>[0]]>([
    ['it is not followed', { follows: false }],
    ['systemd starts it again itself', { properties: { Restart: 'always' } }],
  ])('does not wait where %s', async (_where, given) => {
    const { manager, host } = await seen(given);
    host.processes.kill(100);
    expect(manager.endTold?.()).toBeUndefined();
  });
});

describe('whether the host goes down', () => {
  const lookAgain = async ({ manager }: Scene) => {
    await manager.report();
    await settle();
  };

  it('is known from one question on, by what is told since', async () => {
    const scene = await seen();
    const { manager, systemd } = scene;
    expect(manager.hostStays?.()).toBe(true);
    systemd.tell('JobNew', 7, '/job/7', 'other.service');
    await lookAgain(scene);
    expect(manager.hostStays?.()).toBe(true);
    expect(systemd.asked.filter((asked) => asked.includes('SystemState'))).toEqual([]);
    systemd.tell('JobNew', 8, '/job/8', 'shutdown.target');
    expect(manager.hostStays?.()).toBe(false);
  });

  it('is asked anew after that, as a shutdown can be called off', async () => {
    const scene = await seen();
    const { manager, systemd } = scene;
    systemd.tell('JobNew', 8, '/job/8', 'shutdown.target');
    systemd.state = 'stopping';
    systemd.tell('Reloading', false);
    await lookAgain(scene);
    expect(manager.hostStays?.()).toBe(false);
    systemd.state = 'degraded';
    systemd.tell('Reloading', false);
    await lookAgain(scene);
    expect(manager.hostStays?.()).toBe(true);
  });

  it.each(['starting', 'initializing', 'maintenance', 'stopping'])(
    'is not certain while systemd is %s',
    async (state) => {
      const scene = await seen();
      scene.systemd.tell('JobNew', 8, '/job/8', 'shutdown.target');
      scene.systemd.state = state;
      scene.systemd.tell('Reloading', false);
      await lookAgain(scene);
      expect(scene.manager.hostStays?.()).toBe(false);
    },
  );

  it('is not certain once signals may have been missed, until it was asked again', async () => {
    const scene = await seen();
    scene.systemd.hangUp();
    expect(scene.manager.hostStays?.()).toBe(false);
    await lookAgain(scene);
    await lookAgain(scene);
    expect(scene.manager.hostStays?.()).toBe(true);
  });

  it('is not certain by an answer from before a shutdown was told', async () => {
    const scene = await seen();
    const { manager, systemd } = scene;
    systemd.tell('JobNew', 8, '/job/8', 'shutdown.target');
    const letGo = systemd.hold('Get');
    systemd.tell('Reloading', false);
    await lookAgain(scene);
    expect(systemd.asked.filter((asked) => asked.includes('SystemState'))).toHaveLength(1);
    systemd.tell('JobNew', 9, '/job/9', 'shutdown.target');
    letGo();
    await settle();
    expect(manager.hostStays?.()).toBe(false);
  });

  it('is nothing that the systemd of a user could tell', async () => {
    const { manager } = await seen({ options: { user: '1000' } });
    expect(manager.hostStays?.()).toBe(false);
  });

  it('is not asked by who does not follow the unit', async () => {
    const { manager } = await seen({ follows: false });
    expect(manager.hostStays?.()).toBe(false);
  });
});
