import { describe, expect, it } from 'vitest';
import { createHostEnd } from '../../src/agent/doubt/host-end.ts';
import { newCheckMemory } from '../../src/agent/look.ts';
import { lookAtOnce } from '../../src/agent/look-at-once.ts';
import { createManagerDesk } from '../../src/agent/manager-desk.ts';
import { type CycleParts, runCycle } from '../../src/agent/run-cycle.ts';
import type { CheckKind } from '../../src/checks/check-kind.ts';
import { process } from '../../src/checks/process.ts';
import { commands } from '../../src/managers/commands.ts';
import type { Manager } from '../../src/managers/manager-kind.ts';
import type { Check, Service } from '../../src/model/service.ts';
import type { Input } from '../../src/model/step.ts';
import { createFakeHost, type FakeHost } from '../fakes/fake-host.ts';

const pidfile = '/run/api.pid';
const start = { argv: ['/usr/bin/api'], shell: false, env: {}, timeout: 1000 };

interface Scene {
  /** Options of its manager. */
  readonly manager?: object;
  readonly check?: object;
  readonly service?: Partial<Service>;
  readonly parts?: Partial<CycleParts>;
  readonly kind?: Partial<CheckKind>;
}

/** A service that was seen running, with a process of the number 10. */
async function seen({ manager, check, service, parts, kind }: Scene = {}) {
  const host = createFakeHost();
  host.processes.put({ pid: 10, comm: 'api', ppid: 1 });
  const options = { pidfile, start, ...manager };
  host.files.put(options.pidfile, '10\n');
  const bugs: string[] = [];
  const told: Input[] = [];
  const api = {
    name: 'api',
    holdWhile: [],
    manager: { kind: 'commands', options },
    startTimeout: 1000,
    stopTimeout: 1000,
    ...service,
  } as unknown as Service;
  const onBug = (error: unknown, about: string) => void bugs.push(`${about}: ${(error as Error).message}`);
  const desk = createManagerDesk({
    host,
    kinds: { commands } as never,
    onChange: () => desk.forget('api'),
    onBug,
  });
  desk.configure([api]);
  const end = createHostEnd(host, () => {});
  const cycle: CycleParts = {
    host,
    kind: { ...process, ...kind } as unknown as CheckKind,
    service: api,
    check: {
      name: 'alive',
      timeout: 5000,
      options: { pss: false, ...check },
      expect: [],
      warn: [],
    } as unknown as Check,
    memory: newCheckMemory(),
    desk,
    calm: () => true,
    tell: (inputs) => void told.push(...inputs),
    holding: async () => {},
    judge: (result) => result,
    lookAtHost: () => end.look(),
    hostStays: () => end.surelyStays(),
    onBug,
    ...parts,
  };
  const first = runCycle(cycle);
  // Rates are measured twice at first.
  await host.clock.advance(1000);
  await first;
  expect(told.at(-1)).toMatchObject({ result: { outcome: 'read' } });
  told.length = 0;
  Object.assign(cycle.memory, { exhibit: { title: 'answer', text: '' }, exhibitIsOld: false });
  desk.forget('api');
  return { host, cycle, told, bugs };
}

const status = { argv: ['/bin/status'], shell: false, env: {}, timeout: 1000 };
const comes =
  (process: object) =>
  ({ processes }: FakeHost) =>
    void processes.put({ pid: 10, ...process });
const holds =
  (path: string, text = '') =>
  ({ files }: FakeHost) =>
    files.put(path, text);
const worker = ({ processes }: FakeHost) => void processes.put({ pid: 20, comm: 'api' });
const dies = ({ processes }: FakeHost) => processes.kill(10);
const becomesZombie = ({ processes }: FakeHost) => void processes.put({ pid: 10, state: 'Z' });

