import { describe, expect, it } from 'vitest';
import { alive, check, config, service } from '../rules.ts';
import {
  eventTypes,
  give,
  incidents,
  openIncidents,
  operations,
  order,
  pass,
  told,
  view,
  world,
} from '../world.ts';

describe('self-doubt', () => {
  const distrust = { type: 'trust', trusted: false, reason: 'the event loop stood still for 12 s' } as const;
  const trust = { type: 'trust', trusted: true } as const;

  it('turns results into unknown: nothing is counted, repaired or told until trust returns', () => {
    const w = world(config([service('api', [alive(), check('responds')])]));
    pass(w, 5000);
    give(w, distrust);
    w.look = () => 'gone';
    pass(w, 600_000);
    expect(view(w, 'api')).toMatchObject({
      state: 'unknown',
      problem: 'alive: not trusted: the event loop stood still for 12 s (and 1 more)',
    });
    expect(openIncidents(w)).toEqual([]);
    expect(operations(w)).toEqual([]);
    give(w, trust);
    pass(w, 5000);
    expect(operations(w)).toHaveLength(1);
    expect(eventTypes(w)).toContain('distrust');
    expect(eventTypes(w)).toContain('trust');
  });

  it('does not make an unknown old, nor end a trial or a start-up', () => {
    const w = world(config([service('api', [alive({ unknownAfter: 60_000 })])]));
    w.look = () => 'unknown';
    pass(w, 50_000);
    give(w, distrust);
    pass(w, 600_000);
    give(w, trust);
    pass(w, 5000);
    expect(told(w)).toEqual([]);
    const other = world(config([service('api', [alive()])]));
    other.look = () => 'gone';
    pass(other, 2000);
    give(other, distrust);
    other.look = () => 'ok';
    pass(other, 600_000);
    expect(view(other, 'api')?.state).toBe('starting');
    give(other, trust);
    pass(other, 70_000);
    expect(incidents(other)[0]?.repairs).toMatchObject([{ outcome: 'held' }]);
  });

  it('keeps what was about to be told until it trusts itself again', () => {
    const w = world(config([service('api', [check('responds')])], { notices: { groupWait: 30_000 } }));
    w.look = () => 'failing';
    pass(w, 25_000);
    give(w, distrust);
    pass(w, 600_000);
    expect(w.notices).toEqual([]);
    give(w, trust);
    expect(told(w)).toEqual(['team failed', 'oncall failed']);
  });

  it('does not stand in the way of an operator', () => {
    const w = world(config([service('api', [alive()])]));
    pass(w, 5000);
    give(w, distrust);
    order(w, { do: 'restart', service: 'api' });
    pass(w, 5000);
    expect(operations(w)).toHaveLength(1);
  });
});
