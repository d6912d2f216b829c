import { describe, expect, it } from 'vitest';
import { createManagerDesk } from '../../src/agent/manager-desk.ts';
import { runCycle } from '../../src/agent/run-cycle.ts';
import type { CheckKind, Look } from '../../src/checks/check-kind.ts';
import { findByManager } from '../../src/checks/process-finder.ts';
import type { Manager, ManagerKind } from '../../src/managers/manager-kind.ts';
import { together } from '../../src/managers/together.ts';
import type { ManagerReport } from '../../src/model/manager.ts';
import type { ProbeResult } from '../../src/model/reading.ts';
import type { Check, Service } from '../../src/model/service.ts';
import type { Input } from '../../src/model/step.ts';
import { createFakeHost } from '../fakes/fake-host.ts';

const service = {
  name: 'web',
  holdWhile: [],
  manager: { kind: 'fake', options: {} },
  startTimeout: 1,
  stopTimeout: 1,
} as unknown as Service;

/** A manager of members with what it knows of them; `during` runs while an answer of it, made by then, is on its way. */
function scene(names: readonly string[]) {
  const host = createFakeHost();
  const told: Input[] = [];
  const pids = new Map(names.map((name, index) => [name, 100 + index]));
  const known = new Map<string, ManagerReport>();
  const during: (() => unknown)[] = [];
  const state = { asked: 0, looks: 0, calm: false, always: undefined as (() => unknown) | undefined };
  const live = (name: string, pid: number): void => {
    pids.set(name, pid);
    host.processes.put({ pid, start: pid });
    const main = { pid, start: pid };
    known.set(name, { intent: 'run', activity: 'running', detail: 'running', main });
  };
  for (const [name, pid] of pids) live(name, pid);

  const manager: Manager = {
    async report() {
      state.asked += 1;
      if (state.asked > 100) throw new Error('asked without end');
      const said = together(
        'members',
        [...known].map(([name, report]) => ({ name, report })),
      );
      await during.shift()?.();
      await state.always?.();
      return said;
    },
    operate: async () => ({ ok: true, detail: '', tookMs: 0 }),
    follow: () => () => {},
    close() {},
  };
  const desk = createManagerDesk({
    host,
    kinds: { fake: { kind: 'fake', open: () => manager } as unknown as ManagerKind },
    onChange: () => {},
    onBug: (error) => {
      throw error;
    },
  });
  desk.configure([service]);

  const byManager = async (look: Look<never>): Promise<ProbeResult> => {
    state.looks += 1;
    if (look.manager === undefined) throw new Error('there is a manager');
    const found = await findByManager(host, await look.manager());
    if (found.state === 'gone') return { outcome: 'failed', reason: found.reason };
    return { outcome: 'read', reading: { running: true } };
  };
  return {
    host,
    told,
    state,
    during,
    live,
    desk,
    /** The process ends; its manager does not know of it yet. */
    end: (name: string) => host.processes.kill(pids.get(name) ?? 0),
    learn: (name: string, report: ManagerReport) => void known.set(name, report),
    run: (probe: (look: Look<never>) => Promise<ProbeResult> = byManager) =>
      runCycle({
        host,
        kind: { probe, headline: [] } as unknown as CheckKind,
        service,
        check: { name: 'alive', timeout: 2000, options: {}, expect: [], warn: [] } as unknown as Check,
        memory: {},
        desk,
        calm: () => state.calm,
        tell: (inputs) => void told.push(...inputs),
        holding: async () => {},
        judge: (result) => result,
        onBug: (error) => {
          throw error;
        },
      }),
  };
}

const stopped: ManagerReport = { intent: 'stopped', activity: 'stopped', detail: 'stopped by hand' };
const failed: ManagerReport = { intent: 'run', activity: 'failed', detail: 'ended by itself (signal KILL)' };

