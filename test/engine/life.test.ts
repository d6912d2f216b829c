import { describe, expect, it } from 'vitest';
import { alive, check, config, service } from './rules.ts';
import {
  eventTypes,
  incidents,
  openIncidents,
  operations,
  pass,
  probe,
  serviceOf,
  told,
  view,
  world,
} from './world.ts';

describe('the life of an incident', () => {
  it('kill -9: fails at once, is restarted at once, is told, holds, and is told again', () => {
    const w = world(config([service('api', [alive()])]));
    pass(w, 20_000);
    expect(view(w, 'api')?.state).toBe('up');
    let dead = true;
    w.look = () => (dead ? 'gone' : 'ok');
    w.operate = () => {
      dead = false;
      return { ok: true, detail: 'started, pid 4242', tookMs: 900 };
    };
    const from = w.now;
    probe(w, 'api/alive');
    pass(w, 900);
    expect(operations(w, from)).toEqual(['0 restart api']);
    expect(told(w)).toEqual(['team failed']);
    expect(w.notices[0]).toMatchObject({
      title: 'DOWN api/alive: no such process',
      severity: 'warning',
      status: 'firing',
    });
    pass(w, 10_000);
    expect(view(w, 'api')).toMatchObject({ state: 'up', activity: expect.stringContaining('on trial') });
    expect(openIncidents(w)).toHaveLength(1);
    pass(w, 60_000);
    expect(openIncidents(w)).toHaveLength(0);
    expect(told(w)).toEqual(['team failed', 'team recovered']);
    expect(w.notices[1]).toMatchObject({ status: 'resolved', title: 'UP api/alive after 1 s, restart held' });
    expect(incidents(w)[0]?.repairs).toMatchObject([{ kind: 'restart', outcome: 'held' }]);
    expect(serviceOf(w, 'api').repair.attempts).toHaveLength(1);
    expect(eventTypes(w)).toEqual([
      'agent-started',
      'failed',
      'repair-started',
      'repair-finished',
      'repair-held',
      'recovered',
    ]);
  });

  it('without a repair it is critical at once, and everybody is told', () => {
    const w = world(config([service('api', [check('responds')])]));
    w.look = () => 'failing';
    pass(w, 10_000);
    expect(view(w, 'api')?.state).toBe('failing');
    pass(w, 10_000);
    expect(view(w, 'api')?.state).toBe('down');
    expect(told(w)).toEqual(['team failed', 'oncall failed']);
    w.look = () => 'ok';
    pass(w, 20_000);
    expect(told(w)).toEqual(['team failed', 'oncall failed', 'team recovered', 'oncall recovered']);
    expect(operations(w)).toEqual([]);
  });
});