describe('a process that has just ended', () => {
  it.each([
    ['nobody has its number', dies, 'pid file /run/api.pid names 10, which is not running'],
    [
      'nobody has collected it',
      becomesZombie,
      'pid file /run/api.pid names 10 (api), which is not running: its parent 1 has not collected it (a zombie)',
    ],
  ])('is told of at once, as the usual way would tell of it: %s', async (_name, happens, reason) => {
    const quick = await seen();
    happens(quick.host);
    const usual = await seen({ parts: { hostStays: () => false } });
    happens(usual.host);
    const cycle = runCycle(quick.cycle, { nudged: true });
    // Nothing was waited for.
    expect(quick.told).toMatchObject([
      { type: 'reported', report: { intent: 'unknown', activity: 'failed', detail: reason } },
      { type: 'observed', result: { outcome: 'failed', reason, reading: { running: false } } },
    ]);
    await cycle;
    const slow = runCycle(usual.cycle, { nudged: true });
    expect(usual.told).toEqual([]);
    await slow;
    expect(quick.told).toEqual(usual.told);
    expect(quick.cycle.memory).toEqual(usual.cycle.memory);
    expect([...quick.bugs, ...usual.bugs]).toEqual([]);
  });

  it('is judged as every result is', async () => {
    const doubt = { outcome: 'unknown', reason: 'doubt' } as const;
    const { host, cycle } = await seen({
      parts: { judge: (result) => (result.outcome === 'failed' ? doubt : result) },
    });
    dies(host);
    expect(lookAtOnce(cycle)?.[1]).toMatchObject({ result: doubt });
  });

  it.each<[where: string, scene: Scene, ...happens: ((host: FakeHost) => void)[]]>([
    ['it lives', {}],
    ['its leader ended and other threads live', {}, comes({ state: 'Z', threads: 2 })],
    ['another one has its number', {}, dies, comes({})],
    ['a zombie of another one has its number', {}, dies, comes({ state: 'Z' })],
    ['its pid file is gone: it ended in order', {}, dies, ({ files }) => files.remove(pidfile)],
    ['its pid file names another one', {}, dies, holds(pidfile, '11')],
    ['its pid file is half written', {}, dies, holds(pidfile, '')],
    ['its pid file cannot be read', {}, dies, ({ files }) => files.refuse(pidfile, 'EACCES')],
    ['a program says whether it runs', { manager: { status } }, dies],
    ['it is known by what it looks like, too', { manager: { match: 'fake' } }, dies],
    ['the check goes by a pid file of its own', { check: { pidfile } }, dies],
    [
      'the check goes by what it looks like, and another one does',
      { check: { match: { name: 'api' } } },
      dies,
      worker,
    ],
    ['the host goes down', {}, dies, holds('/run/nologin', 'The system is going down.')],
    ['OpenRC stops', {}, dies, holds('/run/openrc/rc.stopping')],
    ['systemd has to be asked for that', {}, dies, holds('/run/systemd/private')],
    ['a bus has to be asked for that', {}, dies, holds('/run/dbus/system_bus_socket')],
    ['nobody can tell whether it goes down', { parts: { hostStays: undefined } }, dies],
    ['something may hold it', { service: { holdWhile: [{ exists: '/run/lock' }] } }, dies],
    ['the way to it has to be looked at', { parts: { lookAtWay: async () => {} } }, dies],
    ['the kind cannot tell', { kind: { byReport: () => undefined } }, dies],
    ['the kind sees no failure', { kind: { byReport: () => ({ outcome: 'unknown', reason: '' }) } }, dies],
  ])('is looked at in the usual way where %s', async (_where, scene, ...happens) => {
    const asked = await seen(scene);
    const notAsked = await seen({ ...scene, parts: { ...scene.parts, hostStays: () => false } });
    for (const { host, cycle, told } of [asked, notAsked]) {
      for (const happen of happens) happen(host);
      const running = runCycle(cycle, { nudged: true });
      expect(told).toEqual([]);
      await host.clock.advance(1000);
      await running;
      expect(told.at(-1)).toMatchObject({ type: 'observed', check: 'alive' });
    }
    expect(asked.told).toEqual(notAsked.told);
    expect(asked.cycle.memory).toEqual(notAsked.cycle.memory);
    expect([...asked.bugs, ...notAsked.bugs]).toEqual([]);
  });

  it.each([
    ['nobody told of anything', {}, {}],
    ['all was not well with its service', { calm: () => false }, { nudged: true }],
  ])('is looked at in the usual way where %s', async (_name, parts, turn) => {
    const { host, cycle, told } = await seen({ parts });
    dies(host);
    const running = runCycle(cycle, turn);
    expect(told).toEqual([]);
    await running;
    expect(told.at(-1)).toMatchObject({ result: { outcome: 'failed' } });
  });

  it('is looked at in the usual way after a mistake, which is told', async () => {
    const { host, cycle, told, bugs } = await seen({
      kind: {
        byReport() {
          throw new Error('oops');
        },
      },
    });
    dies(host);
    await runCycle(cycle, { nudged: true });
    expect(told.at(-1)).toMatchObject({ result: { outcome: 'failed' } });
    expect(bugs).toEqual(['the look at once of api/alive: oops']);
  });

  it('is looked at in the usual way where the system refuses, which is no mistake', async () => {
    const { host, cycle, told, bugs } = await seen();
    becomesZombie(host);
    const refused = () => {
      throw Object.assign(new Error('process 10 could not be looked at (EMFILE)'), { code: 'EMFILE' });
    };
    Object.assign(host.processes, { oneNow: refused });
    expect(lookAtOnce(cycle)).toBeUndefined();
    await runCycle(cycle, { nudged: true });
    expect(told.at(-1)).toMatchObject({ result: { outcome: 'failed' } });
    expect(bugs).toEqual([]);
  });
});

