import { describe, expect, it } from 'vitest';
import type { Service } from '../../../src/model/service.ts';
import { alive, check, config, service } from '../rules.ts';
import {
  eventTypes,
  give,
  incidents,
  openIncidents,
  operations,
  order,
  pass,
  probe,
  report,
  serviceOf,
  told,
  view,
  type World,
  world,
} from '../world.ts';

const restart = { kind: 'restart' };
const reload = { kind: 'reload' };

/** A service whose endpoint fails until `mended` operations were carried out on it. */
function broken(rules: Service, mended = Number.POSITIVE_INFINITY, more: readonly Service[] = []): World {
  const w = world(config([rules, ...more]));
  pass(w, 5000);
  let done = 0;
  w.look = (name, which) => (name === rules.name && which !== 'alive' && done < mended ? 'failing' : 'ok');
  w.operate = (_name, { kind }) => {
    done += 1;
    return { ok: true, detail: `${kind}ed`, tookMs: 1000 };
  };
  return w;
}

describe('the ladder', () => {
  it('takes the next rung when the last one did not help, and stays on the last', () => {
    const responds = check('responds', { repair: [reload, restart] });
    const w = broken(service('api', [responds], { startTimeout: 10_000 }));
    pass(w, 120_000);
    expect(
      w.actions.flatMap(({ action }) => (action.do === 'operate' ? [action.operation.kind] : [])),
    ).toEqual(['reload', 'restart', 'restart']);
    expect(incidents(w)).toHaveLength(1);
    expect(incidents(w)[0]?.repairs.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed']);
  });

  it('runs a command of the rule', () => {
    const command = { argv: ['/usr/bin/fix'], shell: false, env: {}, timeout: 5000 };
    const w = broken(service('api', [check('responds', { repair: [{ kind: 'run', command }] })]), 1);
    pass(w, 40_000);
    const [run] = w.actions.flatMap(({ action }) => (action.do === 'operate' ? [action] : []));
    expect(run?.operation).toMatchObject({ kind: 'run', command });
    expect(view(w, 'api')?.activity).toMatch(/^run on trial/);
  });
});

describe('what somebody may have stopped', () => {
  it('is told of and not started, until it has run again', () => {
    const w = broken(service('api', [check('responds', { repair: [restart] })]), 1);
    const detail = 'ended, and the engine does not remember whether somebody stopped it';
    report(w, 'api', { intent: 'unknown', activity: 'unknown', maybeStopped: true, detail });
    pass(w, 120_000);
    expect(operations(w)).toEqual([]);
    expect(told(w)).toContain('team failed');
    expect(view(w, 'api')?.state).toBe('down');
    report(w, 'api', { intent: 'run', activity: 'running', detail: 'running' });
    pass(w, 120_000);
    expect(operations(w)).toHaveLength(1);
    expect(view(w, 'api')?.state).toBe('up');
  });
});

describe('verification', () => {
  it('asks for all checks at once after the operation, quickly until ready, and slowly again afterwards', () => {
    const w = broken(service('api', [check('responds', { repair: [restart] }), check('other')]), 1);
    pass(w, 26_100);
    expect(view(w, 'api')?.state).toBe('starting');
    pass(w, 1000);
    expect(view(w, 'api')?.state).toBe('up');
    const after = w.actions.filter(({ at }) => at >= 1_800_000_026_000).map(({ action }) => action);
    expect(after).toContainEqual({ do: 'probe', service: 'api' });
    pass(w, 10_000);
    const paces = w.actions.flatMap(({ action }) =>
      action.do === 'pace' ? [`${action.check} ${action.every ?? 'own'}`] : [],
    );
    expect(paces).toEqual(['responds 1000', 'other 1000', 'other own', 'responds own']);
  });

  it('goes on quickly after a short trial, until the check is known to be up', () => {
    const budget = { ...service('api', []).budget, hold: 500 };
    const w = broken(service('api', [alive({ cadence: { every: 60_000 } })], { budget }));
    pass(w, 60_000);
    let dead = true;
    w.look = () => (dead ? 'gone' : 'ok');
    w.operate = () => {
      dead = false;
      return { ok: true, detail: 'restarted', tookMs: 1 };
    };
    probe(w, 'api/alive');
    pass(w, 6000);
    expect(eventTypes(w).slice(-3)).toEqual(['repair-finished', 'repair-held', 'recovered']);
    expect(view(w, 'api')?.state).toBe('up');
    const last = w.actions.findLast(({ action }) => action.do === 'pace');
    expect(last?.action).toEqual({ do: 'pace', service: 'api', check: 'alive' });
  });

  it('is only up when the checks of the service pass, and has failed when they do not in time', () => {
    const w = broken(service('api', [check('responds', { repair: [restart] })], { startTimeout: 20_000 }));
    pass(w, 26_500);
    expect(view(w, 'api')).toMatchObject({
      state: 'starting',
      activity: expect.stringContaining('until ready after restart'),
    });
    pass(w, 20_000);
    expect(view(w, 'api')?.state).toBe('down');
    expect(eventTypes(w)).toContain('repair-failed');
    expect(incidents(w)[0]).toMatchObject({ severity: 'critical' });
    expect(told(w).slice(0, 3)).toEqual(['team failed', 'team escalated', 'oncall failed']);
  });

  it('does not ask a certificate that ran out last week to pass', () => {
    const w = world(config([service('api', [alive(), check('certificate')])]));
    w.look = (_name, which) => (which === 'certificate' ? 'failing' : 'ok');
    pass(w, 60_000);
    let dead = true;
    w.look = (_name, which) => (which === 'certificate' ? 'failing' : dead ? 'gone' : 'ok');
    w.operate = () => {
      dead = false;
      return { ok: true, detail: 'started', tookMs: 1 };
    };
    probe(w, 'api/alive');
    pass(w, 70_000);
    expect(incidents(w).find(({ check: name }) => name === 'alive')?.repairs).toMatchObject([
      { outcome: 'held' },
    ]);
  });

  it('does not take a result of before for proof', () => {
    const w = broken(service('api', [check('responds', { repair: [restart] })]), 5);
    pass(w, 25_500);
    w.now += 600;
    const [underway] = w.underway.splice(0);
    give(w, {
      type: 'operation-finished',
      service: 'api',
      operation: underway?.operation.id ?? '',
      result: { ok: true, detail: 'restarted', tookMs: 1 },
    });
    const seen = { outcome: 'read', reading: { verdict: 'ok' } } as const;
    give(w, { type: 'observed', service: 'api', check: 'responds', result: seen, tookMs: 900 });
    expect(view(w, 'api')?.state).toBe('starting');
  });

  it('counts unknown as neither: what cannot be told is not held against a repair', () => {
    const w = broken(service('api', [check('responds', { repair: [restart] }), check('size')]), 1);
    const look = w.look;
    w.look = (name, which) => (which === 'size' ? 'unknown' : look(name, which));
    pass(w, 130_000);
    expect(incidents(w)[0]?.repairs).toMatchObject([{ outcome: 'held' }]);
  });

  it('is neither held nor failed where nobody could tell in the end', () => {
    const w = world(config([service('api', [check('responds', { repair: [restart] })])]));
    w.look = () => 'failing';
    w.operate = () => {
      w.look = () => 'unknown';
      return { ok: true, detail: 'restarted', tookMs: 1 };
    };
    pass(w, 200_000);
    expect(openIncidents(w)[0]?.repairs).toMatchObject([{ outcome: 'unclear' }]);
    expect(eventTypes(w)).not.toContain('repair-held');
    expect(eventTypes(w)).not.toContain('repair-failed');
    expect(openIncidents(w)[0]?.timeline.at(-1)?.text).toMatch(/^it could not be told whether restart held/);
    w.look = () => 'ok';
    pass(w, 30_000);
    expect(told(w)).toEqual(['team failed', 'team recovered']);
  });

  it('after long health begins with the first rung, also where the trouble began as a warning', () => {
    const w = world(config([service('api', [check('leak', { repair: [reload, restart] })])]));
    let look: 'ok' | 'failing' | 'warning' = 'failing';
    w.look = () => look;
    w.operate = (_name, { kind }) => {
      if (kind === 'restart') look = 'ok';
      return { ok: true, detail: `${kind}ed`, tookMs: 1 };
    };
    pass(w, 600_000);
    const before = operations(w).length;
    pass(w, 1_800_000);
    for (let i = 0; i < 3; i++) {
      look = 'warning';
      pass(w, 60_000);
      look = 'ok';
      pass(w, 60_000);
    }
    look = 'warning';
    pass(w, 60_000);
    look = 'failing';
    pass(w, 90_000);
    const again = operations(w)
      .slice(before)
      .map((one) => one.split(' ')[1]);
    expect(again[0]).toBe('reload');
    expect(serviceOf(w, 'api').repair.failures).toBeLessThan(2);
  });

  it('that does not help raises no further than an explicit severity: warning', () => {
    const limited = check('responds', { severity: 'warning', repair: [restart] });
    const w = broken(service('api', [limited], { budget: { ...service('x', []).budget, attempts: 1 } }));
    pass(w, 200_000);
    expect(openIncidents(w)[0]).toMatchObject({ severity: 'warning' });
    expect(told(w)).toEqual(['team failed', 'team stood-down']);
  });

  it('a relapse on trial is the same incident, told once as critical, and the next attempt waits', () => {
    const w = broken(service('api', [check('responds', { repair: [restart] })]), 1);
    pass(w, 40_000);
    expect(openIncidents(w)[0]?.upAt).toBeDefined();
    w.look = () => 'failing';
    pass(w, 40_000);
    expect(incidents(w)).toHaveLength(1);
    expect(incidents(w)[0]?.repairs[0]).toMatchObject({ outcome: 'not-held' });
    expect(told(w).filter((line) => line !== 'oncall stood-down' && line !== 'team stood-down')).toEqual([
      'team failed',
      'team escalated',
      'oncall failed',
    ]);
    w.look = () => 'ok';
    pass(w, 200_000);
    expect(openIncidents(w)).toHaveLength(0);
    expect(told(w).slice(3)).toEqual(['team recovered', 'oncall recovered']);
  });

  it('tells how long it lasted until it was up, not until the trial was over', () => {
    const w = broken(service('api', [check('responds', { repair: [restart] })]), 1);
    pass(w, 200_000);
    expect(w.notices.at(-1)?.title).toBe('UP api/responds after 21 s, restart held');
    const [item] = w.notices.at(-1)?.items ?? [];
    expect((item?.endedAt ?? 0) - (item?.startedAt ?? 0)).toBe(21_000);
  });

  it('an operation that fails is a failed repair, with what it printed', () => {
    const w = broken(service('api', [check('responds', { repair: [restart] })]));
    w.operate = () => ({ ok: false, detail: 'exit code 1', output: 'bind: address in use', tookMs: 50 });
    pass(w, 27_000);
    expect(incidents(w)[0]?.repairs[0]).toMatchObject({
      outcome: 'failed',
      detail: 'exit code 1',
      output: 'bind: address in use',
    });
    expect(w.notices[1]?.title).toBe('STILL DOWN api/responds: restart failed: exit code 1');
  });
});

describe('coming up', () => {
  /** Down until it is started; then alive, but its endpoint does not answer yet. */
  function startedButNotReady(): World {
    const w = world(
      config([
        service('api', [alive({ repair: [restart] }), check('responds', { repair: [restart] })], {
          startTimeout: 30_000,
        }),
      ]),
    );
    pass(w, 5000);
    let started = false;
    w.look = (_name, which) => (which === 'responds' || !started ? 'gone' : 'ok');
    w.operate = () => {
      started = true;
      return { ok: true, detail: 'started', tookMs: 100 };
    };
    pass(w, 12_000);
    expect(operations(w)).toHaveLength(1);
    expect(serviceOf(w, 'api').startup?.passed).toEqual(['alive']);
    return w;
  }

  it('has failed when it dies in the middle: nobody waits for the rest of its time', () => {
    const w = startedButNotReady();
    w.look = () => 'gone';
    probe(w, 'api/alive');
    expect(incidents(w)[0]?.repairs[0]).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('died while it came up: alive: no such process'),
    });
    pass(w, 12_000);
    expect(operations(w)).toHaveLength(2);
  });

  it('goes on when its manager is about to start it again', () => {
    const w = startedButNotReady();
    report(w, 'api', { activity: 'restarting', readyIn: 1000 });
    w.look = () => 'gone';
    probe(w, 'api/alive');
    expect(serviceOf(w, 'api').startup).toBeDefined();
    expect(operations(w)).toHaveLength(1);
  });
});

