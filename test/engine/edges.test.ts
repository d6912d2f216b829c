import { describe, expect, it } from 'vitest';
import { alive, check, config, notifier, service } from './rules.ts';
import {
  checkOf,
  eventTypes,
  give,
  incidents,
  openIncidents,
  operations,
  order,
  pass,
  probe,
  report,
  schedule,
  serviceOf,
  told,
  view,
  world,
} from './world.ts';

describe('after the repair of a dependency', () => {
  const rules = (asked: boolean) =>
    config([
      service('db', [alive()]),
      service('api', [check('responds')], { dependsOn: ['db'], restartAfterDependency: asked }),
      service('web', [check('responds')], {
        dependsOn: ['api'],
        mode: 'passive',
        restartAfterDependency: true,
      }),
    ]);

  for (const asked of [true, false]) {
    it(`those that depend on it are ${asked ? 'restarted, unless they are passive' : 'left alone'}`, () => {
      const w = world(rules(asked));
      let dead = false;
      w.look = (name) => (name === 'db' && dead ? 'gone' : 'ok');
      w.operate = () => {
        dead = false;
        return { ok: true, detail: 'started', tookMs: 1 };
      };
      pass(w, 15_000);
      dead = true;
      probe(w, 'db/alive');
      pass(w, 120_000);
      const kinds = operations(w, w.now).map((line) => line.replace(/^\S+ /, ''));
      expect(kinds).toEqual(asked ? ['restart db', 'restart api'] : ['restart db']);
      expect(['db', 'api', 'web'].map((name) => view(w, name)?.state)).toEqual(['up', 'up', 'up']);
      expect(serviceOf(w, 'api').repair.attempts).toEqual([]);
    });
  }

  it('a restart that waits for another one goes on however that one ends', () => {
    const w = world(
      config([
        service('db', [alive()]),
        service('api', [alive()], { dependsOn: ['db'], startTimeout: 8000 }),
        service('web', [check('responds')], { dependsOn: ['api'], restartAfterDependency: true }),
      ]),
    );
    const gone = new Set<string>();
    w.look = (name) => (gone.has(name) ? 'gone' : 'ok');
    w.operate = (name) => {
      if (name === 'db') gone.delete('db');
      return { ok: true, detail: 'started', tookMs: 1 };
    };
    pass(w, 15_000);
    gone.add('api');
    probe(w, 'api/alive');
    pass(w, 2000);
    gone.add('db');
    probe(w, 'db/alive');
    pass(w, 3000);
    // Its own dependency is ready again, and the next one still comes up, which it never will.
    expect(serviceOf(w, 'web').queue).toMatchObject([{ kind: 'restart', reason: 'db was repaired' }]);
    pass(w, 30_000);
    expect(serviceOf(w, 'web').queue).toEqual([]);
    expect(operations(w)).toContainEqual(expect.stringMatching(/restart web$/));
    expect(view(w, 'web')?.state).toBe('up');
  });

  it('what was held back is looked at at once', () => {
    const w = world(rules(false));
    w.look = () => 'gone';
    w.operate = () => {
      w.look = (name) => (name === 'db' ? 'ok' : 'failing');
      return { ok: true, detail: 'started', tookMs: 1 };
    };
    pass(w, 3500);
    expect(w.actions.map(({ action }) => action)).toContainEqual({ do: 'probe', service: 'api' });
  });
});

