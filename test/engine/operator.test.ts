import { describe, expect, it } from 'vitest';
import { alive, check, config, service } from './rules.ts';
import {
  give,
  incidents,
  openIncidents,
  operations,
  order,
  pass,
  probe,
  report,
  serviceOf,
  told,
  view,
  world,
} from './world.ts';

const restart = { kind: 'restart' };

describe('what an operator wants', () => {
  it('stopped through its manager: left alone, incidents close and that is told, nothing more', () => {
    const w = world(config([service('api', [alive({ repair: [] })])]));
    w.look = () => 'gone';
    pass(w, 5000);
    expect(told(w)).toEqual(['team failed', 'oncall failed']);
    report(w, 'api', { intent: 'stopped', activity: 'stopped', detail: 'inactive (dead)' });
    expect(view(w, 'api')).toMatchObject({ state: 'stopped', problem: 'stopped by an operator' });
    pass(w, 3_600_000);
    expect(told(w).slice(2)).toEqual(['team closed', 'oncall closed']);
    expect(w.notices.at(-1)).toMatchObject({
      status: 'resolved',
      title: expect.stringContaining('stopped by an operator'),
    });
    expect(operations(w)).toEqual([]);
  });

  it('running again: pending, and looked at at once', () => {
    const w = world(config([service('api', [alive()])]));
    pass(w, 5000);
    report(w, 'api', { intent: 'stopped', activity: 'stopped' });
    pass(w, 60_000);
    const done = report(w, 'api', { intent: 'run', activity: 'running' });
    expect(done.actions).toContainEqual({ do: 'probe', service: 'api' });
    expect(view(w, 'api')?.state).toBe('pending');
    pass(w, 10);
    expect(view(w, 'api')?.state).toBe('up');
  });

  it('`watcher stop` is remembered, stops it, and survives a restart of the agent', () => {
    const w = world(config([service('api', [alive()])]), { thorough: true });
    pass(w, 5000);
    order(w, { do: 'stop', service: 'api' });
    expect(view(w, 'api')?.state).toBe('stopping');
    pass(w, 2000);
    w.look = () => 'gone';
    expect(view(w, 'api')).toMatchObject({ state: 'stopped', problem: 'stopped by anna' });
    give(w, { type: 'configured', reason: 'start' });
    report(w, 'api', { intent: 'unknown', activity: 'stopped' });
    pass(w, 3_600_000);
    expect(operations(w)).toEqual(['5000 stop api'].map(() => expect.stringContaining('stop api')));
    expect(w.notices).toEqual([]);
    order(w, { do: 'start', service: 'api' });
    w.look = () => 'ok';
    pass(w, 60_000);
    expect(view(w, 'api')?.state).toBe('up');
  });

  it('what `watcher stop` could not stop and still runs is watched again, and why is recorded', () => {
    const w = world(config([service('api', [alive()])]), { thorough: true });
    pass(w, 5000);
    order(w, { do: 'stop', service: 'api' });
    const { operation } = serviceOf(w, 'api') ?? {};
    report(w, 'api', { intent: 'run', activity: 'running' });
    expect(view(w, 'api')?.state).toBe('stopping');
    const result = { ok: false, detail: 'the stop command failed: exit code 1', tookMs: 5 };
    const ended = give(w, {
      type: 'operation-finished',
      service: 'api',
      operation: operation?.id ?? '',
      result,
    });
    // Its manager is asked at once.
    expect(ended.actions).toContainEqual({ do: 'probe', service: 'api' });
    const said = report(w, 'api', { intent: 'run', activity: 'running' });
    expect(said.events.map(({ text }) => text)).toContainEqual(
      'api still runs, it could not be stopped for anna (the stop command failed: exit code 1): it is watched again',
    );
    pass(w, 5000);
    expect(view(w, 'api')?.state).toBe('up');
    w.look = () => 'gone';
    pass(w, 60_000);
    expect(operations(w).some((text) => text.includes('restart api'))).toBe(true);
  });

  it('what `watcher stop` failed to stop well, but does not run, is stopped', () => {
    const w = world(config([service('api', [alive()])]));
    pass(w, 5000);
    order(w, { do: 'stop', service: 'api' });
    const { operation } = serviceOf(w, 'api') ?? {};
    w.look = () => 'gone';
    const result = { ok: false, detail: 'it is stopped, but the stop command failed', tookMs: 5 };
    give(w, { type: 'operation-finished', service: 'api', operation: operation?.id ?? '', result });
    report(w, 'api', { intent: 'run', activity: 'stopped' });
    pass(w, 600_000);
    expect(view(w, 'api')?.state).toBe('stopped');
    expect(operations(w).filter((text) => !text.includes('stop api'))).toEqual([]);
  });

  it('what `watcher stop` stopped and somebody started by hand is watched again', () => {
    const w = world(config([service('api', [alive()])]));
    pass(w, 5000);
    order(w, { do: 'stop', service: 'api' });
    report(w, 'api', { intent: 'run', activity: 'running' });
    pass(w, 2000);
    expect(view(w, 'api')?.state).toBe('stopped');
    report(w, 'api', { intent: 'run', activity: 'running' });
    expect(view(w, 'api')?.state).toBe('stopped');
    report(w, 'api', { intent: 'unknown', activity: 'stopped' });
    report(w, 'api', { intent: 'unknown', activity: 'running' });
    expect(view(w, 'api')?.state).toBe('pending');
  });

  it('a service that its manager restarts gets that time, and only once without having been up for long', () => {
    const w = world(config([service('api', [alive()], { startTimeout: 10_000 })]));
    pass(w, 5000);
    report(w, 'api', { activity: 'restarting', readyIn: 5000 });
    w.look = () => 'gone';
    expect(view(w, 'api')?.state).toBe('starting');
    pass(w, 14_000);
    expect(operations(w)).toEqual([]);
    pass(w, 12_000);
    expect(operations(w)).toHaveLength(1);
  });

  it('what its manager does not bring up in time is repaired then, and not at its next turn only', () => {
    const minutely = alive({ cadence: { every: 60_000 } });
    const w = world(config([service('api', [minutely], { startTimeout: 5000 })]));
    pass(w, 70_300);
    w.look = () => 'gone';
    report(w, 'api', { activity: 'restarting', readyIn: 1300 });
    report(w, 'api', { activity: 'failed' });
    pass(w, 5500);
    expect(operations(w)).toEqual([]);
    pass(w, 1500);
    expect(operations(w)).toHaveLength(1);
  });

  it('a crash loop of its manager is a failure all the same', () => {
    const w = world(config([service('api', [alive()], { startTimeout: 10_000 })]));
    pass(w, 5000);
    for (let i = 0; i < 3; i++) {
      report(w, 'api', { activity: 'restarting', readyIn: 100 });
      w.look = () => 'gone';
      pass(w, 200);
      w.look = () => 'ok';
      report(w, 'api', { activity: 'running' });
      pass(w, 3000);
      w.look = () => 'gone';
      probe(w, 'api/alive');
    }
    expect(operations(w).length).toBeGreaterThan(0);
  });

  it('unmonitor closes and silences; --for ends by itself; monitor right after never fails', () => {
    const w = world(config([service('api', [check('responds')])]));
    w.look = () => 'failing';
    pass(w, 25_000);
    order(w, { do: 'unmonitor', service: 'api', for: 300_000 });
    expect(view(w, 'api')?.state).toBe('unmonitored');
    expect(told(w).slice(2)).toEqual(['team closed', 'oncall closed']);
    pass(w, 299_000);
    expect(openIncidents(w)).toEqual([]);
    pass(w, 31_000);
    expect(openIncidents(w)).toHaveLength(1);
    order(w, { do: 'unmonitor', service: 'api' });
    order(w, { do: 'monitor', service: 'api' });
    order(w, { do: 'unmonitor', service: 'api' });
    order(w, { do: 'monitor', service: 'api' });
    pass(w, 30_000);
    expect(view(w, 'api')?.state).toBe('down');
  });
});

