import { describe, expect, it } from 'vitest';
import { checkSince } from '../../../src/engine/checks/since.ts';
import { why } from '../../../src/engine/why/why.ts';
import type { Verdict } from '../../../src/model/reading.ts';
import { check, config, service } from '../rules.ts';
import { checkOf, incidents, pass, view, type World, world } from '../world.ts';

function started(changes = {}): { w: World; set: (look: Verdict) => number } {
  const w = world(config([service('api', [check('responds', changes)])]));
  let look: Verdict = 'ok';
  w.look = () => look;
  pass(w, 15_000);
  // The next reading is at 20 s, and then every ten.
  return {
    w,
    set(next) {
      look = next;
      return w.now + 5000;
    },
  };
}

describe('when trouble began', () => {
  it('is the first bad reading, wherever it is told', () => {
    const { w, set } = started();
    const began = set('failing');
    pass(w, 10_000);
    expect(view(w, 'api')).toMatchObject({ state: 'failing', since: began });
    pass(w, 30_000);
    const [incident] = incidents(w);
    expect(view(w, 'api')).toMatchObject({ state: 'down', since: began });
    expect(incident).toMatchObject({ failingSince: began, openedAt: began + 20_000 });
    expect(w.notices[0]?.items[0]?.startedAt).toBe(began);
    const reasons = why(w.config, w.state, 'api', undefined, { now: w.now, wall: w.now });
    expect(reasons.filter((line) => line.includes('for 35 s'))).toEqual([
      'api is down for 35 s.',
      'responds is down for 35 s: latency 812 ms, expected < 500 ms.',
      `Incident ${incident?.id} (critical) is open for 35 s.`,
    ]);
    const ended = set('ok');
    pass(w, 30_000);
    expect(w.notices.at(-1)?.items[0]).toMatchObject({ startedAt: began, endedAt: ended });
    expect(w.notices.at(-1)?.title).toBe('UP api/responds after 40 s');
    expect(incidents(w)[0]?.upAt).toBe(ended);
    expect(w.events.at(-1)?.text).toBe('api/responds is up again after 40 s');
  });

  it('is told apart where it was a warning first', () => {
    const { w, set } = started({ remindEvery: 60_000 });
    const began = set('warning');
    pass(w, 100_000);
    expect(view(w, 'api')).toMatchObject({ state: 'warning', since: began });
    const worse = set('failing');
    pass(w, 10_000);
    expect(view(w, 'api')).toMatchObject({ state: 'failing', since: worse });
    pass(w, 90_000);
    expect(view(w, 'api')).toMatchObject({ state: 'down', since: worse });
    expect(incidents(w)[0]).toMatchObject({ failingSince: began, worseSince: worse });
    expect(w.notices.at(-1)?.items[0]).toMatchObject({ startedAt: began, worseSince: worse });
    expect(w.notices.at(-1)?.title).toMatch(/^STILL DOWN api\/responds for 1 m 20 s: /);
    const better = set('warning');
    pass(w, 60_000);
    const state = checkOf(w, 'api', 'responds');
    expect(state && checkSince(state, incidents(w)[0])).toBe(better + 10_000);
  });

  it('is the first look that could not tell', () => {
    const { w, set } = started({ unknownAfter: 30_000 });
    const began = set('unknown');
    pass(w, 60_000);
    expect(view(w, 'api')).toMatchObject({ state: 'unknown', since: began });
    expect(w.notices[0]?.items[0]?.startedAt).toBe(began);
  });
});
