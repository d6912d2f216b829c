import { describe, expect, it } from 'vitest';
import type { Changed, Core } from '../../src/agent/core.ts';
import { createScheduler } from '../../src/agent/schedule/scheduler.ts';
import { createWatching } from '../../src/agent/wiring/watching.ts';
import type { CheckKind } from '../../src/checks/check-kind.ts';
import { newCheckState } from '../../src/engine/checks/check-state.ts';
import { emptyShelf, putOnShelf } from '../../src/lib/shelf.ts';
import type { Manager } from '../../src/managers/manager-kind.ts';
import type { ManagerReport } from '../../src/model/manager.ts';
import type { ProbeResult } from '../../src/model/reading.ts';
import type { CheckState, ServiceState } from '../../src/model/state.ts';
import { alive, config, service } from '../engine/rules.ts';
import { createFakeHost } from '../fakes/fake-host.ts';
import { fakeManagerKind } from '../fakes/fake-manager.ts';

const read: ProbeResult = { outcome: 'read', reading: { running: true, pid: 10 } };
const ended: ManagerReport = { intent: 'run', activity: 'stopped', detail: 'ended' };
const passing: Partial<CheckState> = {
  state: 'up',
  outcome: 'read',
  judgement: { verdict: 'ok', summary: 'running', findings: [] },
  samples: Array.from({ length: 10 }, () => ({ at: 0, verdict: 'ok', text: 'running' }) as const),
};

/** A service with which all is well, whose check rests because nothing can happen that nobody would tell of. */
async function resting({ nudges = true, tells = true } = {}) {
  const host = createFakeHost();
  host.processes.put({ pid: 10 });
  const main = host.processes.identify(10);
  const report: ManagerReport = {
    intent: 'run',
    activity: 'running',
    detail: 'running',
    ...(main && { main }),
  };
  let change = (): void => {};
  let looks = 0;
  const follow: Manager['follow'] = (changed) => {
    change = changed;
    return () => {};
  };
  const manager = fakeManagerKind(
    () => (host.processes.identify(10) === undefined ? ended : report),
    tells ? follow : undefined,
  );
  const check = {
    headline: [],
    target: () => undefined,
    async probe() {
      looks += 1;
      return read;
    },
    foregone: () => ({ result: read, until: host.clock.monotonic() + 60_000 }),
  } as unknown as CheckKind;
  const rules = config([
    service('api', [alive({ cadence: { every: 1000 } })], { manager: { kind: 'fake', options: {} } }),
  ]);
  const checks = { alive: { ...newCheckState('alive', 0), ...passing } };
  const of = { name: 'api', monitored: true, state: 'up', checks, queue: [], repair: {} };
  let stepped = (_changed: Changed): void => {};
  const core = {
    config: rules,
    state: {
      services: putOnShelf(emptyShelf(), 'api', of as unknown as ServiceState),
      trust: { trusted: true },
    },
    apply() {},
    hasHeadStart: () => false,
    onStep(run: (changed: Changed) => void) {
      stepped = run;
      return () => {
        stepped = () => {};
      };
    },
  };
  const scheduler = createScheduler({ clock: host.clock, calendar: host.calendar, onBug: () => {} });
  const watching = createWatching({
    host,
    kinds: { checks: { process: check }, managers: { fake: manager }, notifiers: {} } as never,
    core: core as unknown as Core,
    scheduler,
    serviceOf: (name) => rules.services.find((one) => one.name === name),
    nudges: () => nudges,
    tell: (...inputs) => inputs.forEach(watching.heed),
    onPassedOver() {},
    onBug: (error) => expect(error).toBeUndefined(),
  });
  watching.open(rules);
  watching.configure(rules);
  scheduler.start();
  await host.clock.advance(3000);
  expect(scheduler.isResting('api/alive')).toBe(true);
  const before = looks;
  return {
    host,
    core,
    watching,
    report,
    change: () => change(),
    step: (changed: Changed) => stepped(changed),
    looks: () => looks - before,
    rests: () => scheduler.isResting('api/alive'),
  };
}

const down = {
  name: 'api',
  monitored: true,
  state: 'down',
  checks: {},
  queue: [],
} as unknown as ServiceState;

describe('a check that rests', () => {
  it('looks anew once what its manager said is old, whether that tells of changes or not', async () => {
    const telling = await resting();
    await telling.host.clock.advance(20_000);
    expect(telling.looks()).toBe(0);
    await telling.host.clock.advance(6000);
    expect(telling.looks()).toBe(1);
    const silent = await resting({ tells: false });
    await silent.host.clock.advance(6000);
    expect(silent.looks()).toBe(1);
  });

  it('looks at once when its manager tells of a change, or the kernel of a death', async () => {
    const { change, looks, host } = await resting();
    change();
    await host.clock.advance(10);
    expect(looks()).toBe(1);
    const silent = await resting({ tells: false });
    silent.host.processes.kill(10);
    await silent.host.clock.advance(10);
    expect(silent.looks()).toBe(1);
  });

  it('looks at its next turn where nudges are off', async () => {
    const { change, looks, rests, host } = await resting({ nudges: false });
    change();
    expect(rests()).toBe(false);
    expect(looks()).toBe(0);
    await host.clock.advance(1000);
    expect(looks()).toBe(1);
  });

  it('has its next turn when its manager said something to somebody else', async () => {
    const { watching, report, rests } = await resting();
    watching.heed({ type: 'reported', service: 'api', report });
    expect(rests()).toBe(false);
  });

  it('has its next turn when the engine sees its service in another light, and none after the end', async () => {
    const { core, step, watching, rests } = await resting();
    step({ services: ['api'], trust: false });
    expect(rests()).toBe(true);
    core.state = { ...core.state, services: putOnShelf(core.state.services, 'api', down) };
    const kept = await resting();
    kept.watching.close();
    kept.core.state = core.state;
    kept.step({ services: ['api'], trust: false });
    expect(kept.rests()).toBe(true);
    step({ services: ['api'], trust: false });
    expect(rests()).toBe(false);
    watching.close();
  });
});