describe('the budget', () => {
  it('ends in a stand-down, told once as critical, and then nothing more is done', () => {
    const w = broken(service('api', [check('responds', { repair: [restart] })], { startTimeout: 5000 }));
    pass(w, 24 * 3_600_000);
    expect(operations(w)).toHaveLength(3);
    expect(told(w)).toEqual([
      'team failed',
      'team escalated',
      'oncall failed',
      'team stood-down',
      'oncall stood-down',
    ]);
    expect(view(w, 'api')).toMatchObject({ state: 'down', activity: 'stood down', severity: 'critical' });
    expect(w.notices.at(-1)?.items[0]?.next).toBe('no more repairs by itself: this one needs you');
    expect(w.notices.at(-1)?.title).toBe(
      'NEEDS YOU api/responds: 3 repairs did not help: latency 812 ms, expected < 500 ms',
    );
  });

  it('backs off between attempts', () => {
    const w = broken(service('api', [check('responds', { repair: [restart] })], { startTimeout: 5000 }));
    pass(w, 60_000);
    const at = w.actions.flatMap((one) => (one.action.do === 'operate' ? [one.at] : []));
    const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    // Operation 1 s, start timeout 5 s, then 2 s and 4 s give or take a quarter, then the next reading.
    expect(gaps).toHaveLength(2);
    expect(gaps[0]).toBeGreaterThanOrEqual(7500);
    expect(gaps[1]).toBeGreaterThan(9000);
  });

  it('is spent by repairs that held, too: the fourth in the window needs a human', () => {
    const w = world(
      config([service('api', [alive()], { budget: { ...service('', []).budget, hold: 1000 } })]),
    );
    let dead = false;
    w.look = () => (dead ? 'gone' : 'ok');
    w.operate = () => {
      dead = false;
      return { ok: true, detail: 'started', tookMs: 1 };
    };
    for (let i = 0; i < 4; i++) {
      pass(w, 60_000);
      dead = true;
      probe(w, 'api/alive');
    }
    pass(w, 5000);
    expect(operations(w)).toHaveLength(3);
    expect(view(w, 'api')?.activity).toBe('stood down');
    expect(told(w).slice(-2)).toEqual(['team failed', 'oncall failed']);
    expect(w.notices.at(-1)?.severity).toBe('critical');
  });

  it('a human starts it over', () => {
    const w = broken(service('api', [check('responds', { repair: [restart] })], { startTimeout: 5000 }), 4);
    pass(w, 600_000);
    expect(operations(w)).toHaveLength(3);
    order(w, { do: 'monitor', service: 'api' });
    pass(w, 600_000);
    expect(operations(w)).toHaveLength(4);
    expect(view(w, 'api')?.state).toBe('up');
    expect(told(w).slice(-2)).toEqual(['team recovered', 'oncall recovered']);
  });

  it('recovery by itself starts it over, and is told', () => {
    const w = broken(service('api', [check('responds', { repair: [restart] })], { startTimeout: 5000 }));
    pass(w, 600_000);
    w.look = () => 'ok';
    pass(w, 60_000);
    expect(openIncidents(w)).toHaveLength(0);
    expect(serviceOf(w, 'api').repair.stoodDownAt).toBeUndefined();
    expect(told(w).slice(-2)).toEqual(['team recovered', 'oncall recovered']);
  });

  it('tries again after retry_after, so many times, and then rests', () => {
    const budget = { ...service('', []).budget, retryAfter: 3_600_000, retryTimes: 2 };
    const w = broken(
      service('api', [check('responds', { repair: [restart] })], { startTimeout: 5000, budget }),
    );
    pass(w, 48 * 3_600_000);
    expect(operations(w)).toHaveLength(5);
    expect(told(w).filter((line) => line.endsWith('stood-down'))).toHaveLength(2);
    expect(view(w, 'api')?.activity).toBe('stood down');
  });

  it('sustained health forgives: the first rung again, and no waiting', () => {
    const responds = check('responds', { repair: [reload, restart] });
    const w = broken(service('api', [responds], { startTimeout: 5000 }), 2);
    pass(w, 120_000);
    expect(serviceOf(w, 'api').repair).toMatchObject({ rung: 1, failures: 1 });
    pass(w, 1_000_000);
    w.look = () => 'failing';
    while (operations(w).length < 3) pass(w, 500);
    expect(operations(w).at(-1)).toContain('reload');
    expect(serviceOf(w, 'api').repair).toMatchObject({ rung: 0, failures: 0 });
  });
});