describe('operations', () => {
  it('are done one at a time, and the newest word of an operator counts', () => {
    const w = world(config([service('api', [alive()])]));
    pass(w, 5000);
    const from = w.now;
    order(w, { do: 'restart', service: 'api' });
    order(w, { do: 'restart', service: 'api' });
    order(w, { do: 'stop', service: 'api' });
    order(w, { do: 'start', service: 'api' });
    order(w, { do: 'start', service: 'api' });
    pass(w, 60_000);
    expect(operations(w, from)).toEqual(['0 restart api', '1000 start api']);
    expect(view(w, 'api')?.state).toBe('up');
  });

  it('of an operator take the place of a repair on trial', () => {
    const w = world(config([service('api', [check('responds', { repair: [restart] })])]));
    let broken = true;
    w.look = () => (broken ? 'failing' : 'ok');
    w.operate = (_name, { by }) => {
      broken = by === 'repair';
      return { ok: true, detail: 'restarted', tookMs: 1 };
    };
    pass(w, 23_000);
    order(w, { do: 'restart', service: 'api' });
    expect(incidents(w)[0]?.repairs).toMatchObject([{ outcome: 'not-held' }]);
    pass(w, 30_000);
    expect(openIncidents(w)).toEqual([]);
    expect(told(w)).toEqual(['team failed', 'team recovered']);
  });

  it('start dependencies first, and stop them last', () => {
    const db = service('db', [alive()]);
    const api = service('api', [alive()], { dependsOn: ['db'] });
    const w = world(config([db, api]));
    pass(w, 5000);
    const from = w.now;
    order(w, { do: 'stop', service: 'api' });
    order(w, { do: 'stop', service: 'db' });
    pass(w, 5000);
    expect(operations(w, from)).toEqual(['0 stop api', '1000 stop db']);
    order(w, { do: 'start', service: 'api' });
    w.operationTakes = 2000;
    pass(w, 10_000);
    expect(operations(w, from).slice(2)).toEqual(['5000 start db', '6000 start api']);
    expect([view(w, 'db')?.state, view(w, 'api')?.state]).toEqual(['up', 'up']);
  });

  it('do not wait for each other for ever when rules go round in a circle', () => {
    const one = service('one', [alive()], { dependsOn: ['two'] });
    const two = service('two', [alive()], { dependsOn: ['one'] });
    const w = world(config([one, two]));
    pass(w, 5000);
    order(w, { do: 'restart', service: 'one' });
    order(w, { do: 'restart', service: 'two' });
    pass(w, 60_000);
    expect(operations(w)).toHaveLength(2);
    expect([view(w, 'one')?.state, view(w, 'two')?.state]).toEqual(['up', 'up']);
  });

  it('a start that fails is a failure again, and repaired as such', () => {
    const w = world(config([service('api', [alive()])]));
    pass(w, 5000);
    order(w, { do: 'stop', service: 'api' });
    pass(w, 5000);
    w.look = () => 'gone';
    w.operate = () => ({ ok: false, detail: 'exit code 1', tookMs: 1 });
    order(w, { do: 'start', service: 'api' });
    pass(w, 5000);
    expect(operations(w).at(-1)).toContain('restart api');
    expect(serviceOf(w, 'api').operation ?? openIncidents(w)[0]).toBeDefined();
  });

  it('that were under way when the agent died are looked at before anything is done, and are spent', () => {
    const w = world(config([service('api', [check('responds', { repair: [restart] })])]), { thorough: true });
    let broken = true;
    w.look = () => (broken ? 'failing' : 'ok');
    pass(w, 20_500);
    expect(w.underway).toHaveLength(1);
    w.underway.splice(0);
    broken = false;
    const done = give(w, { type: 'configured', reason: 'start' });
    expect(done.actions.filter((action) => action.do === 'operate')).toEqual([]);
    expect(done.actions).toContainEqual({ do: 'probe', service: 'api' });
    pass(w, 70_000);
    expect(operations(w)).toHaveLength(1);
    expect(serviceOf(w, 'api').repair.attempts).toHaveLength(1);
    expect(told(w)).toEqual(['team failed', 'team recovered']);
  });
});
