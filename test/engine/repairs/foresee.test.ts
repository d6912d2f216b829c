import { describe, expect, it } from 'vitest';
import { foreseeRepair } from '../../../src/engine/repairs/foresee.ts';
import { putOnShelf } from '../../../src/lib/shelf.ts';
import type { Config } from '../../../src/model/config.ts';
import type { ManagerReport } from '../../../src/model/manager.ts';
import type { Check, Service } from '../../../src/model/service.ts';
import type { CheckState, Operation, ServiceState, Startup, Verification } from '../../../src/model/state.ts';
import type { Input } from '../../../src/model/step.ts';
import { alive, check, config, service } from '../rules.ts';
import { give, order, pass, serviceOf, type World, world } from '../world.ts';

const failed: ManagerReport = { intent: 'run', activity: 'failed', detail: 'no such process' };
const gone: Input = {
  type: 'observed',
  service: 'api',
  check: 'alive',
  result: { outcome: 'failed', reason: 'no such process' },
  tookMs: 0,
};
const told = (report: ManagerReport, name = 'api'): Input => ({ type: 'reported', service: name, report });

interface Case {
  readonly check?: Partial<Check>;
  readonly service?: Partial<Service>;
  readonly config?: Partial<Config>;
  readonly world?: Partial<World>;
  /** What has happened before. */
  readonly before?: (w: World) => void;
  readonly inputs?: readonly Input[];
}

/** What is foreseen of a service that was up for a minute when its process is found dead. */
function foreseen(given: Case = {}) {
  const rules = [
    service('db', [alive()]),
    service('api', [alive(given.check), check('responds')], given.service),
  ];
  const w = world(config(rules, given.config), given.world);
  pass(w, 60_000);
  given.before?.(w);
  const { inputs = [told(failed), gone] } = given;
  return foreseeRepair(w.config, w.state, inputs, { now: w.now, wall: w.now + w.wallShift }, w.judge);
}

function patched(change: (of: ServiceState) => ServiceState): (w: World) => void {
  return (w) => {
    w.state = { ...w.state, services: putOnShelf(w.state.services, 'api', change(serviceOf(w, 'api'))) };
  };
}

