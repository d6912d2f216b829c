import { describe, expect, it } from 'vitest';
import type { Answer, Container, ContainerApi } from '../../../src/managers/containers/container-api.ts';
import { containerHistory } from '../../../src/managers/containers/container-history.ts';
import { createFakeHost } from '../../fakes/fake-host.ts';

const id = 'abc';

/** An engine whose events a test holds. */
function engine(name: 'Docker' | 'Podman' = 'Docker') {
  const host = createFakeHost();
  const began = host.clock.instant().wall;
  const state = {
    answer: { ok: true, value: '' } as Answer<string>,
    asked: [] as string[],
    info: { LiveRestoreEnabled: false } as unknown,
  };
  const api: ContainerApi = {
    text: async (path) => {
      state.asked.push(decodeURIComponent(path));
      return state.answer;
    },
    get: async <T>(path: string) =>
      path === '/info' ? { ok: true, value: state.info as T } : { ok: false, reason: 'not asked here' },
    post: async () => ({ ok: false, reason: 'not asked here' }),
  };
  const at = (ms: number) => new Date(began + ms).toISOString();
  return {
    host,
    state,
    history: containerHistory(host, api, name),
    began,
    says(...events: readonly (readonly [string, number])[]) {
      const lines = events.map(([Action, ms]) =>
        JSON.stringify({ Action, timeNano: (began + ms) * 1e6, Actor: { ID: id, Attributes: {} } }),
      );
      state.answer = { ok: true, value: `${lines.join('\n')}\n` };
    },
    ended: (ms: number): Container => ({
      Id: id,
      Name: '/web',
      State: {
        Status: 'exited',
        Pid: 0,
        ExitCode: 137,
        OOMKilled: false,
        Error: '',
        StartedAt: at(0),
        FinishedAt: at(ms),
      },
      HostConfig: {},
    }),
  };
}

it('asks for what counts since it was started, and for no more', async () => {
  const { history, says, state, ended, began } = engine();
  says(['start', 1], ['die', 50]);
  expect(await history.endOf(ended(50))).toBe('by-itself');
  expect(state.asked[0]).toContain(`since=${((began - 1) / 1000).toFixed(3)}&`);
  expect(state.asked[0]).toContain('"event":["start","restart","stop","kill","die","died","cleanup"]');
});

it('asks Docker for what has been, as it would wait for what is to come; Podman reads whole seconds', async () => {
  for (const name of ['Docker', 'Podman'] as const) {
    const { history, says, state, ended, host } = engine(name);
    says(['start', 1], ['kill', 40], ['die', 50]);
    await host.clock.advance(1234);
    await history.endOf(ended(50));
    const now = host.clock.instant().wall / 1000;
    const until = state.asked.map((path) => Number(/&until=([\d.]+)/.exec(path)?.[1]));
    expect(until.length).toBeGreaterThan(0);
    for (const at of until) {
      // What was told in this same millisecond has been, too.
      if (name === 'Docker') expect(at).toBeCloseTo(now + 0.001, 5);
      else expect(at).toBe(Math.ceil(now) + 1);
    }
  }
});

it('a line that is cut, an answer that is cut and one that does not come break nothing', async () => {
  const { host, history, says, state, ended } = engine();
  await host.clock.advance(10_000);
  says(['start', 1], ['die', 50]);
  const whole = state.answer.ok ? state.answer.value : '';
  state.answer = { ok: true, value: `${whole}{"Action":"sto` };
  expect(await history.endOf(ended(50))).toBe('by-itself');
  state.answer = { ok: true, value: whole, truncated: true };
  expect(await history.endOf(ended(51))).toBe('forgotten');
  state.answer = { ok: false, reason: 'away' };
  expect(await history.endOf(ended(52))).toBe('forgotten');
});

it('knows of a stop also when the engine has forgotten it, until it runs again', async () => {
  const { host, history, says, ended } = engine();
  await host.clock.advance(10_000);
  says(['start', 1], ['kill', 40], ['die', 50], ['stop', 51]);
  expect(await history.endOf(ended(50))).toBe('by-hand');
  says();
  expect(await history.endOf(ended(50))).toBe('by-hand');
  expect(await history.endOf(ended(90))).toBe('forgotten');
  history.forget(id);
  expect(await history.endOf(ended(50))).toBe('forgotten');
});

it('waits for the word of a stop that took long', async () => {
  const { host, history, says, ended } = engine();
  await host.clock.advance(60_050);
  says(['start', 1], ['kill', 10], ['die', 60_000]);
  const asking = history.endOf(ended(60_000));
  await host.clock.advance(10);
  says(['start', 1], ['kill', 10], ['die', 60_000], ['stop', 60_010]);
  await host.clock.advance(2_000);
  expect(await asking).toBe('by-hand');
});

it('waits for what by the clock of the engine is still to come, where that is another', async () => {
  const { host, history, says, ended } = engine();
  await host.clock.advance(60_000);
  says(['start', 1]);
  const asking = history.endOf(ended(59_900));
  await host.clock.advance(10);
  says(['start', 1], ['die', 60_900]);
  await host.clock.advance(2_000);
  expect(await asking).toBe('by-itself');
});

it('tells an end together with the engine from one that is forgotten', async () => {
  const { host, history, ended } = engine();
  await host.clock.advance(101_000);
  expect(await history.endOf(ended(99_000))).toBe('forgotten');
  history.engineLost();
  expect(await history.endOf(ended(50_000))).toBe('forgotten');
  expect(await history.endOf(ended(99_000))).toBe('with-the-engine');
});

describe('a container that was started under an engine before this one', () => {
  const stop = [
    ['kill', 40],
    ['die', 50],
    ['stop', 51],
  ] as const;

  it('was ended by the engine when that began, and that is kept', async () => {
    const { history, says, ended } = engine();
    says(...stop);
    expect(await history.endOf(ended(50))).toBe('after-the-engine');
    says();
    expect(await history.endOf(ended(50))).toBe('after-the-engine');
  });

  it('was stopped by hand where an engine lets containers run while it is away', async () => {
    const { history, says, state, ended } = engine();
    state.info = { LiveRestoreEnabled: true };
    says(...stop);
    expect(await history.endOf(ended(50))).toBe('by-hand');
  });

  it.each([
    ['the engine may have forgotten its start', 253, 'by-hand'],
    ['the engine remembers all', 252, 'after-the-engine'],
  ] as const)('where %s: %i other events, %s', async (_, others, expected) => {
    const { history, says, ended } = engine();
    says(...stop, ...Array.from({ length: others }, (_, index) => ['exec_start', index] as const));
    expect(await history.endOf(ended(50))).toBe(expected);
  });

  it('counts for stopped by hand where the engine says nothing of itself', async () => {
    const { history, says, state, ended } = engine();
    state.info = {};
    says(...stop);
    expect(await history.endOf(ended(50))).toBe('by-hand');
  });
});