describe('a failure that goes by a report that was overtaken', () => {
  it('is none where the manager says, asked anew, that the member was stopped', async () => {
    const made = scene(['m1', 'm2', 'm3']);
    made.during.push(() => {
      made.end('m3');
      made.learn('m3', stopped);
    });
    await made.run();
    expect(made.told).toMatchObject([
      { type: 'reported', report: { activity: 'running', mains: [{ name: 'm1' }, { name: 'm2' }] } },
      { type: 'observed', result: { outcome: 'read' } },
    ]);
    expect(made.state).toMatchObject({ asked: 2, looks: 2 });
  });

  it('is none where one member after the other is stopped, each while its manager answers', async () => {
    const names = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'];
    const made = scene(names);
    for (const name of names.slice(0, -1)) {
      made.during.push(() => {
        made.end(name);
        made.learn(name, stopped);
      });
    }
    await made.run();
    expect(made.told).toMatchObject([
      { type: 'reported', report: { activity: 'running', mains: [{ name: 'm7' }] } },
      { type: 'observed', result: { outcome: 'read' } },
    ]);
  });

  it('is believed, and said in its words, where the manager knows now that the member failed', async () => {
    const made = scene(['m1', 'm2']);
    made.during.push(() => {
      made.end('m2');
      made.learn('m2', failed);
    });
    await made.run();
    expect(made.told).toMatchObject([
      { type: 'reported', report: { activity: 'failed' } },
      { type: 'observed', result: { outcome: 'failed', reason: expect.stringContaining('signal KILL') } },
    ]);
  });

  it('is believed where the manager goes on to name what has ended', async () => {
    const made = scene(['m1', 'm2']);
    made.during.push(() => made.end('m2'));
    await made.run();
    expect(made.told).toMatchObject([
      { type: 'reported', report: { activity: 'running' } },
      { type: 'observed', result: { outcome: 'failed', reason: 'm2: process 101 has ended' } },
    ]);
    expect(made.state).toMatchObject({ asked: 2, looks: 1 });
  });

  it('is none where its manager brings it up again while it is looked at once more', async () => {
    const made = scene(['m1']);
    made.during.push(() => {
      made.end('m1');
      made.learn('m1', { intent: 'run', activity: 'restarting', detail: 'about to be restarted' });
    });
    let looks = 0;
    await made.run(async (look) => {
      looks += 1;
      const { activity, detail, mains = [] } = (await look.manager?.()) ?? stopped;
      if (activity !== 'running') {
        // An event of its manager: it is up, and what it said is forgotten.
        made.live('m1', 200);
        made.desk.forget('web');
        return { outcome: 'failed', reason: detail };
      }
      return mains.every((main) => made.host.processes.alive(main))
        ? { outcome: 'read', reading: { running: true } }
        : { outcome: 'failed', reason: 'gone' };
    });
    expect(looks).toBe(3);
    expect(made.told).toMatchObject([
      { type: 'reported', report: { activity: 'running', mains: [{ pid: 200 }] } },
      { type: 'observed', result: { outcome: 'read' } },
    ]);
  });

  it('brings the new report also to a check that asks no manager, where it said so a moment before', async () => {
    const made = scene(['m1']);
    made.state.calm = true;
    await made.desk.report('web');
    made.end('m1');
    made.learn('m1', stopped);
    let looks = 0;
    await made.run(async () => {
      looks += 1;
      return { outcome: 'failed', reason: 'connection refused' };
    });
    expect(made.told).toMatchObject([
      { type: 'reported', report: { intent: 'stopped' } },
      { type: 'observed', result: { outcome: 'failed' } },
    ]);
    expect(looks).toBe(2);
  });

  it('is believed after a few seconds, also of one that ends and begins all the time', async () => {
    const made = scene(['m1']);
    let pid = 200;
    made.state.always = async () => {
      await made.host.clock.advance(100);
      made.end('m1');
      made.live('m1', pid++);
      made.end('m1');
    };
    const began = made.host.clock.monotonic();
    await made.run();
    expect(made.told).toMatchObject([
      { type: 'reported', report: { activity: 'running' } },
      { type: 'observed', result: { outcome: 'failed' } },
    ]);
    expect(made.host.clock.monotonic() - began).toBeLessThan(3500);
  });

  it('is none either where one is stopped after the other beside a manager that takes seconds to answer', async () => {
    const made = scene(['m1', 'm2', 'm3', 'm4']);
    for (const name of ['m1', 'm2', 'm3']) {
      made.during.push(async () => {
        await made.host.clock.advance(2000);
        made.end(name);
        made.learn(name, stopped);
      });
    }
    await made.run();
    expect(made.told).toMatchObject([
      { type: 'reported', report: { activity: 'running', mains: [{ name: 'm4' }] } },
      { type: 'observed', result: { outcome: 'read' } },
    ]);
  });

  it('is asked about once where its manager knew', async () => {
    const made = scene(['m1', 'm2']);
    made.end('m2');
    made.learn('m2', failed);
    await made.run();
    expect(made.told.at(-1)).toMatchObject({ result: { outcome: 'failed' } });
    expect(made.state).toMatchObject({ asked: 1, looks: 1 });
  });
});