describe('where it may have been told of the host, and not been heard yet', () => {
  async function toHear(change: Partial<CycleParts> = {}) {
    const scene = await seen();
    let hears = (): void => {};
    const newsHeard = () =>
      new Promise<void>((resolve) => {
        hears = resolve;
      });
    dies(scene.host);
    return { ...scene, cycle: { ...scene.cycle, newsHeard, ...change }, hears: () => hears() };
  }

  it('that is heard before anything is told', async () => {
    const { cycle, told, hears } = await toHear();
    const running = runCycle(cycle, { nudged: true });
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([]);
    hears();
    await running;
    expect(told).toMatchObject([{ type: 'reported' }, { result: { outcome: 'failed' } }]);
  });

  it.each<[string, (scene: Awaited<ReturnType<typeof seen>>) => Partial<CycleParts>]>([
    ['that it goes down', () => ({ hostStays: () => false })],
    ['and all is not well any more', () => ({ calm: () => false })],
  ])('it is looked at in the usual way where it was told %s', async (_what, then) => {
    let isHeard = false;
    const asked: string[] = [];
    const plain = await toHear();
    const later = then(plain);
    const { cycle, told, hears } = await toHear({
      hostStays: () => (isHeard && later.hostStays ? later.hostStays(undefined) : true),
      calm: () => (isHeard && later.calm ? later.calm() : true),
      lookAtHost: async () => void asked.push('host'),
    });
    const running = runCycle(cycle, { nudged: true });
    isHeard = true;
    hears();
    await running;
    expect(asked).toEqual(['host']);
    expect(told.at(-1)).toMatchObject({ result: { outcome: 'failed' } });
  });

  it('nothing is told when the agent stops meanwhile', async () => {
    const { cycle, told, hears } = await toHear();
    const stopped = new AbortController();
    const running = runCycle(cycle, { nudged: true, stopped: stopped.signal });
    stopped.abort();
    hears();
    await running;
    expect(told).toEqual([]);
  });

  it('nothing is waited for of a manager that tells of both', async () => {
    const { cycle, told } = await toHear();
    const managerOf = (name: string) => ({ ...cycle.desk.managerOf(name), hostStays: () => true }) as Manager;
    const cycled = runCycle({ ...cycle, desk: { ...cycle.desk, managerOf } }, { nudged: true });
    expect(told).toHaveLength(2);
    await cycled;
  });
});

