import { describe, expect, it } from 'vitest';
import { why } from '../../src/engine/why.ts';
import { alive, check, config, service } from './rules.ts';
import { give, order, pass, type World, world } from './world.ts';

const restart = { kind: 'restart' };

function reasons(w: World, name: string, which?: string): string {
  return why(w.config, w.state, name, which, { now: w.now, wall: w.now }).join('\n');
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
    w.look = () => 'ok';
    pass(w, 120_000);
    expect(reasons(w, 'api')).not.toContain('it stood down');
  });
});
