import { describe, expect, it } from 'vitest';
import type { Core } from '../../../src/agent/core.ts';
import { createManagerDesk } from '../../../src/agent/manager-desk.ts';
import { createJobs } from '../../../src/agent/schedule/jobs.ts';
import { createScheduler } from '../../../src/agent/schedule/scheduler.ts';
import type { CheckKind } from '../../../src/checks/check-kind.ts';
import { newCheckState } from '../../../src/engine/checks/check-state.ts';
import { emptyShelf, putOnShelf } from '../../../src/lib/shelf.ts';
import type { ProbeResult } from '../../../src/model/reading.ts';
import type { Service } from '../../../src/model/service.ts';
import type { CheckState, EngineState, ServiceState } from '../../../src/model/state.ts';
import type { Input } from '../../../src/model/step.ts';
import { alive, config, service } from '../../engine/rules.ts';
import { createFakeHost } from '../../fakes/fake-host.ts';
import { fakeManagerKind } from '../../fakes/fake-manager.ts';

const read: ProbeResult = { outcome: 'read', reading: { running: true, pid: 7 } };
const hourly = { cadence: { every: 3_600_000 } };

function rulesAt(every: number) {
  return config([
    service('api', [alive({ cadence: { every } })], { manager: { kind: 'fake', options: {} } }),
  ]);
}
const sample = { at: 0, verdict: 'ok', text: 'running' } as const;
const passing: Partial<CheckState> = {
  state: 'up',
  outcome: 'read',
  judgement: { verdict: 'ok', summary: 'running', findings: [] },
  samples: Array.from({ length: 10 }, () => sample),
};

function stateWith(check: Partial<CheckState>, trusted = true): EngineState {
  const checks = { alive: { ...newCheckState('alive', 0), ...check } };
  const of = { name: 'api', monitored: true, state: 'up', checks, queue: [], repair: {} };
  return {
    services: putOnShelf(emptyShelf<ServiceState>(), 'api', of as unknown as ServiceState),
    trust: { trusted },
  } as unknown as EngineState;
}

/** A check each second of which is certain beforehand that it brings the same again, and for how many milliseconds more. */
async function certain(every = 1000, stands = 0) {
  const rules = rulesAt(every);
  const host = createFakeHost();
  const told: Input['type'][] = [];
  let passedOver = 0;
  const core = { config: rules, state: stateWith(passing) };
  const manager = fakeManagerKind(() => ({ intent: 'run', activity: 'running', detail: 'running' }));
  const kind = {
    headline: [],
    target: () => undefined,
    probe: async () => read,
    foregone: () => ({ result: read, until: host.clock.monotonic() + stands }),
  };
  const onBug = (error: unknown): void => expect(error).toBeUndefined();
  const desk = createManagerDesk({ host, kinds: { fake: manager }, onChange() {}, onBug });
  desk.configure(rules.services);
  const scheduler = createScheduler({ clock: host.clock, calendar: host.calendar, onBug });
  const jobs = createJobs({
    host,
    kinds: { process: kind as unknown as CheckKind },
    core: core as unknown as Core,
    desk,
    scheduler,
    holding: { refresh: async () => {}, known: () => [], forget() {} } as never,
    uplink: { judge: (_key: string, _target: unknown, result: ProbeResult) => result } as never,
    hostEnd: {
      look: async () => {},
      surelyStays: () => true,
      listen() {},
      newsHeard: () => undefined,
      glance: async () => {},
      close() {},
    },
    tell: (...inputs) => void told.push(...inputs.map(({ type }) => type)),
    onPassedOver(turns) {
      passedOver += turns;
    },
    onBug,
  });
  jobs.configure(rules);
  scheduler.start();
  await desk.report('api');
  return {
    core,
    jobs,
    scheduler,
    advance: host.clock.advance,
    now: () => host.clock.instant().now,
    /** What the engine is told at the next turn, and whether that was passed over. */
    async turn(): Promise<string> {
      told.length = 0;
      passedOver = 0;
      await desk.report('api', 0);
      await host.clock.advance(1000);
      return [...told, ...(passedOver > 0 ? [`${passedOver} passed over`] : [])].join(', ');
    },
  };
}

