import { describe, expect, it } from 'vitest';
import { check, config, service } from '../rules.ts';
import { checkOf, give, openIncidents, pass, type World, world } from '../world.ts';

const minutes = 60_000;

/** One soft failure, then an hour in which nothing counts. */
function afterAnHour(
  failAfter: { duration: number } | { count: number; of: number },
  how: 'hold' | 'doubt',
): World {
  const w = world(config([service('api', [check('responds', { failAfter })])]));
  w.look = () => 'failing';
  pass(w, 15_000);
  if (how === 'hold') give(w, { type: 'holding', service: 'api', reason: 'a lock file exists' });
  else give(w, { type: 'trust', trusted: false, reason: 'stood still' });
  pass(w, 60 * minutes);
  if (how === 'hold') give(w, { type: 'holding', service: 'api' });
  else give(w, { type: 'trust', trusted: true });
  return w;
}

describe('time in which nothing counted', () => {
  it.each(['hold', 'doubt'] as const)('is no time of failing (%s)', (how) => {
    const w = afterAnHour({ duration: 5 * minutes }, how);
    const from = w.now;
    pass(w, 4 * minutes);
    expect(checkOf(w, 'api', 'responds')?.state).toBe('failing');
    expect(openIncidents(w)).toEqual([]);
    pass(w, 2 * minutes);
    expect(openIncidents(w)[0]?.openedAt).toBeGreaterThan(from + 4 * minutes);
  });

  it('after a hold bad readings are counted from nothing, and trouble began when they did', () => {
    const w = afterAnHour({ count: 3, of: 5 }, 'hold');
    const from = w.now;
    pass(w, 19_000);
    expect(openIncidents(w)).toEqual([]);
    pass(w, 11_000);
    expect(openIncidents(w)[0]?.failingSince).toBeGreaterThanOrEqual(from);
  });

  it('after distrust a run goes on, and trouble began with its first bad reading', () => {
    const w = afterAnHour({ duration: 5 * minutes }, 'doubt');
    const from = w.now - 60 * minutes;
    pass(w, 6 * minutes);
    expect(openIncidents(w)[0]?.failingSince).toBeLessThan(from);
  });
});