describe('the blast radius', () => {
  const member = (name: string) =>
    service(name, [check('responds', { repair: [restart] })], { groups: ['web'] });

  it('repairs no more at once than allowed on the host, and the rest as places become free', () => {
    const w = world(config(['a', 'b', 'c', 'd'].map(member), { maxRepairs: { host: 2, groups: {} } }));
    const mended = new Set<string>();
    w.look = (name) => (mended.has(name) ? 'ok' : 'failing');
    w.operate = (name) => {
      mended.add(name);
      return { ok: true, detail: 'restarted', tookMs: 1 };
    };
    let most = 0;
    for (let i = 0; i < 600; i++) {
      pass(w, 100);
      most = Math.max(most, w.underway.length);
    }
    expect(most).toBe(2);
    expect(operations(w)).toHaveLength(4);
    expect(w.events.find(({ type }) => type === 'repair-withheld')?.text).toContain(
      'no more than 2 at once on this host',
    );
  });

  it('rolls through a group: the next one only when the last is ready', () => {
    const w = world(config(['a', 'b'].map(member), { maxRepairs: { host: 9, groups: { web: 1 } } }));
    const mended = new Map<string, number>();
    w.look = (name) => ((mended.get(name) ?? Number.POSITIVE_INFINITY) <= w.now - 5000 ? 'ok' : 'failing');
    w.operate = (name) => {
      mended.set(name, w.now);
      return { ok: true, detail: 'restarted', tookMs: 1 };
    };
    pass(w, 120_000);
    const at = w.actions.flatMap((one) => (one.action.do === 'operate' ? [one.at] : []));
    expect(at).toHaveLength(2);
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(6000);
  });
});