describe('a change of the rules', () => {
  it('from manual to active begins to watch, back to manual does not end it', () => {
    const w = world(config([service('api', [check('responds')], { mode: 'manual' })]));
    pass(w, 30_000);
    w.config = config([service('api', [check('responds')])]);
    give(w, { type: 'configured', reason: 'reload' });
    pass(w, 20_000);
    expect(view(w, 'api')?.state).toBe('up');
    w.config = config([service('api', [check('responds')], { mode: 'manual' })]);
    give(w, { type: 'configured', reason: 'reload' });
    expect(view(w, 'api')?.state).toBe('up');
  });

  it('does not watch again what a human unmonitored', () => {
    const w = world(config([service('api', [check('responds')])]));
    order(w, { do: 'unmonitor', service: 'api' });
    give(w, { type: 'configured', reason: 'reload' });
    pass(w, 60_000);
    expect(view(w, 'api')?.state).toBe('unmonitored');
  });

  it('that takes hold_while away lets go', () => {
    const held = service('api', [alive()], { holdWhile: [{ exists: '/run/lock' }] });
    const w = world(config([held]));
    give(w, { type: 'holding', service: 'api', reason: '/run/lock exists' });
    give(w, { type: 'configured', reason: 'reload' });
    expect(serviceOf(w, 'api').holding).toBe('/run/lock exists');
    w.config = config([service('api', [alive()])]);
    give(w, { type: 'configured', reason: 'reload' });
    expect(serviceOf(w, 'api').holding).toBeUndefined();
  });

  it('that takes the check of a trial away ends the trial', () => {
    const w = world(config([service('api', [check('responds', { repair: [{ kind: 'restart' }] })])]));
    w.look = () => 'failing';
    pass(w, 22_000);
    w.config = config([service('api', [check('other')])]);
    give(w, { type: 'configured', reason: 'reload' });
    schedule(w);
    w.look = () => 'ok';
    pass(w, 120_000);
    expect(serviceOf(w, 'api').repair.verifying).toBeUndefined();
    expect(view(w, 'api')?.state).toBe('up');
    expect(told(w)).toEqual(['team failed', 'team closed']);
  });
});

describe('a new agent', () => {
  it('trusts itself until it says otherwise', () => {
    const w = world(config([service('api', [alive()])]), { thorough: true });
    give(w, { type: 'trust', trusted: false, reason: 'the uplink is down' });
    give(w, { type: 'configured', reason: 'start' });
    expect(w.state.trust.trusted).toBe(true);
  });

  it('looks again before it believes that a repair held, or did not', () => {
    const w = world(config([service('api', [check('responds', { repair: [{ kind: 'restart' }] })])]), {
      thorough: true,
    });
    w.look = () => 'failing';
    w.operate = () => {
      w.look = () => 'ok';
      return { ok: true, detail: 'restarted', tookMs: 1 };
    };
    pass(w, 30_000);
    expect(openIncidents(w)[0]?.upAt).toBeDefined();
    w.now += 3_600_000;
    w.look = () => 'failing';
    for (const key of w.due.keys()) w.due.set(key, w.now);
    const done = give(w, { type: 'configured', reason: 'start' });
    expect(done.actions).toContainEqual({ do: 'probe', service: 'api' });
    expect(openIncidents(w)[0]?.repairs[0]?.outcome).toBe('verifying');
    pass(w, 30_000);
    expect(incidents(w)[0]?.repairs[0]?.outcome).toBe('not-held');
  });
});

