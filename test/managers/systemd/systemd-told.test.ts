import { describe, expect, it } from 'vitest';
import { type UnitProperties, unitPath } from '../../../src/managers/systemd/systemd-unit.ts';
import { systemd as systemdKind } from '../../../src/managers/systemd.ts';
import { createFakeHost, type FakeHost } from '../../fakes/fake-host.ts';
import { createFakeSystemd } from '../../fakes/fake-systemd.ts';
import { ofService, ofUnit, running, unit } from './unit-properties.ts';

const context = (host: FakeHost) => ({ host, service: 'api', startTimeout: 1000, stopTimeout: 1000 });
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
  const manager = systemdKind.open(given as never, context(host));
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
    const { manager, systemd, host, dies } = await seen();
    expect(manager.reportNow?.()).toBeUndefined();
    dies();
    const now = manager.reportNow?.();
    expect(now).toMatchObject({ intent: 'run', activity: 'failed', lastExit: 'signal KILL' });
    expect(systemd.asked).toEqual([]);
    // Later, and without having followed it, it has to be asked for.
    await host.clock.advance(1000);
    const other = systemdKind.open({ unit } as never, context(host));
    expect(await other.report()).toEqual(now);
    expect(systemd.asked).toContain(`GetAll ${unit}`);
  });

  it.each<[string, Parameters<typeof seen>[0], ...((scene: Scene) => void)[]]>([
    [
      'it is told before by a job, which may be a stop',
      {},
      ({ systemd }) => systemd.tell('JobNew', 7, '/job/7', unit),
    ],
    ['it is bound to another unit, which may have failed', { properties: { BindsTo: ['db.service'] } }],
    ['its end starts other units', { properties: { OnFailure: ['reboot.target'] } }],
    ['a clean end would', { properties: { OnSuccess: ['reboot.target'] } }],
    ['its failure ends the host', { properties: { FailureAction: 'reboot' } }],
    ['a clean end would end it', { properties: { SuccessAction: 'poweroff' } }],
    ['it was made for once', { properties: { Transient: true } }],
    ['it is forgotten then', { properties: { CollectMode: 'inactive-or-failed' } }],
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

  it.each<[string, (scene: Scene) => void]>([
    ['a job was told', ({ systemd }) => systemd.tell('JobNew', 7, '/job/7', unit)],
    ['signals may have been missed', ({ systemd }) => systemd.changesHands()],
  ])('is asked for where %s while the last answer was on its way', async (_what, happens) => {
    const scene = await seen();
    const { manager, systemd, host, dies } = scene;
    await host.clock.advance(1000);
    const letGo = systemd.hold('GetAll');
    const asking = manager.report();
    await settle();
    happens(scene);
    letGo();
    await asking;
    dies();
    expect(manager.reportNow?.()).toBeUndefined();
  });

  it('is known not to be a stop also where it changed while the last answer was on its way, as in a crash loop', async () => {
    const { manager, systemd, host } = await seen();
    systemd.changesHands();
    await host.clock.advance(1000);
    const letGo = systemd.hold('GetAll');
    const asking = manager.report();
    await settle();
    systemd.change(unit, {}, { ...ofUnit, ActiveState: 'active', SubState: 'running' });
    letGo();
    await asking;
    systemd.change(unit, { ...ofService, MainPID: 0 }, ofUnit);
    expect(await manager.report()).toMatchObject({ intent: 'run', activity: 'failed' });
    // The journal need not be read for that.
    expect(host.commands.calls).toEqual([]);
  });

  it('is none while the unit is up without a process of its own', async () => {
    const { manager, systemd } = await seen();
    systemd.change(unit, { MainPID: 0 }, { ...ofUnit, ActiveState: 'active' });
    await manager.report();
    expect(manager.reportNow?.()).toBeUndefined();
  });

  it('is asked for where the unit is called by another name, which may come to stand for another', async () => {
    const { manager, dies } = await seen({ options: { unit: 'alias.service' } });
    await manager.report();
    dies();
    expect(manager.reportNow?.()).toBeUndefined();
  });

  it('is asked for where signals were missed since it was seen to run, until it was seen again', async () => {
    for (const looksAgain of [false, true]) {
      const { manager, systemd, host, dies } = await seen();
      systemd.changesHands();
      await settle();
      if (looksAgain) await manager.report();
      await settle();
      host.processes.kill(100);
      dies();
      expect(manager.reportNow?.() !== undefined).toBe(looksAgain);
    }
  });

  it('is asked for where somebody stopped it', async () => {
    const { manager, systemd, host } = await seen();
    host.processes.kill(100);
    const told = manager.endTold?.();
    systemd.tell('JobNew', 7, '/job/7', unit);
    systemd.change(unit, {}, { ...ofUnit, ActiveState: 'deactivating', Job: [7, '/job/7'] });
    systemd.change(unit, ofService, { ...ofUnit, ActiveState: 'inactive', Job: [7, '/job/7'] });
    systemd.change(unit, {}, { ...ofUnit, ActiveState: 'inactive' });
    systemd.tell('JobRemoved', 7, '/job/7', unit, 'done');
    await host.clock.advance(10);
    await told;
    expect(manager.reportNow?.()).toBeUndefined();
  });

  it.each(['UnitRemoved', 'Reloading'])(
    'is asked for where %s is told before it is looked at',
    async (member) => {
      const { manager, systemd, dies } = await seen();
      dies();
      systemd.tell(member, member === 'Reloading' ? false : unit, unitPath(unit));
      expect(manager.reportNow?.()).toBeUndefined();
    },
  );

  it('is asked for where it had begun to end before a stop was called off', async () => {
    const { manager, systemd, dies } = await seen();
    systemd.tell('JobNew', 7, '/job/7', unit);
    systemd.tell('JobRemoved', 7, '/job/7', unit, 'canceled');
    systemd.change(unit, {}, { ...ofUnit, ActiveState: 'deactivating' });
    await manager.report();
    dies();
    expect(manager.reportNow?.()).toBeUndefined();
  });

  it('is reported at once also where it ended cleanly, which nobody asked it to', async () => {
    const { manager, systemd } = await seen();
    systemd.change(
      unit,
      { ...ofService, Result: 'success', ExecMainCode: 1, ExecMainStatus: 0 },
      { ...ofUnit, ActiveState: 'inactive', SubState: 'dead' },
    );
    const now = manager.reportNow?.();
    expect(now).toMatchObject({ intent: 'run', activity: 'failed' });
    expect(now).toEqual(await manager.report());
  });

  it('is reported at once where it ended in several steps, and without a job', async () => {
    const { manager, systemd, dies } = await seen();
    systemd.change(unit, {}, { ...ofUnit, ActiveState: 'deactivating' });
    await manager.report();
    dies();
    expect(manager.reportNow?.()).toMatchObject({ activity: 'failed' });
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
    ['its end is that of another unit', { properties: { BindsTo: ['db.service'] } }],
    ['its end may end the host', { properties: { FailureAction: 'reboot' } }],
    ['systemd starts it again itself', { properties: { Restart: 'always' } }],
  ])('does not wait where %s', async (_where, given) => {
    const { manager, host } = await seen(given);
    host.processes.kill(100);
    expect(manager.endTold?.()).toBeUndefined();
  });
});