describe('what is not repaired', () => {
  it('passive tells but never repairs, and is critical at once', () => {
    const w = broken(service('api', [check('responds', { repair: [restart] })], { mode: 'passive' }));
    pass(w, 600_000);
    expect(operations(w)).toEqual([]);
    expect(told(w)).toEqual(['team failed', 'oncall failed']);
  });

  it('manual is not watched until somebody says so', () => {
    const w = broken(service('api', [check('responds', { repair: [restart] })], { mode: 'manual' }), 1);
    pass(w, 600_000);
    expect(view(w, 'api')?.state).toBe('unmonitored');
    expect(w.notices).toEqual([]);
    order(w, { do: 'monitor', service: 'api' });
    pass(w, 60_000);
    expect(operations(w)).toHaveLength(1);
  });

  it('unknown is never repaired and never pages', () => {
    const w = world(config([service('api', [alive({ unknownAfter: 600_000 })])]));
    w.look = () => 'unknown';
    pass(w, 599_000);
    expect(view(w, 'api')?.state).toBe('unknown');
    expect(w.notices).toEqual([]);
    pass(w, 3_600_000);
    expect(operations(w)).toEqual([]);
    expect(told(w)).toEqual(['team unknown']);
    w.look = () => 'ok';
    pass(w, 20_000);
    expect(told(w)).toEqual(['team unknown', 'team recovered']);
  });

  it('a warning opens a warning incident and is never repaired; failing later, it is the same incident', () => {
    const w = world(config([service('api', [check('leak', { repair: [restart] })])]));
    w.look = () => 'warning';
    pass(w, 60_000);
    expect(view(w, 'api')).toMatchObject({ state: 'warning', severity: 'warning' });
    expect(told(w)).toEqual(['team failed']);
    expect(w.notices[0]?.title).toMatch(/^WARNING api\/leak/);
    expect(operations(w)).toEqual([]);
    w.look = () => 'failing';
    pass(w, 30_000);
    expect(operations(w)).toHaveLength(1);
    expect(told(w)).toEqual(['team failed', 'team escalated']);
    expect(incidents(w)).toHaveLength(1);
    w.look = () => 'ok';
    pass(w, 200_000);
    expect(told(w)).toEqual(['team failed', 'team escalated', 'team recovered']);
  });

  it('while a lock file says that a package is being upgraded, nothing is a failure', () => {
    const w = world(config([service('api', [alive()])]));
    pass(w, 5000);
    give(w, { type: 'holding', service: 'api', reason: '/var/lib/dpkg/lock exists' });
    w.look = () => 'gone';
    pass(w, 600_000);
    expect(openIncidents(w)).toEqual([]);
    expect(operations(w)).toEqual([]);
    give(w, { type: 'holding', service: 'api' });
    pass(w, 10_000);
    expect(operations(w)).toHaveLength(1);
  });
});

