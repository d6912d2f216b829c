import { describe, expect, it } from 'vitest';
import { createManagerDesk } from '../../src/agent/manager-desk.ts';
import { operate } from '../../src/agent/operate.ts';
import type { Manager, ManagerKind } from '../../src/managers/manager-kind.ts';
import { type Member, together } from '../../src/managers/together.ts';
import type { ManagerReport } from '../../src/model/manager.ts';
import type { Service } from '../../src/model/service.ts';
import type { Operation } from '../../src/model/state.ts';
import { createFakeHost } from '../fakes/fake-host.ts';

const service = {
  name: 'web',
  manager: { kind: 'fake', options: {} },
  startTimeout: 1000,
  stopTimeout: 1000,
} as unknown as Service;
const repair: Operation = { id: 'r1', kind: 'restart', reason: 'm2 ended', by: 'repair', requestedAt: 0 };
const failed: ManagerReport = { intent: 'run', activity: 'failed', detail: 'ended by itself' };

function scene() {
  const host = createFakeHost();
  for (const pid of [100, 101, 200]) host.processes.put({ pid, start: pid });
  const running = (pid: number): ManagerReport => ({
    intent: 'run',
    activity: 'running',
    detail: 'running',
    main: { pid, start: pid },
  });
  const members = (...reports: readonly ManagerReport[]): ManagerReport =>
    together(
      'members',
      reports.map((report, index): Member => ({ name: `m${index + 1}`, report })),
    );
  const state = { says: members(running(100), running(101)), operated: 0 };
  const manager: Manager = {
    report: async () => state.says,
    async operate() {
      state.operated += 1;
      return { ok: true, detail: 'restarted', tookMs: 1 };
    },
    close() {},
  };
  const onBug = (error: unknown) => {
    throw error;
  };
  const desk = createManagerDesk({
    host,
    kinds: { fake: { kind: 'fake', open: () => manager } as unknown as ManagerKind },
    onChange: () => {},
    onBug,
  });
  desk.configure([service]);
  const carryOut = (
    decidedOn: ManagerReport | undefined,
    operation = repair,
    signal = new AbortController().signal,
  ) => operate({ host, desk, onBug }, service, operation, signal, decidedOn);
  return { host, state, desk, running, members, carryOut };
}

describe('a restart because a member was down', () => {
  it('is not carried out when somebody brought that one up in the meantime: it would take the healthy ones', async () => {
    const { state, desk, running, members, carryOut } = scene();
    const before = members(running(100), failed);
    state.says = before;
    await desk.report('web');
    state.says = members(running(100), running(200));
    expect(await carryOut(before)).toMatchObject({
      ok: true,
      detail: 'nothing to restart any more: 2 members running',
    });
    expect(state.operated).toBe(0);
  });

  it('is carried out while it is down, whether its manager said so or only named a process that has ended', async () => {
    const { host, state, running, members, carryOut } = scene();
    const before = members(running(100), failed);
    state.says = before;
    await carryOut(before);
    expect(state.operated).toBe(1);
    state.says = members(running(100), running(101));
    host.processes.kill(101);
    await carryOut(state.says);
    expect(state.operated).toBe(2);
  });

  it('is not carried out either where its manager had only named a process that has ended', async () => {
    const { host, state, running, members, carryOut } = scene();
    const before = state.says;
    host.processes.kill(101);
    state.says = members(running(100), running(200));
    await carryOut(before);
    expect(state.operated).toBe(0);
  });

  it('is not begun any more where the agent stops while its manager is asked', async () => {
    const { state, running, members, carryOut } = scene();
    const stop = new AbortController();
    state.says = members(running(100), failed);
    const carried = carryOut(state.says, repair, stop.signal);
    stop.abort();
    expect(await carried).toMatchObject({ ok: false });
    expect(state.operated).toBe(0);
  });

  it('is carried out where its manager does not answer', async () => {
    const { state, running, members, carryOut } = scene();
    state.says = { intent: 'unknown', activity: 'unknown', detail: 'away' };
    await carryOut(members(running(100), failed));
    expect(state.operated).toBe(1);
  });
});

it('a restart for another reason, and one that an operator asked for, takes all members also where all are well', async () => {
  const { state, running, members, carryOut } = scene();
  await carryOut(state.says);
  await carryOut(undefined);
  await carryOut(members(running(100), failed), { ...repair, by: 'operator' });
  await carryOut(members(running(100), failed), { ...repair, by: 'schedule' });
  expect(state.operated).toBe(4);
});

it('a service of a single process is restarted without its manager being asked first', async () => {
  const { state, carryOut } = scene();
  await carryOut(failed);
  expect(state.operated).toBe(1);
});