describe('whether the host goes down', () => {
  const lookAgain = async ({ manager, host }: Scene) => {
    await host.clock.advance(1000);
    await manager.report();
    await settle();
  };
  const questions = ({ systemd }: Scene) =>
    systemd.asked.filter((asked) => asked.includes('SystemState')).length;

  it('is known from one question on, by what is told since', async () => {
    const scene = await seen();
    const { manager, systemd } = scene;
    expect(manager.hostStays?.()).toBe(true);
    systemd.tell('JobNew', 7, '/job/7', 'other.service');
    await lookAgain(scene);
    expect(manager.hostStays?.()).toBe(true);
    expect(questions(scene)).toBe(0);
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
    // By itself, once there is a connection again.
    await scene.host.clock.advance(500);
    await settle();
    expect(scene.manager.hostStays?.()).toBe(true);
  });

  it('is not certain by an answer from before a shutdown was told', async () => {
    const scene = await seen();
    const { manager, systemd } = scene;
    systemd.tell('JobNew', 8, '/job/8', 'shutdown.target');
    const letGo = systemd.hold('Get');
    systemd.tell('Reloading', false);
    await lookAgain(scene);
    expect(questions(scene)).toBe(1);
    systemd.tell('JobNew', 9, '/job/9', 'shutdown.target');
    letGo();
    await settle();
    expect(manager.hostStays?.()).toBe(false);
  });

  it('is asked once more where the end of the start is told while the answer is on its way', async () => {
    const scene = await seen();
    const { manager, systemd } = scene;
    systemd.tell('JobNew', 8, '/job/8', 'shutdown.target');
    systemd.state = 'starting';
    const letGo = systemd.hold('Get');
    systemd.tell('Reloading', false);
    await lookAgain(scene);
    expect(questions(scene)).toBe(1);
    systemd.state = 'running';
    systemd.tell('StartupFinished', 1, 2, 3, 4, 5, 6);
    letGo();
    await settle();
    expect(questions(scene)).toBe(2);
    expect(manager.hostStays?.()).toBe(true);
  });

  it('is not asked again and again of a systemd that is not sure itself', async () => {
    const scene = await seen();
    const { manager, systemd, host } = scene;
    systemd.tell('JobNew', 8, '/job/8', 'shutdown.target');
    systemd.state = 'starting';
    for (let look = 0; look < 5; look++) {
      systemd.tell('Reloading', false);
      await manager.report();
      await settle();
    }
    expect(questions(scene)).toBe(0);
    await host.clock.advance(1000);
    for (let look = 0; look < 5; look++) {
      systemd.tell('Reloading', false);
      await manager.report();
      await settle();
    }
    expect(questions(scene)).toBe(1);
    expect(manager.hostStays?.()).toBe(false);
    // But as soon as it is.
    systemd.state = 'running';
    systemd.tell('StartupFinished', 1, 2, 3, 4, 5, 6);
    await settle();
    expect(questions(scene)).toBe(2);
    expect(manager.hostStays?.()).toBe(true);
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
