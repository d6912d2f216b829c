import { expect, it } from 'vitest';
import type { ServiceState } from '../../../src/model/state.ts';
import { alive, check, config, service } from '../rules.ts';
import { checkOf, crash, give, order, pass, report, serviceOf, world } from '../world.ts';

const fieldsOf = (state: ServiceState | undefined) => Object.keys(state ?? {}).join(' ');

it('a service and its checks keep the fields they began with, in their order, whatever happens to them', () => {
  const w = world(config([service('api', [alive(), check('web')]), service('db', [alive()])]));
  const began = fieldsOf(serviceOf(w, 'db'));
  const repairBegan = Object.keys(serviceOf(w, 'db').repair);
  const checkBegan = Object.keys(checkOf(w, 'db', 'alive') ?? {});
  const seen = new Set<string>();
  const look = (): void => {
    for (const name of ['api', 'db']) {
      const state = serviceOf(w, name);
      seen.add(fieldsOf(state));
      expect(Object.keys(state.repair)).toEqual(repairBegan);
      for (const one of Object.values(state.checks)) expect(Object.keys(one)).toEqual(checkBegan);
    }
  };
  pass(w, 60_000);
  look();
  give(w, { type: 'holding', service: 'api', reason: '/var/lib/dpkg/lock exists' });
  look();
  give(w, { type: 'holding', service: 'api' });
  w.look = (name) => (name === 'api' ? 'gone' : 'ok');
  for (let second = 0; second < 120; second += 1) {
    pass(w, 1000);
    look();
  }
  w.look = () => 'ok';
  pass(w, 600_000);
  order(w, { do: 'stop', service: 'db' });
  pass(w, 5000);
  look();
  report(w, 'api', { intent: 'stopped', activity: 'stopped' });
  look();
  order(w, { do: 'unmonitor', service: 'api' });
  look();
  crash(w);
  look();
  pass(w, 60_000);
  look();
  expect([...seen]).toEqual([began]);
});
