import { describe, expect, it } from 'vitest';
import { commandOrder } from '../../src/engine/config-index.ts';
import { incidentId } from '../../src/engine/incidents/incident-id.ts';
import { allParts, changedParts } from '../../src/engine/state/parts.ts';
import { restoreState } from '../../src/engine/state/restore.ts';
import { alive, check, config, service } from './rules.ts';
import {
  checkOf,
  give,
  incidents,
  openIncidents,
  operations,
  order,
  pass,
  schedule,
  serviceOf,
  told,
  view,
  world,
} from './world.ts';

const restart = { kind: 'restart' };

describe('a reload', () => {
  it('carries everything over by name: counts, incidents, trials, budgets, silences', () => {
    const rules = config([service('api', [check('responds', { repair: [restart] }), check('other')])]);
    const w = world(rules);
    w.look = (_name, which) => (which === 'responds' ? 'failing' : 'ok');
    pass(w, 15_000);
    const before = serviceOf(w, 'api');
    w.config = { ...rules };
    give(w, { type: 'configured', reason: 'reload' });
    expect(serviceOf(w, 'api')).toEqual(before);
    pass(w, 6000);
    expect(operations(w)).toHaveLength(1);
    w.config = config([
      service('api', [check('responds', { repair: [restart], failAfter: { count: 5, of: 5 } })]),
    ]);
    give(w, { type: 'configured', reason: 'reload' });
    expect(openIncidents(w)).toHaveLength(1);
    expect(checkOf(w, 'api', 'other')).toBeUndefined();
    w.look = () => 'ok';
    schedule(w);
    pass(w, 120_000);
    expect(told(w)).toEqual(['team failed', 'team recovered']);
  });

  it('starts new services and checks from nothing, and forgets old ones', () => {
    const w = world(config([service('old', [check('responds')])]));
    w.look = () => 'failing';
    pass(w, 30_000);
    w.config = config([service('new', [check('responds')])]);
    give(w, { type: 'configured', reason: 'reload' });
    schedule(w);
    expect(view(w, 'old')).toBeUndefined();
    expect(view(w, 'new')?.state).toBe('pending');
    pass(w, 30_000);
    expect(openIncidents(w).map((one) => one.service)).toEqual(['new']);
  });

  it('keeps what is stopped stopped, and pauses its new checks', () => {
    const w = world(config([service('api', [alive()])]));
    pass(w, 5000);
    order(w, { do: 'stop', service: 'api' });
    pass(w, 5000);
    w.config = config([service('api', [alive(), check('responds')])]);
    give(w, { type: 'configured', reason: 'reload' });
    expect(checkOf(w, 'api', 'responds')?.state).toBe('paused');
    expect(view(w, 'api')?.state).toBe('stopped');
  });
});