describe('small things', () => {
  it("an operator's start that does not come up in time is said, and then it counts", () => {
    const w = world(config([service('api', [check('responds')], { startTimeout: 10_000 })]));
    pass(w, 5000);
    w.look = () => 'failing';
    order(w, { do: 'restart', service: 'api' });
    pass(w, 10_500);
    expect(view(w, 'api')?.state).toBe('starting');
    pass(w, 30_000);
    expect(w.events.map(({ text }) => text)).toContain(
      'api did not come up in time: responds: latency 812 ms, expected < 500 ms',
    );
    expect(told(w)).toEqual(['team failed', 'oncall failed']);
  });

  it('commands about what nobody knows change nothing', () => {
    const w = world(config([service('api', [alive()])]));
    const before = w.state;
    for (const kind of ['monitor', 'start', 'stop', 'restart', 'reload', 'unmonitor'] as const) {
      order(w, { do: kind, service: 'nobody' });
    }
    order(w, { do: 'acknowledge', incident: 'none' });
    order(w, { do: 'unacknowledge', incident: 'none' });
    order(w, { do: 'unsilence', id: 'none' });
    report(w, 'nobody', {});
    give(w, { type: 'holding', service: 'nobody', reason: 'x' });
    give(w, { type: 'calendar', service: 'nobody', due: 'restart' });
    give(w, { type: 'evidence-captured', incident: 'none', evidence: 'x', summary: 'y' });
    give(w, {
      type: 'operation-finished',
      service: 'api',
      operation: 'op-99',
      result: { ok: true, detail: '', tookMs: 1 },
    });
    expect(w.state.services).toBe(before.services);
    expect(w.notices).toEqual([]);
  });

  it('an acknowledgement can be taken back, and a failing check is told again from then on', () => {
    const w = world(config([service('api', [check('responds')])], { notices: { groupWait: 30_000 } }));
    w.look = () => 'failing';
    pass(w, 21_000);
    const id = openIncidents(w)[0]?.id ?? '';
    order(w, { do: 'acknowledge', incident: id });
    pass(w, 300_000);
    expect(w.notices).toEqual([]);
    order(w, { do: 'unacknowledge', incident: id });
    pass(w, 1000);
    expect(told(w)).toEqual(['team failed', 'oncall failed']);
  });

  it('a fallback that told of what is over by now is told of its end', () => {
    const rules = config([service('api', [check('responds')])], {
      notifiers: { oncall: notifier('oncall', { fallback: ['pager'] }), pager: notifier('pager') },
      notify: ['oncall'],
    });
    const w = world(rules);
    w.look = () => 'failing';
    pass(w, 25_000);
    w.look = () => 'ok';
    pass(w, 30_000);
    expect(told(w)).toEqual(['oncall failed', 'oncall recovered']);
    const [failed] = w.notices;
    if (failed) give(w, { type: 'delivered', notice: failed, by: 'pager' });
    expect(told(w).slice(2)).toEqual(['pager recovered']);
  });

  it('a scheduled restart waits for its place like a repair', () => {
    const names = ['a', 'b', 'c'];
    const w = world(
      config(
        names.map((name) => service(name, [alive()])),
        { maxRepairs: { host: 1, groups: {} } },
      ),
    );
    pass(w, 5000);
    for (const name of names) give(w, { type: 'calendar', service: name, due: 'restart' });
    expect(w.underway).toHaveLength(1);
    let most = 0;
    for (let i = 0; i < 60; i++) {
      pass(w, 500);
      most = Math.max(most, w.underway.length);
    }
    expect(most).toBe(1);
    expect(operations(w)).toHaveLength(3);
  });

  it('keeps the newest closed incidents, and no more', () => {
    const responds = check('responds', { failAfter: { count: 1, of: 1 }, recoverAfter: { count: 1, of: 1 } });
    const w = world(config([service('api', [responds])]));
    for (let i = 0; i < 500; i++) {
      w.look = () => (i % 2 === 0 ? 'failing' : 'ok');
      probe(w, 'api/responds');
      w.now += 1000;
    }
    expect(w.state.closed).toHaveLength(200);
    expect(w.state.incidents.size).toBe(200);
    expect(eventTypes(w).filter((type) => type === 'recovered')).toHaveLength(250);
  });

  it('a service that ends within the millisecond in which it came up is down, not failing until its next turn', () => {
    const w = world(config([service('api', [alive({ repair: [], recoverAfter: { count: 1, of: 1 } })])]));
    for (const look of ['ok', 'gone', 'ok', 'gone'] as const) {
      w.look = () => look;
      probe(w, 'api/alive');
    }
    expect(checkOf(w, 'api', 'alive')?.state).toBe('down');
    expect(eventTypes(w).filter((type) => type === 'failed' || type === 'recovered')).toEqual([
      'failed',
      'recovered',
      'failed',
    ]);
  });

  it('marks the readings of a cycle that was not trusted as unknown and does not remember them', () => {
    const w = world(config([service('api', [check('responds')])]));
    pass(w, 5000);
    give(w, { type: 'trust', trusted: false, reason: 'suspended for 2 h' });
    w.look = () => 'failing';
    pass(w, 60_000);
    expect(checkOf(w, 'api', 'responds')?.samples.map(({ verdict }) => verdict)).toEqual(['ok']);
  });
});