describe('a check that is changed by a reload', () => {
  it('looks soon where it looks at something else, and else keeps its turns', async () => {
    const { turn, jobs } = await certain(3_600_000);
    const withOptions = (options: Record<string, unknown>) =>
      config([{ ...rulesAt(3_600_000).services[0], checks: [alive({ ...hourly, options })] } as Service]);
    expect(await turn()).toBe('observed');
    jobs.configure(withOptions({}));
    expect(await turn()).toBe('');
    jobs.configure(withOptions({ pidfile: '/run/api.pid' }));
    expect(await turn()).toBe('observed');
    expect(await turn()).toBe('');
  });
});

describe('a turn that is certain to bring the same again', () => {
  it('is told once, and then passed over, which the check remembers', async () => {
    const { turn, jobs, now } = await certain();
    expect(await turn()).toBe('observed');
    expect(jobs.passedAt('api', 'alive')).toBeUndefined();
    expect(await turn()).toBe('1 passed over');
    const first = jobs.passedAt('api', 'alive') ?? 0;
    expect(now() - first).toBeLessThan(1000);
    expect(await turn()).toBe('1 passed over');
    expect(jobs.passedAt('api', 'alive')).toBe(first + 1000);
  });

  it.each<[string, EngineState]>([
    ['an incident is open', stateWith({ ...passing, incident: 'api-1' })],
    ['it has just begun to pass', stateWith({ ...passing, samples: [sample] })],
    ['nothing is trusted', stateWith(passing, false)],
  ])('is told while %s', async (_name, state) => {
    const { turn, core } = await certain();
    await turn();
    expect(await turn()).toBe('1 passed over');
    core.state = state;
    expect(await turn()).toBe('observed');
  });

  it('is told again by other rules, which may judge it otherwise', async () => {
    const { turn, jobs } = await certain();
    await turn();
    expect(await turn()).toBe('1 passed over');
    jobs.configure(rulesAt(1000));
    expect(await turn()).toBe('observed');
    expect(await turn()).toBe('1 passed over');
  });
});

describe('a check that is certain to bring the same for some time', () => {
  async function resting() {
    const made = await certain(1000, 4000);
    await made.turn();
    expect(await made.turn()).toBe('1 passed over');
    expect(made.scheduler.isResting('api/alive')).toBe(true);
    return made;
  }

  it('rests, and is known to have had its turns', async () => {
    const { jobs, now, advance, scheduler } = await resting();
    await advance(2000);
    expect(scheduler.isResting('api/alive')).toBe(true);
    expect(now() - (jobs.passedAt('api', 'alive') ?? 0)).toBeLessThan(1000);
  });

  it.each<[string, EngineState]>([
    ['its service is down', stateWith({ ...passing, state: 'down', outcome: 'failed' })],
    ['an incident is open', stateWith({ ...passing, incident: 'api-1' })],
    ['nothing is known of it', stateWith({ ...passing, state: 'unknown', outcome: 'unknown' })],
  ])('is told of its next turn once %s', async (_name, state) => {
    const { jobs, core, scheduler, turn } = await resting();
    core.state = state;
    jobs.heed({ services: ['web'], trust: false });
    expect(scheduler.isResting('api/alive')).toBe(true);
    jobs.heed({ services: ['api'], trust: false });
    expect(scheduler.isResting('api/alive')).toBe(false);
    expect(await turn()).toBe('observed');
  });

  it('rests on while what changed in its service settles as it was', async () => {
    const { jobs, core, scheduler } = await resting();
    core.state = stateWith({ ...passing, lastRun: 1 });
    jobs.heed({ services: ['api'], trust: false });
    expect(scheduler.isResting('api/alive')).toBe(true);
  });

  it('rests no longer than what is seen is believed', async () => {
    const { jobs, core, scheduler, turn } = await resting();
    core.state = stateWith(passing, false);
    jobs.heed({ services: [], trust: true });
    expect(scheduler.isResting('api/alive')).toBe(false);
    expect(await turn()).toBe('observed');
  });

  it('has its next turn when something is heard of its service, and by other rules', async () => {
    const { jobs, scheduler, turn } = await resting();
    jobs.rouse('web');
    expect(scheduler.isResting('api/alive')).toBe(true);
    jobs.rouse('api');
    expect(scheduler.isResting('api/alive')).toBe(false);
    expect(await turn()).toBe('1 passed over');
    expect(scheduler.isResting('api/alive')).toBe(true);
    jobs.configure(rulesAt(1000));
    expect(scheduler.isResting('api/alive')).toBe(false);
    expect(await turn()).toBe('observed');
  });
});
