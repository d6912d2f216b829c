import { describe, expect, it } from 'vitest';
import { why } from '../../../src/engine/why/why.ts';
import type { Service } from '../../../src/model/service.ts';
import { alive, check, config, service } from '../rules.ts';
import { give, incidents, operations, order, pass, serviceOf, type World, world } from '../world.ts';

const window = { name: 'backup', when: { from: 0, until: 1 }, services: ['web'], groups: [], repairs: false };

function rules(changes: Partial<Service> = {}) {
  return config([service('job', [alive()]), service('web', [alive()], changes)], {
    maxRepairs: { host: 1, groups: {} },
    maintenance: [window],
  });
}

function reasons(w: World, name: string): string {
  return why(w.config, w.state, name, undefined, { now: w.now, wall: w.now }).join('\n');
}

/** A restart of `web` that is due and waits for the place that `job` has. */
function waiting(): World {
  const w = world(rules(), { operationTakes: 20_000 });
  pass(w, 5000);
  give(w, { type: 'calendar', service: 'job', due: 'restart' });
  give(w, { type: 'calendar', service: 'web', due: 'restart' });
  pass(w, 1000);
  expect(serviceOf(w, 'web').queue).toHaveLength(1);
  return w;
}

const silence = { services: ['web'], checks: [], labels: {}, by: 'anna', comment: '', from: 0 };

describe('a scheduled restart that waited for its place', () => {
  it.each<readonly [string, (w: World) => void, RegExp]>([
    ['held', (w) => give(w, { type: 'holding', service: 'web', reason: 'upgrade' }), /upgrade/],
    [
      'silenced with no_repair',
      (w) => order(w, { do: 'silence', silence: { ...silence, until: w.now + 3_600_000, noRepair: true } }),
      /silenced by anna/,
    ],
    [
      'in maintenance',
      (w) => give(w, { type: 'maintenance', active: ['backup'] }),
      /maintenance window backup/,
    ],
    [
      'passive',
      (w) => {
        w.config = rules({ mode: 'passive' });
        give(w, { type: 'configured', reason: 'reload' });
      },
      /passive/,
    ],
    [
      'distrusted',
      (w) => give(w, { type: 'trust', trusted: false, reason: 'the host is shutting down' }),
      /shutting down/,
    ],
  ])('is dropped with the reason where the service is %s by then', (_how, happen, reason) => {
    const w = waiting();
    happen(w);
    pass(w, 60_000);
    expect(operations(w).filter((one) => one.endsWith('web'))).toEqual([]);
    expect(serviceOf(w, 'web').queue).toEqual([]);
    expect(reasons(w, 'web')).toMatch(/Last repair that was not done, .*no scheduled restart of web: /);
    expect(w.events.findLast(({ type }) => type === 'repair-withheld')?.text).toMatch(reason);
  });

  it('is done when nothing came in between, and why says so', () => {
    const w = waiting();
    pass(w, 60_000);
    expect(operations(w).filter((one) => one.endsWith('web'))).toHaveLength(1);
    expect(reasons(w, 'web')).toMatch(
      /Last repair, .* restart of web, asked for by the schedule: it is scheduled\./,
    );
  });
});

describe('a scheduled restart and a repair of the same service', () => {
  it('does not restart again what a repair has just restarted', () => {
    const w = waiting();
    w.look = (name) => (name === 'web' ? 'gone' : 'ok');
    w.operate = () => {
      w.look = () => 'ok';
      return { ok: true, detail: 'restarted', tookMs: 1 };
    };
    pass(w, 150_000);
    expect(operations(w).filter((one) => one.endsWith('web'))).toHaveLength(1);
  });

  it('waits for the trial of a repair that restarts nothing, so that it can hold', () => {
    const responds = check('responds', { repair: [{ kind: 'reload' }] });
    const w = world(config([service('web', [alive(), responds])]));
    let broken = true;
    w.look = (_name, which) => (which === 'responds' && broken ? 'failing' : 'ok');
    w.operate = () => {
      broken = false;
      return { ok: true, detail: 'done', tookMs: 1 };
    };
    while (serviceOf(w, 'web').repair.verifying === undefined) pass(w, 500);
    give(w, { type: 'calendar', service: 'web', due: 'restart' });
    pass(w, 30_000);
    expect(operations(w)).toHaveLength(1);
    pass(w, 90_000);
    expect(incidents(w)[0]?.repairs).toMatchObject([{ kind: 'reload', outcome: 'held' }]);
    expect(operations(w).map((one) => one.split(' ')[1])).toEqual(['reload', 'restart']);
  });
});

describe('a restart after a dependency', () => {
  it('is in the answer to why, done or not', () => {
    const both = (changes: Partial<Service>) =>
      config([
        service('db', [alive()]),
        service('api', [alive()], { dependsOn: ['db'], restartAfterDependency: true, ...changes }),
      ]);
    for (const mode of ['active', 'passive'] as const) {
      const w = world(both({ mode }));
      pass(w, 5000);
      w.look = (name) => (name === 'db' ? 'gone' : 'ok');
      w.operate = () => {
        w.look = () => 'ok';
        return { ok: true, detail: 'restarted', tookMs: 1 };
      };
      pass(w, 120_000);
      expect(reasons(w, 'api')).toMatch(
        mode === 'active'
          ? /Last repair, .* restart of api, asked for by the dependency: db was repaired\./
          : /Last repair that was not done, .* api is not restarted after db: its mode is passive/,
      );
    }
  });
});