describe('what is stored', () => {
  it('is only what changed; a passing check may wait', () => {
    const w = world(config([service('api', [check('responds')]), service('web', [check('responds')])]));
    pass(w, 5000);
    const calm = w.state;
    pass(w, 10_000);
    expect(changedParts(calm, w.state)).toEqual({
      now: [],
      later: ['api', 'web'],
      services: ['api', 'web'],
    });
    w.look = (name) => (name === 'api' ? 'failing' : 'ok');
    pass(w, 30_000);
    const changed = changedParts(calm, w.state);
    expect(changed.services).toEqual(['api', 'web']);
    const keys = changed.now.map(([key]) => key);
    expect(keys).toContain('service/api');
    expect(keys).not.toContain('service/web');
    expect(keys).toContain(`incident/${incidents(w)[0]?.id}`);
    expect(keys).toContain('engine');
    expect(changedParts(w.state, w.state)).toEqual({ now: [], later: [], services: [] });
  });

  it('is deleted with the service', () => {
    const w = world(config([service('api', [check('responds')])]));
    const before = w.state;
    w.config = config([]);
    give(w, { type: 'configured', reason: 'reload' });
    expect(changedParts(before, w.state).now).toContainEqual(['service/api']);
  });

  it('damaged in part is left out and said so; whoever was told is told of the end', () => {
    const w = world(config([service('api', [check('responds')]), service('web', [check('responds')])]));
    w.look = (name) => (name === 'api' ? 'failing' : 'ok');
    pass(w, 30_000);
    const stored = JSON.parse(JSON.stringify(allParts(w.state))) as [string, unknown][];
    const damaged = stored.map(([key, value]): [string, unknown] =>
      key === 'service/api' ? [key, { name: 'api' }] : [key, value],
    );
    const dropped: string[] = [];
    w.state = restoreState(damaged, { now: w.now, wall: w.now }, (key) => dropped.push(key));
    expect(dropped).toEqual(['service/api']);
    give(w, { type: 'configured', reason: 'start' });
    expect(told(w)).toEqual(['team failed', 'oncall failed', 'team closed', 'oncall closed']);
    pass(w, 30_000);
    expect(told(w).slice(4)).toEqual(['team failed', 'oncall failed']);
  });

  it('without its engine part still makes new ids and still sends what it owes', () => {
    const w = world(config([service('api', [check('responds')])], { notices: { groupWait: 60_000 } }));
    w.look = () => 'failing';
    pass(w, 30_000);
    const stored = JSON.parse(JSON.stringify(allParts(w.state))) as [string, unknown][];
    w.state = restoreState(
      stored.filter(([key]) => key !== 'engine'),
      { now: w.now, wall: w.now },
    );
    expect(w.state.sequence).toBeGreaterThan(1000);
    give(w, { type: 'configured', reason: 'start' });
    pass(w, 120_000);
    expect(told(w)).toEqual(['team failed', 'oncall failed']);
  });

  it('nothing at all is a fresh start, and rubbish is dropped', () => {
    const at = { now: 1000, wall: 1000 };
    const dropped: string[] = [];
    const state = restoreState(
      [
        ['engine', 7],
        ['incident/x', null],
        ['service/api', 'x'],
        ['other', 1],
      ],
      at,
      (key) => dropped.push(key),
    );
    expect(dropped).toEqual(['engine', 'incident/x', 'service/api']);
    expect(restoreState(undefined, at)).toEqual(state);
    // Receivers may know ids of a state that was lost: a later beginning makes other ones, also
    // where the lost life was a short one with many incidents.
    const later = restoreState(undefined, { now: at.now + 500, wall: at.wall + 500 });
    expect(later.sequence).toBeGreaterThanOrEqual(state.sequence + 50);
  });

  it('from a clock that ran ahead does not lie in the future', () => {
    const w = world(config([service('api', [check('responds', { repair: [restart] })])]));
    w.look = () => 'failing';
    pass(w, 25_000);
    const stored = JSON.parse(JSON.stringify(allParts(w.state))) as [string, unknown][];
    w.now -= 365 * 86_400_000;
    w.underway.splice(0);
    w.state = restoreState(stored, { now: w.now, wall: w.now });
    expect(serviceOf(w, 'api').repair.attempts.every((at) => at <= w.now)).toBe(true);
    give(w, { type: 'configured', reason: 'start' });
    w.look = () => 'ok';
    for (const key of w.due.keys()) w.due.set(key, w.now);
    pass(w, 200_000);
    expect(view(w, 'api')?.state).toBe('up');
    expect(told(w)).toEqual(['team failed', 'team recovered']);
  });

  it('old readings do not make a run with new ones after a long pause', () => {
    const w = world(config([service('api', [check('responds')])]), { thorough: true });
    w.look = () => 'failing';
    pass(w, 15_000);
    w.now += 7_200_000;
    for (const key of w.due.keys()) w.due.set(key, w.now);
    give(w, { type: 'configured', reason: 'start' });
    pass(w, 15_000);
    expect(view(w, 'api')?.state).toBe('failing');
    pass(w, 10_000);
    expect(view(w, 'api')?.state).toBe('down');
  });
});

describe('names', () => {
  it('of incidents are short, readable and never the same twice', () => {
    const ids = new Set(Array.from({ length: 50_000 }, (_, index) => incidentId('api', index)));
    expect(ids.size).toBe(50_000);
    expect(incidentId('api', 1)).toMatch(/^api-[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(incidentId('api', 2 ** 20 + 1)).toBe(`${incidentId('api', 1)}1`);
  });

  it('of services in the order for a command', () => {
    const rules = config([
      service('web', [], { dependsOn: ['api', 'cache'] }),
      service('api', [], { dependsOn: ['db'] }),
      service('db', []),
      service('cache', []),
    ]);
    const names = ['web', 'api', 'db', 'cache'];
    expect(commandOrder(rules, names, 'start')).toEqual(['db', 'cache', 'api', 'web']);
    expect(commandOrder(rules, names, 'stop')).toEqual(['web', 'api', 'cache', 'db']);
  });
});