describe('of a manager that is about to tell of an end', () => {
  /** It tells when `tells` is called. */
  async function aboutToTell(parts: Partial<CycleParts> = {}, service: Partial<Service> = {}) {
    const scene = await seen({ parts, service });
    let tells = (): void => {};
    let waitedFor = 0;
    const { desk } = scene.cycle;
    const endTold = () => {
      waitedFor += 1;
      return new Promise<void>((resolve) => {
        tells = resolve;
      });
    };
    dies(scene.host);
    const managerOf = (name: string) => ({ ...desk.managerOf(name), endTold }) as Manager;
    const cycle = { ...scene.cycle, desk: { ...desk, managerOf, endTold } };
    return { ...scene, cycle, tells: () => tells(), waitedFor: () => waitedFor };
  }

  it('that is waited for, and then looked at', async () => {
    const { cycle, told, tells } = await aboutToTell();
    const running = runCycle(cycle, { nudged: true });
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([]);
    tells();
    await running;
    expect(told).toMatchObject([{ type: 'reported' }, { result: { outcome: 'failed' } }]);
  });

  it('nothing is told when the agent stops meanwhile', async () => {
    const { cycle, told, tells } = await aboutToTell();
    const stopped = new AbortController();
    const running = runCycle(cycle, { nudged: true, stopped: stopped.signal });
    stopped.abort();
    tells();
    await running;
    expect(told).toEqual([]);
  });

  it('it is looked at in the usual way where all is not well any more', async () => {
    let calm = true;
    let looks = 0;
    const hostStays = () => {
      looks += 1;
      return true;
    };
    const { cycle, told, tells } = await aboutToTell({ calm: () => calm, hostStays });
    const running = runCycle(cycle, { nudged: true });
    expect(looks).toBe(1);
    calm = false;
    tells();
    await running;
    expect(told.at(-1)).toMatchObject({ result: { outcome: 'failed' } });
    expect(looks).toBe(1);
  });

  it.each<[string, object, Partial<CycleParts>, Partial<Service>]>([
    ['nobody told of anything', {}, {}, {}],
    ['all was not well with its service', { nudged: true }, { calm: () => false }, {}],
    ['something may hold it', { nudged: true }, {}, { holdWhile: [{ exists: '/run/lock' }] as never }],
    ['the way to it has to be looked at', { nudged: true }, { lookAtWay: async () => {} }, {}],
    ['the host may go down', { nudged: true }, { hostStays: () => false }, {}],
  ])('it is not waited for where %s', async (_where, turn, parts, service) => {
    const { cycle, told, waitedFor } = await aboutToTell(parts, service);
    await runCycle(cycle, turn);
    expect(waitedFor()).toBe(0);
    expect(told.at(-1)).toMatchObject({ result: { outcome: 'failed' } });
  });

  it('it is not waited for by a check that does not go by that', async () => {
    const { cycle, waitedFor } = await aboutToTell();
    const { byReport: _, ...kind } = cycle.kind;
    await runCycle({ ...cycle, kind }, { nudged: true });
    expect(waitedFor()).toBe(0);
  });

  it.each([
    [
      'breaks at once',
      () => {
        throw new Error('oops');
      },
    ],
    ['breaks later', () => Promise.reject(new Error('oops'))],
  ])('it is looked at all the same where that %s, which is told as a mistake', async (_how, endTold) => {
    const { cycle, told, bugs } = await aboutToTell();
    await runCycle({ ...cycle, desk: { ...cycle.desk, endTold } }, { nudged: true });
    expect(told.at(-1)).toMatchObject({ result: { outcome: 'failed' } });
    expect(bugs).toEqual(['the wait for the end of api: oops']);
  });

  it('what it was told of the host is gone by', async () => {
    const asked: (boolean | undefined)[] = [];
    const { cycle } = await aboutToTell({ hostStays: (told) => asked.push(told) > 0 });
    const manager = cycle.desk.managerOf('api');
    for (const hostStays of [undefined, () => true, () => false]) {
      const managerOf = () => ({ ...manager, hostStays }) as never;
      expect(lookAtOnce({ ...cycle, desk: { ...cycle.desk, managerOf } })).toBeDefined();
    }
    expect(asked).toEqual([undefined, true, false]);
  });
});

it('nothing is looked at for a manager that cannot tell at once', async () => {
  let looks = 0;
  const hostStays = () => {
    looks += 1;
    return true;
  };
  const { host, cycle } = await seen({ parts: { hostStays } });
  dies(host);
  const desk = { ...cycle.desk, managerOf: () => ({}) as never };
  expect(lookAtOnce({ ...cycle, desk })).toBeUndefined();
  expect(looks).toBe(0);
  expect(lookAtOnce(cycle)).toBeDefined();
  expect(looks).toBe(1);
});

it('a pid file that does not lie in memory is read in the usual way', async () => {
  const { host, cycle } = await seen({ manager: { pidfile: '/srv/api.pid' } });
  dies(host);
  expect(lookAtOnce(cycle)).toBeUndefined();
});