describe('evidence', () => {
  it('is captured under a name before a repair, and shown in later notices', () => {
    const w = broken(service('api', [check('responds', { repair: [restart] })]), 1);
    pass(w, 25_500);
    const [operate] = w.actions.flatMap(({ action }) => (action.do === 'operate' ? [action] : []));
    const id = incidents(w)[0]?.id ?? '';
    expect(operate).toMatchObject({ evidence: `${id}-1` });
    expect(operate?.hurry).toBeUndefined();
    give(w, {
      type: 'evidence-captured',
      incident: id,
      evidence: `${id}-1`,
      summary: '3 threads in D state',
    });
    pass(w, 200_000);
    expect(w.notices.at(-1)?.items[0]).toMatchObject({ evidence: `${id}-1` });
  });

  it('does not keep a dead process waiting', () => {
    const w = world(config([service('api', [alive()])]));
    w.look = () => 'gone';
    pass(w, 100);
    expect(w.actions).toContainEqual(
      expect.objectContaining({ action: expect.objectContaining({ do: 'operate', hurry: true }) }),
    );
  });
});

describe('scheduled restarts', () => {
  it('restart when due, are given their start-up, and are told to nobody', () => {
    const w = world(config([service('api', [alive()])]));
    pass(w, 5000);
    give(w, { type: 'calendar', service: 'api', due: 'restart' });
    pass(w, 500);
    expect(view(w, 'api')?.state).toBe('starting');
    pass(w, 60_000);
    expect(operations(w)).toHaveLength(1);
    expect(w.notices).toEqual([]);
    expect(view(w, 'api')?.state).toBe('up');
    expect(serviceOf(w, 'api').repair.attempts).toEqual([]);
  });

  it('leave alone what is stopped or in maintenance', () => {
    const w = world(config([service('api', [alive()])]));
    pass(w, 5000);
    order(w, { do: 'stop', service: 'api' });
    pass(w, 5000);
    give(w, { type: 'calendar', service: 'api', due: 'restart' });
    pass(w, 5000);
    expect(operations(w)).toHaveLength(1);
    expect(w.events.at(-1)?.text).toBe('no scheduled restart of api: it is not being watched');
  });
});

