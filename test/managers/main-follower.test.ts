import { describe, expect, it } from 'vitest';
import { type MainFollower, mainFollower } from '../../src/managers/main-follower.ts';
import type { ManagerReport } from '../../src/model/manager.ts';
import { createFakeHost } from '../fakes/fake-host.ts';

/** A manager of two members that tells nobody of anything, asked each second while one of them does not run. */
function scene() {
  const host = createFakeHost();
  const members = new Map([
    ['m1', 7],
    ['m2', 8],
  ]);
  for (const pid of members.values()) host.processes.put({ pid, start: pid });
  const state = { asked: 0, told: 0 };
  const follower: MainFollower = mainFollower(host, { every: 1000, report });
  async function report(): Promise<ManagerReport> {
    state.asked += 1;
    const mains = [...members.values()].map((pid) => ({ pid, start: pid }));
    follower.note(mains, 'running', mains.length === 2);
    return { intent: 'run', activity: 'running', detail: '', mains };
  }
  follower.follow(() => {
    state.told += 1;
  });
  return { host, members, state, report, follower };
}

describe('who follows main processes', () => {
  it('asks nothing while all members run, and tells when one of them dies', async () => {
    const { host, state, report } = scene();
    await report();
    await host.clock.advance(5000);
    expect(state).toEqual({ asked: 1, told: 0 });
    host.processes.kill(8);
    await host.clock.advance(0);
    expect(state.told).toBe(1);
  });

  it('goes on asking while one of them is stopped, and so knows the process that it is started as', async () => {
    const { host, members, state, report } = scene();
    host.processes.kill(8);
    members.delete('m2');
    await report();
    await host.clock.advance(3000);
    expect(state).toEqual({ asked: 4, told: 0 });
    host.processes.put({ pid: 9, start: 9 });
    members.set('m2', 9);
    await host.clock.advance(1000);
    expect(state).toEqual({ asked: 5, told: 1 });
    await host.clock.advance(5000);
    expect(state).toEqual({ asked: 5, told: 1 });
    host.processes.kill(9);
    await host.clock.advance(0);
    expect(state.told).toBe(2);
  });

  it('asks nobody any more once it is closed', async () => {
    const { host, members, state, report, follower } = scene();
    members.delete('m2');
    await report();
    follower.close();
    await host.clock.advance(5000);
    expect(state.asked).toBe(1);
    expect(host.clock.waiting).toBe(0);
  });
});