describe('the repair of a process that is dead', () => {
  it('is foreseen where all was well, with what the manager says', () => {
    expect(foreseen()).toEqual({ service: 'api', kind: 'restart', report: failed });
    expect(foreseen({ check: { repair: [{ kind: 'start' }] } })?.kind).toBe('start');
    expect(foreseen({ service: { dependsOn: ['db'] } })?.kind).toBe('restart');
    expect(foreseen({ inputs: [gone], before: (w) => void give(w, told(failed)) })?.report).toBe(failed);
  });

  const silence = (noRepair: boolean, services: readonly string[]) => (w: World) => {
    const until = w.now + 600_000;
    const silence = {
      by: 'anna',
      comment: '',
      services,
      checks: [],
      labels: {},
      from: w.now,
      until,
      noRepair,
    };
    order(w, { do: 'silence', silence });
  };

  it('is foreseen although people are not to be told', () => {
    expect(foreseen({ before: silence(false, ['api']) })?.kind).toBe('restart');
  });

  /** Lived through. */
  const never: readonly (readonly [string, Case])[] = [
    [
      'what was seen is no failure',
      { inputs: [told(failed), { ...gone, result: { outcome: 'unknown', reason: '?' } }] },
    ],
    ['another check has failed', { inputs: [told(failed), { ...gone, check: 'responds' }] }],
    ['nobody knows the service', { inputs: [{ ...gone, service: 'web' }] }],
    ['no manager has said anything', { inputs: [gone] }],
    ['its manager spoke of another service', { inputs: [told(failed, 'db'), gone] }],
    ['more is told along', { inputs: [told(failed), told(failed), gone] }],
    ['somebody stopped it', { inputs: [told({ ...failed, intent: 'stopped' }), gone] }],
    ['somebody may have stopped it', { inputs: [told({ ...failed, maybeStopped: true }), gone] }],
    ['its manager brings it up itself', { inputs: [told({ ...failed, activity: 'restarting' }), gone] }],
    ['it may fail more often', { check: { failAfter: { count: 2, of: 3 } } }],
    ['it may fail for a while', { check: { failAfter: { duration: 10_000 } } }],
    [
      'its repair is a command',
      { check: { repair: [{ kind: 'run', command: { argv: ['fix'], shell: false, env: {}, timeout: 1 } }] } },
    ],
    ['its repair is none that brings it up', { check: { repair: [{ kind: 'reload' }] } }],
    ['nothing repairs it', { check: { repair: [] } }],
    [
      'it is content with that',
      {
        check: { expect: [{} as never] },
        world: {
          judge: (_rules, _result, memory) => ({
            judgement: { verdict: 'ok', summary: '', findings: [] },
            memory,
          }),
        },
      },
    ],
    ['it is only watched', { service: { mode: 'passive' } }],
    ['nobody manages it', { service: { manager: undefined } as never }],
    ['it was down before', { before: (w) => void give(w, gone) }],
    ['another check of it is failing', { before: (w) => void give(w, { ...gone, check: 'responds' }) }],
    ['it is not monitored', { before: (w) => void order(w, { do: 'unmonitor', service: 'api' }) }],
    ['it is being operated', { before: (w) => void order(w, { do: 'reload', service: 'api' }) }],
    [
      'the agent does not trust itself',
      { before: (w) => void give(w, { type: 'trust', trusted: false, reason: 'a stall' }) },
    ],
    [
      'it is held',
      { before: (w) => void give(w, { type: 'holding', service: 'api', reason: 'dpkg is running' }) },
    ],
    ['repairs are silenced', { before: silence(true, ['db']) }],
    [
      'a maintenance window is open',
      { before: (w) => void give(w, { type: 'maintenance', active: ['backup'] }) },
    ],
    [
      'what it depends on is down',
      { service: { dependsOn: ['db'] }, before: (w) => void give(w, { ...gone, service: 'db' }) },
    ],
    [
      'another one is being repaired',
      {
        config: { maxRepairs: { host: 1, groups: {} } },
        before: (w) => void give(w, { ...gone, service: 'db' }),
      },
    ],
    ['its budget is empty', { service: { budget: { ...service('x', []).budget, attempts: 0 } } }],
    [
      'something else is due first',
      {
        before: (w) => {
          const silence = { by: 'anna', comment: '', services: ['db'], checks: [], labels: {} };
          const until = w.now + 50;
          order(w, { do: 'silence', silence: { ...silence, from: w.now, until, noRepair: false } });
          w.now = until;
        },
      },
    ],
    [
      'the look began before its last operation ended',
      {
        inputs: [told(failed), { ...gone, beganAt: 0 }],
        before: (w) => {
          order(w, { do: 'restart', service: 'api' });
          pass(w, 60_000);
        },
      },
    ],
  ];

  const repair = (changes: Partial<ServiceState['repair']>) =>
    patched((of) => ({ ...of, repair: { ...of.repair, ...changes } }));
  const alone = (changes: Partial<CheckState>) =>
    patched((of) => ({
      ...of,
      checks: { ...of.checks, alive: { ...of.checks['alive'], ...changes } as CheckState },
    }));
  /** What hardly comes about in a life, put into the state by hand. */
  const rarely: readonly (readonly [string, (w: World) => void])[] = [
    [
      'something waits to be done to it',
      patched((of) => ({ ...of, queue: [{ kind: 'run', by: 'repair' } as Operation] })),
    ],
    ['it comes up', patched((of) => ({ ...of, startup: { kind: 'reload' } as Startup }))],
    ['its last repair is on trial', repair({ verifying: {} as Verification })],
    ['an earlier step of its ladder did not help', repair({ check: 'alive', rung: 1 })],
    ['it stood down', repair({ stoodDownAt: 0 })],
    ['the next repair has to wait', repair({ notBefore: Number.MAX_SAFE_INTEGER })],
    ['the check was never seen to be up', alone({ state: 'pending' })],
    ['its last incident is still open', alone({ incident: 'api-1' })],
    ['it was put down to something else', alone({ heldAt: 0 })],
  ];

  it.each(rarely)('is not foreseen where %s', (_why, before) => {
    expect(foreseen({ before })).toBeUndefined();
  });

  it.each(never)('is not foreseen where %s', (_why, given) => {
    expect(foreseen(given)).toBeUndefined();
  });
});
