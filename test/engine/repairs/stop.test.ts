import { describe, expect, it } from 'vitest';
import type { Check } from '../../../src/model/service.ts';
import { alive, check, config, notifier, service } from '../rules.ts';
import {
  crash,
  incidents,
  openIncidents,
  operations,
  order,
  pass,
  report,
  serviceOf,
  told,
  view,
  type World,
  world,
} from '../world.ts';

/** A service that does harm while it runs; its process is repaired by a restart, if anybody lets it. */
function harmful(changes: Partial<Check> = {}): World & { mended: boolean } {
  const leak = check('leak', { repair: [{ kind: 'stop' }], ...changes });
  const rules = config([service('api', [alive(), leak])], {
    notifiers: { team: notifier('team') },
    notify: ['team'],
  });
  let stopped = false;
  const w = Object.assign(world(rules), { mended: false });
  w.look = (_name, which) => {
    if (stopped) return 'gone';
    return which === 'leak' && !w.mended ? 'failing' : 'ok';
  };
  w.operate = (_name, { kind }) => {
    stopped = kind === 'stop';
    return { ok: true, detail: kind, tookMs: 1 };
  };
  return w;
}

const kinds = (w: World) => operations(w).map((one) => one.split(' ')[1]);

describe('repair: stop', () => {
  it('leaves it stopped: no other check starts it again, and people know that it waits for them', () => {
    const w = harmful();
    pass(w, 3_600_000);
    expect(kinds(w)).toEqual(['stop']);
    expect(view(w, 'api')?.state).toBe('stopped');
    expect(openIncidents(w)).toMatchObject([{ check: 'leak', severity: 'critical' }]);
    expect(told(w)).toEqual(['team failed', 'team stood-down']);
    expect(w.notices.at(-1)?.title).toBe(
      'NEEDS YOU api/leak: stopped by its repair, somebody has to start it: latency 812 ms, expected < 500 ms',
    );
  });

  it('its incident ends when a human has started it and it is up', () => {
    const w = harmful();
    pass(w, 600_000);
    crash(w);
    w.mended = true;
    order(w, { do: 'start', service: 'api' });
    pass(w, 60_000);
    expect(view(w, 'api')?.state).toBe('up');
    expect(openIncidents(w)).toEqual([]);
    expect(told(w)).toEqual(['team failed', 'team stood-down', 'team recovered']);
  });

  it('its incident ends, too, when somebody starts it elsewhere, and goes on where that helps nothing', () => {
    const w = harmful();
    pass(w, 600_000);
    report(w, 'api', { activity: 'stopped', intent: 'unknown' });
    w.look = (_name, which) => (which === 'leak' && !w.mended ? 'failing' : 'ok');
    report(w, 'api', { activity: 'running' });
    pass(w, 5000);
    expect(serviceOf(w, 'api').stop).toBeUndefined();
    expect(kinds(w)).toEqual(['stop']);
    pass(w, 60_000);
    expect(incidents(w)).toHaveLength(1);
    expect(kinds(w)).toEqual(['stop', 'stop']);
  });

  it('is reminded of, and ends when an operator says that it shall be stopped', () => {
    const w = harmful({ remindEvery: 600_000 });
    pass(w, 1_300_000);
    expect(told(w)).toEqual(['team failed', 'team stood-down', 'team reminder', 'team reminder']);
    order(w, { do: 'stop', service: 'api' });
    pass(w, 1_300_000);
    expect(told(w).slice(4)).toEqual(['team closed']);
    expect(openIncidents(w)).toEqual([]);
  });

  it('that was interrupted by the end of the agent is done again', () => {
    const w = harmful();
    while (serviceOf(w, 'api').operation === undefined) pass(w, 500);
    crash(w);
    pass(w, 60_000);
    expect(kinds(w)).toEqual(['stop', 'stop']);
    expect(view(w, 'api')?.state).toBe('stopped');
    expect(openIncidents(w)[0]?.repairs).toMatchObject([{ kind: 'stop', outcome: 'held' }]);
  });

  it('that fails is a repair that failed', () => {
    const w = harmful();
    w.operate = () => ({ ok: false, detail: 'exit code 1', tookMs: 1 });
    pass(w, 60_000);
    expect(serviceOf(w, 'api').stop).toBeUndefined();
    expect(openIncidents(w)[0]?.repairs[0]).toMatchObject({ kind: 'stop', outcome: 'failed' });
  });
});
