import { describe, expect, it } from 'vitest';
import { why } from '../../../src/engine/why/why.ts';
import type { Silence } from '../../../src/model/state.ts';
import { alive, check, config, notifier, service } from '../rules.ts';
import { give, incidents, order, pass, type World, world } from '../world.ts';

const restart = { kind: 'restart' };

function reasons(w: World, name: string, which?: string): string {
  return why(w.config, w.state, name, which, { now: w.now, wall: w.now }).join('\n');
}

function silence(w: World, changes: Partial<Silence>): void {
  const blank = {
    services: [],
    checks: [],
    labels: {},
    by: 'anna',
    comment: 'moving',
    from: 0,
    noRepair: false,
  };
  order(w, { do: 'silence', silence: { ...blank, until: 0, ...changes } });
}

describe('why', () => {
  it('has little to say of what is well, and nothing of what it does not know', () => {
    const w = world(config([service('api', [alive()])]));
    pass(w, 15_000);
    expect(reasons(w, 'api')).toBe('api is up for 15 s.');
    expect(reasons(w, 'api', 'alive')).toContain('Its last readings: 41 ms | 41 ms.');
    expect(reasons(w, 'nobody')).toBe('');
    expect(reasons(w, 'api', 'nothing')).toBe('');
  });

  it('explains a soft failure, an incident, a trial and who was told', () => {
    const w = world(config([service('api', [check('responds', { repair: [restart] })])]));
    let broken = true;
    w.look = () => (broken ? 'failing' : 'ok');
    pass(w, 15_000);
    expect(reasons(w, 'api')).toContain('It counts as down after 3 of 3 cycles.');
    pass(w, 5500);
    broken = false;
    expect(reasons(w, 'api')).toMatch(/restart has been running for 500 ms: responds is down/);
    pass(w, 10_000);
    const text = reasons(w, 'api');
    expect(text).toMatch(/The restart is on trial for another 50\.5 s\./);
    expect(text).toContain('Told so far: team.');
    expect(text).toContain('1 of 3 repairs in 15 m are spent.');
    expect(text).toMatch(/Last repair, 10\.5 s ago: restart of api \(attempt 1 of 3 in 15 m\)/);
  });

  it('says who silenced it, and that repairs are held back too', () => {
    const w = world(config([service('api', [alive()])]));
    const silence = {
      services: ['api'],
      checks: [],
      labels: {},
      by: 'anna',
      comment: 'moving',
      from: 0,
      until: w.now + 600_000,
      noRepair: true,
    };
    order(w, { do: 'silence', silence });
    w.look = () => 'gone';
    pass(w, 60_000);
    const text = reasons(w, 'api');
    expect(text).toContain('No notices just now: silenced by anna for another 9 m (moving).');
    expect(text).toContain(
      'It would not be repaired just now: silenced by anna for another 9 m (moving), repairs too.',
    );
    expect(text).toMatch(/Last repair that was not done, 1 m ago: no restart for alive: silenced by anna/);
    expect(text).toMatch(/Last notice that was not sent, 1 m ago/);
  });

  it('says when the budget frees, and how a stand-down ends', () => {
    const w = world(config([service('api', [alive()], { startTimeout: 5000 })]));
    w.look = () => 'gone';
    pass(w, 300_000);
    const text = reasons(w, 'api');
    expect(text).toMatch(/3 of 3 repairs in 15 m are spent; the next one is free in 1\d m/);
    expect(text).toContain('`watcher monitor` or `watcher restart` starts over');
  });

  it('names the dependency, the lock file, the operator and the lack of trust', () => {
    const db = service('db', [check('answers')]);
    const api = service('api', [check('responds')], { dependsOn: ['db'] });
    const w = world(config([db, api]));
    w.look = () => 'gone';
    pass(w, 60_000);
    expect(reasons(w, 'api')).toContain(
      'It has no incident of its own: it depends on db, which is down (answers).',
    );
    give(w, { type: 'holding', service: 'db', reason: '/run/upgrade.lock exists' });
    expect(reasons(w, 'db')).toContain('Nothing is a failure just now: /run/upgrade.lock exists.');
    give(w, { type: 'trust', trusted: false, reason: 'the clock jumped by 2 h' });
    expect(reasons(w, 'api')).toContain('Nothing counts for 0 ms: the clock jumped by 2 h.');
    order(w, { do: 'stop', service: 'api' });
    expect(reasons(w, 'api')).toContain('It was stopped by anna 0 ms ago, so it is left alone.');
    order(w, { do: 'unmonitor', service: 'db', for: 300_000 });
    expect(reasons(w, 'db')).toContain('It is not monitored, asked for by anna, for another 5 m.');
  });

  it('leaves out what was not done for another check, or in an incident that is over', () => {
    const responds = check('responds', { repair: [restart] });
    const w = world(config([service('api', [alive(), responds], { startTimeout: 5000 })]));
    w.look = () => 'gone';
    pass(w, 300_000);
    expect(reasons(w, 'api', 'alive')).toContain('no restart for alive: it stood down');
    expect(reasons(w, 'api', 'responds')).not.toContain('for alive: it stood down');
  });

  it('says of what was not done in an incident that is over that it is over', () => {
    const w = world(config([service('api', [alive()], { startTimeout: 5000 })]));
    silence(w, { services: ['api'], until: w.now + 400_000 });
    w.look = () => 'gone';
    pass(w, 300_000);
    expect(reasons(w, 'api')).toMatch(
      /Last notice that was not sent, 5 m ago: api-\w+ is not told: silenced by anna for another 6 m 40 s \(moving\)\./,
    );
    w.look = () => 'ok';
    pass(w, 120_000);
    const text = reasons(w, 'api');
    expect(text).toMatch(
      /Last repair that was not done, .* ago: no restart for alive: it stood down.* \(that is over\)\./,
    );
    expect(text).toMatch(
      /Last notice that was not sent, 7 m ago: api-\w+ is not told: silenced by anna \(moving\) \(that is over\)\./,
    );
    w.look = () => 'gone';
    pass(w, 60_000);
    expect(reasons(w, 'api')).toMatch(/Last notice, 55\.6 s ago: api-\w+ failed: told team/);
    expect(reasons(w, 'api')).not.toContain('Last notice that was not sent');
  });

  it('says until when people are not told of a service with which nothing is wrong yet', () => {
    const backup = {
      name: 'backup',
      when: { from: 0, until: 1 },
      services: ['api'],
      groups: [],
      repairs: false,
    };
    const w = world(config([service('api', [alive()])], { maintenance: [backup] }));
    silence(w, { services: ['api'], until: w.now + 60_000 });
    expect(reasons(w, 'api')).toContain(
      'Nobody would be told just now: silenced by anna for another 1 m (moving).',
    );
    pass(w, 60_000);
    expect(reasons(w, 'api')).not.toContain('Nobody would be told');
    give(w, { type: 'maintenance', active: ['backup'] });
    expect(reasons(w, 'api')).toContain('Nobody would be told just now: maintenance window backup.');
    expect(reasons(w, 'api')).toContain('It would not be repaired just now: maintenance window backup.');
  });

  it('names the maintenance window, the acknowledgement and its end, and the lack of trust in an incident', () => {
    const backup = {
      name: 'backup',
      when: { from: 0, until: 1 },
      services: ['api'],
      groups: [],
      repairs: false,
    };
    const w = world(config([service('api', [check('responds')])], { maintenance: [backup] }));
    give(w, { type: 'maintenance', active: ['backup'] });
    w.look = () => 'failing';
    pass(w, 60_000);
    expect(reasons(w, 'api')).toContain(
      'Nobody has been told yet.\nNo notices just now: maintenance window backup.',
    );
    give(w, { type: 'maintenance', active: [] });
    const [incident] = incidents(w);
    order(w, { do: 'acknowledge', incident: incident?.id ?? '', until: w.now + 300_000 });
    expect(reasons(w, 'api')).toContain(
      'No notices just now: acknowledged by anna.\nThe acknowledgement ends in 5 m.',
    );
    give(w, { type: 'trust', trusted: false, reason: 'the clock jumped by 2 h' });
    expect(reasons(w, 'api')).toContain(
      'No notices just now: the agent does not trust itself: the clock jumped by 2 h.',
    );
  });

  it('explains what could not be told, and that nobody need act yet', () => {
    const w = world(config([service('api', [check('responds', { repair: [restart] })])]));
    w.look = () => 'unknown';
    pass(w, 60_000);
    const text = reasons(w, 'api');
    expect(text).toContain('responds is unknown for 1 m: permission denied.');
    expect(text).toContain('What cannot be told is no failure and is not repaired; people are told in 9 m.');
    pass(w, 600_000);
    expect(reasons(w, 'api')).toMatch(/Incident api-\w+ \(warning\) is open for 11 m\.\nTold so far: team\./);
  });

  it('names the check of the process that holds the others back', () => {
    const w = world(config([service('api', [alive({ repair: [] }), check('responds')])]));
    w.look = () => 'gone';
    pass(w, 60_000);
    expect(reasons(w, 'api', 'responds')).toContain('It has no incident of its own: alive is down.');
    expect(reasons(w, 'api', 'responds')).toContain(
      'Last notice that was not sent, 40 s ago: responds is down, but alive is down.',
    );
    w.look = () => 'ok';
    pass(w, 60_000);
    expect(reasons(w, 'api')).not.toContain('not sent');
  });

  it('keeps what was not sent of one check when something of another check was sent', () => {
    const w = world(config([service('api', [check('responds'), check('size')])]));
    const silence = { services: [], checks: ['size'], labels: {}, by: 'anna', comment: '', from: 0 };
    order(w, { do: 'silence', silence: { ...silence, until: w.now + 3_600_000, noRepair: false } });
    w.look = (_name, which) => (which === 'size' ? 'failing' : 'ok');
    pass(w, 60_000);
    w.look = () => 'failing';
    pass(w, 60_000);
    const text = reasons(w, 'api');
    expect(text).toMatch(/Last notice, .* told team, oncall\./);
    expect(text).toMatch(/Last notice that was not sent, .* is not told: silenced by anna/);
  });

  it('says that it flaps, and how steady it has to become', () => {
    const flapping = { low: 25, high: 50 };
    const w = world(config([service('api', [check('responds', { flapping })])]));
    let turn = 0;
    w.look = () => (turn++ % 2 === 0 ? 'failing' : 'ok');
    pass(w, 300_000);
    expect(reasons(w, 'api')).toMatch(
      /It is flapping: \d+ % of its last readings .* Below 25 % it is steady\./,
    );
    w.look = () => 'failing';
    pass(w, 30_000);
    expect(reasons(w, 'api')).toContain('No notices just now: responds is flapping.');
  });

  it('says who hears of it in a digest, and when', () => {
    const rateLimit = { messages: 1, window: 600_000 };
    const w = world(
      config([service('api', [check('responds')]), service('web', [check('responds')])], {
        notifiers: { team: notifier('team', { rateLimit }) },
        notify: ['team'],
      }),
    );
    w.look = (name) => (name === 'api' ? 'failing' : 'ok');
    pass(w, 30_000);
    w.look = () => 'failing';
    pass(w, 60_000);
    expect(reasons(w, 'web')).toMatch(
      /Told so far: team\.\nteam hears of it in a digest in \d m [\d.]+ s: no more than 1 message in 10 m go there\./,
    );
    expect(reasons(w, 'api')).not.toContain('digest');
  });

  it('says which notifier does not get through, and when nobody wants to know', () => {
    const w = world(
      config([service('api', [check('responds', { severity: 'warning' })])], { notify: ['team', 'oncall'] }),
    );
    w.look = () => 'failing';
    pass(w, 60_000);
    give(w, { type: 'delivery', notifier: 'team', working: false, reason: 'connection refused' });
    pass(w, 120_000);
    expect(reasons(w, 'api')).toContain(
      'For 2 m: Notices through team do not get through: connection refused. They are kept and tried again.',
    );
    const quiet = world(
      config([service('api', [check('responds', { severity: 'warning', notify: ['oncall'] })])]),
    );
    quiet.look = () => 'failing';
    pass(quiet, 60_000);
    expect(reasons(quiet, 'api')).toContain('Nobody will be told: no notifier wants it at severity warning.');
  });

  it('says how many others are being repaired, and how a manual service begins', () => {
    const two = ['api', 'web'].map((name) => service(name, [alive()], { groups: ['front'] }));
    const w = world(config(two, { maxRepairs: { host: 5, groups: { front: 1 } } }));
    w.look = () => 'gone';
    pass(w, 500);
    expect(reasons(w, 'web')).toContain(
      '1 other is being repaired, and no more than 1 at once in group front',
    );
    const manual = world(config([service('api', [alive()], { mode: 'manual' })]));
    expect(reasons(manual, 'api')).toContain(
      'It is not monitored: its mode is manual, so `watcher monitor api` begins it.',
    );
  });
});
