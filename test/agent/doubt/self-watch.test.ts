import { describe, expect, it } from 'vitest';
import { createSelfWatch, LOOK_EVERY } from '../../../src/agent/doubt/self-watch.ts';
import type { Input } from '../../../src/model/step.ts';
import { createFakeHost, createFakeSelf } from '../../fakes/fake-host.ts';

function watched(files?: { open: number; limit: number }) {
  const host = createFakeHost();
  const told: Input[] = [];
  let jumps = 0;
  const processes = { ...host.processes, usage: async () => (files === undefined ? {} : { files }) };
  const watch = createSelfWatch({
    host: { ...host, processes } as typeof host,
    tell: (input) => told.push(input),
    onJump: () => {
      jumps += 1;
    },
  });
  const turns = async (count: number) => {
    for (let n = 0; n < count; n += 1) {
      await host.clock.advance(LOOK_EVERY);
      watch.look();
    }
  };
  return { host, watch, told, turns, jumps: () => jumps };
}

describe('the look at itself', () => {
  it('finds nothing while time goes as it should', async () => {
    const { turns, told } = watched();
    await turns(100);
    expect(told).toEqual([]);
  });

  it('distrusts its results after it stood still, for a while', async () => {
    const { host, watch, turns, told } = watched();
    await turns(3);
    await host.clock.advance(9000);
    watch.look();
    expect(told).toEqual([{ type: 'trust', trusted: false, reason: 'the agent stood still for 8 s' }]);
    await turns(3);
    expect(told.length).toBe(1);
    await turns(3);
    expect(told.at(-1)).toEqual({ type: 'trust', trusted: true });
    expect(watch.reason).toBeUndefined();
  });

  it.each([
    [3_600_000, 'the clock went ahead by 1 h: it was set, or the machine slept'],
    [-3_600_000, 'the clock was set back by 1 h'],
  ])(
    'distrusts its results after a jump of %d ms, and has the calendar worked out anew',
    async (ms, reason) => {
      const { host, turns, told, jumps } = watched();
      await turns(3);
      host.clock.stepWall(ms);
      await turns(1);
      expect(told).toEqual([{ type: 'trust', trusted: false, reason }]);
      expect(jumps()).toBe(1);
      await turns(6);
      expect(told.at(-1)).toEqual({ type: 'trust', trusted: true });
    },
  );

  it('takes small corrections of the clock as they come', async () => {
    const { host, turns, told } = watched();
    for (let n = 0; n < 20; n += 1) {
      host.clock.stepWall(n % 2 === 0 ? 300 : -500);
      await turns(1);
    }
    expect(told).toEqual([]);
  });

  it('trusts again only when every reason is gone', async () => {
    const { watch, told } = watched();
    watch.doubt('host', 'the host is shutting down');
    watch.doubt('descriptors', 'no descriptors left');
    watch.doubt('host', undefined);
    watch.doubt('descriptors', undefined);
    expect(told).toEqual([
      { type: 'trust', trusted: false, reason: 'the host is shutting down' },
      { type: 'trust', trusted: false, reason: 'the host is shutting down; no descriptors left' },
      { type: 'trust', trusted: false, reason: 'no descriptors left' },
      { type: 'trust', trusted: true },
    ]);
  });

  it('notices that its descriptors are used up', async () => {
    const few = watched({ open: 1020, limit: 1024 });
    await few.watch.lookAtResources();
    expect(few.watch.reason).toBe('the agent has used up its file descriptors (1020 of 1024)');
    const many = watched({ open: 20, limit: 1024 });
    await many.watch.lookAtResources();
    expect(many.told).toEqual([]);
  });

  it('notices that its memory is used up, and that there is room again', async () => {
    const heap = { used: 0.96 * 2 ** 30, limit: 2 ** 30 };
    const host = createFakeHost({ self: createFakeSelf(heap) });
    const watch = createSelfWatch({ host, tell: () => {}, onJump: () => {} });
    await watch.lookAtResources();
    expect(watch.reason).toBe('the agent has used up its memory (1 GB)');
    heap.used /= 2;
    await watch.lookAtResources();
    expect(watch.reason).toBeUndefined();
  });

  it('notices that none is left, not even to count them', async () => {
    const { watch, host } = watched();
    await watch.lookAtResources();
    expect(watch.reason).toBeUndefined();
    const failure = { ok: false, code: 'EMFILE', reason: 'too many open files' } as const;
    Object.assign(host.files, { list: async () => failure });
    await watch.lookAtResources();
    expect(watch.reason).toBe('the agent has used up its file descriptors: none is left to count them');
    Object.assign(host.files, { list: async () => ({ ok: true, value: [] }) });
    await watch.lookAtResources();
    expect(watch.reason).toBeUndefined();
  });
});
