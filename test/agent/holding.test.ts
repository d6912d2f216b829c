import { describe, expect, it } from 'vitest';
import { createDeathWatch } from '../../src/agent/death-watch.ts';
import { createHolding } from '../../src/agent/holding.ts';
import type { Deaths } from '../../src/host/deaths.ts';
import type { ProcessIdentity } from '../../src/model/manager.ts';
import type { CommandSpec, HoldWhile, Service } from '../../src/model/service.ts';
import type { Input } from '../../src/model/step.ts';
import { createFakeHost } from '../fakes/fake-host.ts';

const command: CommandSpec = { argv: ['upgrade-runs'], shell: false, env: {}, timeout: 5000 };

function bench(holdWhile: readonly HoldWhile[]) {
  const host = createFakeHost();
  const state = { exists: false, code: 1, looks: 0, hang: false, release: () => {} };
  const files = { ...host.files, exists: async () => state.exists };
  const commands = {
    run: async () => {
      state.looks += 1;
      if (state.hang) await new Promise<void>((resolve) => (state.release = resolve));
      return { outcome: 'exited', code: state.code, stdout: '', stderr: '', tookMs: 1 } as const;
    },
  };
  const told: Input[] = [];
  const holding = createHolding({
    host: { ...host, files, commands } as never,
    tell: (input) => told.push(input),
  });
  const service = { name: 'api', holdWhile } as unknown as Service;
  return { host, state, told, holding, refresh: () => holding.refresh(service) };
}

describe('what holds a service', () => {
  it('is told when it begins and when it ends, and only then', async () => {
    const { host, state, told, refresh } = bench([{ exists: '/run/upgrade.lock' }]);
    await refresh();
    state.exists = true;
    await host.clock.advance(1000);
    await refresh();
    await host.clock.advance(1000);
    await refresh();
    state.exists = false;
    await host.clock.advance(1000);
    await refresh();
    expect(told).toEqual([
      { type: 'holding', service: 'api' },
      { type: 'holding', service: 'api', reason: '/run/upgrade.lock exists' },
      { type: 'holding', service: 'api' },
    ]);
  });

  it('is told after the first look of a new agent: what an earlier one had found may be over', async () => {
    const { told, refresh } = bench([{ exists: '/run/upgrade.lock' }]);
    await refresh();
    expect(told).toEqual([{ type: 'holding', service: 'api' }]);
  });

  it('is told anew after a reload, for the engine may have let go of it', async () => {
    const { host, state, told, holding, refresh } = bench([{ exists: '/run/upgrade.lock' }]);
    state.exists = true;
    await refresh();
    expect(holding.known()).toEqual(['api']);
    holding.forget('api');
    await refresh();
    await host.clock.advance(1000);
    await refresh();
    const held = { type: 'holding', service: 'api', reason: '/run/upgrade.lock exists' };
    expect(told).toEqual([held, held]);
  });

  it('says nothing that was asked by rules of before', async () => {
    const { host, state, told, holding, refresh } = bench([{ run: command }]);
    state.hang = true;
    const asked = refresh();
    holding.forget('api');
    state.code = 0;
    state.release();
    await asked;
    await host.clock.advance(10_000);
    expect(told).toEqual([]);
  });

  it('may be a command that exits with 0, which is not run at every cycle', async () => {
    const { host, state, told, refresh } = bench([{ run: command }]);
    state.code = 0;
    for (let n = 0; n < 10; n += 1) {
      await refresh();
      await host.clock.advance(1000);
    }
    expect(told).toEqual([{ type: 'holding', service: 'api', reason: 'upgrade-runs says so' }]);
    expect(state.looks).toBe(2);
  });

  it('does not delay a cycle for more than a moment, nor start the same command twice', async () => {
    const { host, state, refresh } = bench([{ run: command }]);
    state.hang = true;
    const first = refresh();
    await host.clock.advance(1000);
    await first;
    const second = refresh();
    await host.clock.advance(1000);
    await second;
    expect(state.looks).toBe(1);
  });
});

describe('the death watch', () => {
  const first: ProcessIdentity = { pid: 7, start: 1 };
  const again: ProcessIdentity = { pid: 7, start: 2 };

  function deaths() {
    const watched = new Map<ProcessIdentity, () => void>();
    const host: Deaths = {
      watch(identity, gone) {
        watched.set(identity, gone);
        return () => watched.delete(identity);
      },
      mechanism: 'fake',
      surelyAlive: () => false,
      close: () => {},
    };
    const died: string[] = [];
    return { watched, died, watch: createDeathWatch(host, (service) => died.push(service)) };
  }

  it('tells of the death of the process that is main now, once', () => {
    const { watched, died, watch } = deaths();
    watch.follow('api', [first]);
    watch.follow('api', [{ ...first }]);
    expect(watched.size).toBe(1);
    watched.get(first)?.();
    expect(died).toEqual(['api']);
    watch.follow('api', [again]);
    expect([...watched.keys()]).toContain(again);
  });

  it('does not tell of the death of one that was replaced, and watches nothing after that', () => {
    const { watched, died, watch } = deaths();
    watch.follow('api', [first]);
    const gone = watched.get(first);
    watch.follow('api', [again]);
    gone?.();
    expect(died).toEqual([]);
    watch.follow('api', []);
    expect(watched.size).toBe(0);
    watch.follow('api', [first]);
    watch.close();
    expect(watched.size).toBe(0);
  });

  it('watches each of several, and goes on with the others after a death', () => {
    const { watched, died, watch } = deaths();
    const second: ProcessIdentity = { pid: 8, start: 1 };
    watch.follow('api', [first, second]);
    expect([...watched.keys()]).toEqual([first, second]);
    watched.get(second)?.();
    expect(died).toEqual(['api']);
    watch.follow('api', [first]);
    watched.get(first)?.();
    expect(died).toEqual(['api', 'api']);
    expect(watch.watched()).toEqual([]);
  });
});
