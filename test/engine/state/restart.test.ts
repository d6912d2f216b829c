import { describe, expect, it } from 'vitest';
import { alive, check, config, notifier, service } from '../rules.ts';
import {
  checkOf,
  crash,
  eventTypes,
  give,
  incidents,
  openIncidents,
  operations,
  order,
  pass,
  serviceOf,
  told,
  world,
} from '../world.ts';

const team = { notifiers: { team: notifier('team') }, notify: ['team'] };

describe('after a restart of the agent', () => {
  it('a hold that its predecessor knew of holds nothing until it is seen again', () => {
    const upgrading = service('api', [alive()], { holdWhile: [{ exists: '/var/lib/dpkg/lock' }] });
    const w = world(config([upgrading], team));
    give(w, { type: 'holding', service: 'api', reason: '/var/lib/dpkg/lock exists' });
    crash(w);
    expect(serviceOf(w, 'api').holding).toBeUndefined();
    w.look = () => 'gone';
    pass(w, 60_000);
    expect(operations(w).length).toBeGreaterThan(0);
    expect(told(w)[0]).toBe('team failed');
  });

  it('a hold that is there still is one, before anything is counted', () => {
    const upgrading = service('api', [alive()], { holdWhile: [{ exists: '/var/lib/dpkg/lock' }] });
    const w = world(config([upgrading], team));
    give(w, { type: 'holding', service: 'api', reason: '/var/lib/dpkg/lock exists' });
    w.look = () => 'gone';
    crash(w);
    give(w, { type: 'holding', service: 'api', reason: '/var/lib/dpkg/lock exists' });
    pass(w, 600_000);
    expect(operations(w)).toEqual([]);
    expect(w.notices).toEqual([]);
  });

  it('with rules that are in order, the refusal of a reload is over', () => {
    const w = world(config([service('api', [alive()])], team));
    give(w, { type: 'reload-refused', summary: '1 problem' });
    crash(w);
    expect(w.notices.map(({ title, status }) => [title.split(':')[0], status])).toEqual([
      ['RELOAD REFUSED', 'firing'],
      ['RELOADED the rules', 'resolved'],
    ]);
    give(w, { type: 'reload-refused', summary: 'another problem' });
    expect(w.notices).toHaveLength(3);
  });
});

describe('after a restart with the clock set back by a day', () => {
  const day = 86_400_000;

  it('what is owed goes out when it would have, and reminders and budgets go on', () => {
    const rules = config([service('api', [check('responds', { remindEvery: 600_000 })])], {
      ...team,
      notices: { groupWait: 5000 },
    });
    const w = world(rules);
    w.look = () => 'failing';
    pass(w, 60_000);
    w.wallShift = -day;
    crash(w);
    pass(w, 1_250_000);
    expect(told(w)).toEqual(['team failed', 'team reminder', 'team reminder']);
    w.look = () => 'ok';
    while (openIncidents(w).length > 0) pass(w, 500);
    w.wallShift = -day;
    crash(w);
    pass(w, 10_000);
    expect(told(w).at(-1)).toBe('team recovered');
    expect(w.state.pending).toEqual([]);
  });

  it('a digest and an unmonitor --for end after their own time', () => {
    const rules = config([service('api', [check('a'), check('b')]), service('job', [alive()])], {
      notifiers: { team: notifier('team', { rateLimit: { messages: 1, window: 120_000 } }) },
      notify: ['team'],
    });
    const w = world(rules);
    w.look = () => 'failing';
    pass(w, 60_000);
    order(w, { do: 'unmonitor', service: 'job', for: 300_000 });
    expect(w.state.rates['team']?.held).not.toEqual([]);
    w.wallShift = -day;
    crash(w);
    pass(w, 310_000);
    expect(told(w)).toContain('team digest');
    expect(serviceOf(w, 'job').monitored).toBe(true);
  });

  it('a repair on trial is on trial still, and no more repairs come than the budget allows', () => {
    const w = world(config([service('api', [check('responds', { repair: [{ kind: 'restart' }] })])], team));
    w.look = () => 'failing';
    w.operate = () => {
      w.look = () => 'ok';
      return { ok: true, detail: 'restarted', tookMs: 1 };
    };
    while (openIncidents(w)[0]?.upAt === undefined) pass(w, 500);
    w.wallShift = -day;
    crash(w);
    pass(w, 180_000);
    expect(told(w)).toEqual(['team failed', 'team recovered']);
    expect(incidents(w)[0]?.repairs).toMatchObject([{ outcome: 'held' }]);
    expect(operations(w)).toHaveLength(1);
  });
});

describe('after a reload', () => {
  const flappy = check('responds', {
    failAfter: { count: 1, of: 1 },
    recoverAfter: { count: 1, of: 1 },
    flapping: { low: 25, high: 30 },
  });

  it('that switches flapping off while it flaps, failures are told again', () => {
    const w = world(config([service('api', [flappy])], team));
    for (let i = 0; i < 30; i++) {
      w.look = () => (i % 2 === 0 ? 'failing' : 'ok');
      pass(w, 10_000);
    }
    expect(checkOf(w, 'api', 'responds')?.flap.flapping).toBe(true);
    const { flapping: _, ...plain } = flappy;
    w.config = config([service('api', [plain])], team);
    give(w, { type: 'configured', reason: 'reload' });
    expect(checkOf(w, 'api', 'responds')?.flap.flapping).toBe(false);
    expect(eventTypes(w).at(-1)).toBe('flapping-ended');
    w.look = () => 'ok';
    pass(w, 60_000);
    const before = w.notices.length;
    w.look = () => 'failing';
    pass(w, 60_000);
    expect(told(w).slice(before)).toEqual(['team failed']);
    expect(openIncidents(w)[0]?.withheld).toBeUndefined();
  });

  it('that takes a broken notifier out, whoever heard of it hears that it is gone', () => {
    const rules = config([service('api', [alive()])]);
    const w = world(rules);
    give(w, { type: 'delivery', notifier: 'oncall', working: false, reason: 'refused' });
    expect(told(w)).toEqual(['team agent']);
    w.config = config([service('api', [alive()])], team);
    give(w, { type: 'configured', reason: 'reload' });
    expect(w.notices.map(({ title, status }) => `${title} ${status}`)).toEqual([
      'DOWN notifier oncall: refused firing',
      'CLOSED notifier oncall resolved',
    ]);
    expect(w.state.troubles).toEqual({});
  });

  it('that takes a check away during its repair, the service has its time to come up', () => {
    const responds = check('responds', { repair: [{ kind: 'restart' }] });
    const w = world(config([service('api', [alive(), responds])], team), { operationTakes: 5000 });
    w.look = (_name, which) => (which === 'responds' ? 'failing' : 'ok');
    while (serviceOf(w, 'api').operation === undefined) pass(w, 500);
    w.config = config([service('api', [alive()])], team);
    w.due.delete('api/responds');
    give(w, { type: 'configured', reason: 'reload' });
    w.look = () => 'gone';
    pass(w, 12_000);
    expect(operations(w)).toHaveLength(1);
    expect(serviceOf(w, 'api').startup?.kind).toBe('restart');
    w.look = () => 'ok';
    pass(w, 30_000);
    expect(serviceOf(w, 'api').startup).toBeUndefined();
    expect(told(w)).toEqual(['team failed', 'team closed']);
  });
});