describe('after a stand-down', () => {
  it('another check that fails is critical at once, because nothing will be repaired', () => {
    const responds = check('responds', { repair: [restart] });
    const w = world(config([service('api', [alive(), responds], { startTimeout: 5000 })]));
    w.look = (_name, which) => (which === 'responds' ? 'failing' : 'ok');
    pass(w, 300_000);
    expect(view(w, 'api')?.activity).toBe('stood down');
    const before = w.notices.length;
    const repairs = operations(w).length;
    w.look = (_name, which) => (which === 'responds' ? 'failing' : 'gone');
    pass(w, 15_000);
    const dead = openIncidents(w).find((one) => one.check === 'alive');
    expect(dead?.severity).toBe('critical');
    expect(dead?.told).toEqual(['team', 'oncall']);
    expect(told(w).slice(before)).toEqual(['team failed', 'oncall failed']);
    expect(operations(w)).toHaveLength(repairs);
  });

  it('what was a warning because of a repair to come is raised', () => {
    const responds = check('responds', { repair: [restart] });
    const answers = check('answers', { repair: [restart] });
    const w = world(config([service('api', [responds, answers], { startTimeout: 5000 })]));
    w.look = () => 'failing';
    pass(w, 300_000);
    expect(openIncidents(w).map(({ severity }) => severity)).toEqual(['critical', 'critical']);
  });
});
