import { describe, expect, it } from 'vitest';
import type { Notice } from '../../src/model/notice.ts';
import type { OperatorCommand } from '../../src/model/step.ts';
import { alive, check, config, notifier, service } from './rules.ts';
import {
  checkOf,
  give,
  incidents,
  openIncidents,
  operations,
  order,
  pass,
  probe,
  told,
  view,
  type World,
  world,
} from './world.ts';

const restart = { kind: 'restart' };

function silence(until: number, noRepair = false, services = ['api']): OperatorCommand {
  return {
    do: 'silence',
    silence: { services, checks: [], labels: {}, by: 'anna', comment: 'moving', from: 0, until, noRepair },
  };
}

describe('grouping', () => {
  const rules = config([service('api', [check('responds'), check('answers')])], {
    notices: { groupWait: 30_000 },
  });

  it('gives one message per notifier for what fails together', () => {
    const w = world(rules);
    w.look = () => 'failing';
    pass(w, 49_000);
    expect(w.notices).toEqual([]);
    pass(w, 2000);
    expect(told(w)).toEqual(['team failed', 'oncall failed']);
    expect(w.notices[0]?.items.map((item) => item.check)).toEqual(['responds', 'answers']);
    expect(w.notices[0]?.title).toBe('DOWN api: responds, answers');
    w.look = () => 'ok';
    pass(w, 60_000);
    expect(told(w)).toEqual(['team failed', 'oncall failed', 'team recovered', 'oncall recovered']);
  });

  it('swallows what is over before the wait is', () => {
    const w = world(rules);
    w.look = () => 'failing';
    pass(w, 21_000);
    w.look = () => 'ok';
    pass(w, 300_000);
    expect(incidents(w)).toHaveLength(2);
    expect(w.notices).toEqual([]);
    expect(w.events.filter(({ type }) => type === 'notice-withheld')).toHaveLength(2);
  });

  it('but tells of what was repaired within the wait, once', () => {
    const api = service('api', [alive()], { budget: { ...service('', []).budget, hold: 5000 } });
    const w = world(config([api], { notices: { groupWait: 30_000 } }));
    let dead = true;
    w.look = () => (dead ? 'gone' : 'ok');
    w.operate = () => {
      dead = false;
      return { ok: true, detail: 'started', tookMs: 1 };
    };
    pass(w, 120_000);
    expect(told(w)).toEqual(['team recovered']);
    expect(w.notices[0]).toMatchObject({ status: 'resolved', title: 'UP api/alive after 1 s, restart held' });
  });

  it('puts services that share a root into one message', () => {
    const db = service('db', [check('answers')]);
    const users = ['a', 'b', 'c'].map((name) => service(name, [check('responds')], { dependsOn: ['db'] }));
    const w = world(config([db, ...users], { notices: { groupWait: 20_000 } }));
    w.look = (name) => (name === 'db' ? 'ok' : 'failing');
    pass(w, 60_000);
    expect(told(w)).toEqual(['team failed', 'oncall failed']);
    expect(w.notices[0]?.title).toBe('DOWN 3 services: a, b, c');
  });
});

describe('one cause gives one message', () => {
  it('while the process is down, the other checks of the service have no incidents of their own', () => {
    const w = world(config([service('api', [alive({ repair: [] }), check('responds')])]));
    w.look = () => 'gone';
    pass(w, 600_000);
    expect(openIncidents(w).map((incident) => incident.check)).toEqual(['alive']);
    expect(checkOf(w, 'api', 'responds')?.state).toBe('down');
    expect(told(w)).toEqual(['team failed', 'oncall failed']);
  });

  it('what still fails when the cause is gone is told then, after its own tolerance', () => {
    const w = world(config([service('api', [alive({ repair: [] }), check('responds')])]));
    w.look = () => 'gone';
    pass(w, 60_000);
    w.look = (_name, which) => (which === 'alive' ? 'ok' : 'failing');
    pass(w, 21_000);
    expect(told(w).slice(2)).toEqual(['team recovered', 'oncall recovered']);
    expect(openIncidents(w)).toEqual([]);
    pass(w, 30_000);
    expect(openIncidents(w).map((incident) => incident.check)).toEqual(['responds']);
  });

  it('while a dependency is down, those that depend on it (also indirectly) are neither told nor repaired', () => {
    const rules = [
      service('db', [check('answers')]),
      service('api', [check('responds', { repair: [restart] })], { dependsOn: ['db'] }),
      service('web', [check('responds', { repair: [restart] })], { dependsOn: ['api'] }),
    ];
    const w = world(config(rules));
    w.look = (name) => (name === 'db' ? 'gone' : 'failing');
    pass(w, 600_000);
    expect(openIncidents(w).map((incident) => incident.service)).toEqual(['db']);
    expect(operations(w)).toEqual([]);
    expect(view(w, 'web')?.state).toBe('down');
    w.look = (name) => (name === 'web' ? 'failing' : 'ok');
    pass(w, 60_000);
    expect(openIncidents(w).map((incident) => incident.service)).toEqual(['web']);
    expect(operations(w)).toHaveLength(1);
  });

  it('an incident that was open before its cause is not told of again, and its end is', () => {
    const rules = [
      service('db', [check('answers')]),
      service('api', [check('responds', { remindEvery: 60_000 })], { dependsOn: ['db'] }),
    ];
    const w = world(config(rules));
    w.look = (name) => (name === 'api' ? 'failing' : 'ok');
    pass(w, 25_000);
    w.look = (name) => (name === 'api' ? 'failing' : 'gone');
    pass(w, 300_000);
    expect(told(w).filter((line) => line.includes('reminder'))).toEqual([]);
    w.look = (name) => (name === 'api' ? 'ok' : 'gone');
    pass(w, 30_000);
    expect(
      w.notices.filter(({ kind }) => kind === 'recovered').map(({ title }) => title.slice(0, 16)),
    ).toEqual(['UP api/responds ', 'UP api/responds ']);
  });

  it('a dependency that an operator stopped silences nobody: those that depend on it are told, not repaired', () => {
    const rules = [
      service('db', [alive()]),
      service('api', [check('responds', { repair: [restart] })], { dependsOn: ['db'] }),
      service('web', [check('responds')], { dependsOn: ['api'] }),
      service('mail', [check('responds')], { dependsOn: ['db'] }),
    ];
    const w = world(config(rules));
    pass(w, 5000);
    order(w, { do: 'stop', service: 'db' });
    w.look = () => 'gone';
    pass(w, 600_000);
    expect(openIncidents(w).map((incident) => `${incident.service} ${incident.severity}`)).toEqual([
      'api critical',
      'mail critical',
    ]);
    expect(operations(w)).toHaveLength(1);
    const next = (name: string) =>
      w.notices.flatMap(({ items }) => items).find((item) => item.service === name)?.next;
    expect(next('api')).toBe('no restart just now: it depends on db, which is stopped');
    expect(next('mail')).toBe(
      'nothing by itself: this check has no repair; it depends on db, which is stopped',
    );
    order(w, { do: 'start', service: 'db' });
    w.look = () => 'ok';
    pass(w, 120_000);
    expect(openIncidents(w)).toEqual([]);
  });

  it('a full disk of a database does not silence those that depend on it', () => {
    const rules = [
      service('db', [check('space')]),
      service('api', [check('responds')], { dependsOn: ['db'] }),
    ];
    const w = world(config(rules));
    w.look = () => 'failing';
    pass(w, 60_000);
    expect(openIncidents(w).map((incident) => incident.service)).toEqual(['api', 'db']);
  });
});

describe('the resolve guarantee', () => {
  const rules = config([service('api', [check('responds')])]);
  const open = () => {
    const w = world(rules);
    w.look = () => 'failing';
    pass(w, 25_000);
    expect(told(w)).toEqual(['team failed', 'oncall failed']);
    return w;
  };
  const ends = ['team recovered', 'oncall recovered'];

  it('holds through a silence', () => {
    const w = open();
    order(w, silence(w.now + 3_600_000));
    w.look = () => 'ok';
    pass(w, 30_000);
    expect(told(w).slice(2)).toEqual(ends);
  });

  it('holds through an acknowledgement', () => {
    const w = open();
    order(w, { do: 'acknowledge', incident: openIncidents(w)[0]?.id ?? '', comment: 'on it' });
    w.look = () => 'ok';
    pass(w, 30_000);
    expect(told(w).slice(2)).toEqual(ends);
    expect(w.notices.at(-1)?.items[0]?.acknowledgedBy).toBe('anna');
  });

  it('holds through a maintenance window', () => {
    const window = {
      name: 'backup',
      when: { from: 0, until: 1 },
      services: ['api'],
      groups: [],
      repairs: false,
    };
    const w = open();
    w.config = { ...rules, maintenance: [window] };
    give(w, { type: 'maintenance', active: ['backup'] });
    w.look = () => 'ok';
    pass(w, 30_000);
    expect(told(w).slice(2)).toEqual(ends);
  });

  it('holds through a restart of the agent, and nothing is told twice', () => {
    const w = open();
    w.thorough = true;
    give(w, { type: 'tick' });
    give(w, { type: 'configured', reason: 'start' });
    pass(w, 300_000);
    expect(told(w)).toHaveLength(2);
    w.look = () => 'ok';
    pass(w, 30_000);
    expect(told(w).slice(2)).toEqual(ends);
  });

  it('holds for a notifier that the check no longer names', () => {
    const w = open();
    w.config = config([service('api', [check('responds', { notify: ['team'] })])]);
    give(w, { type: 'configured', reason: 'reload' });
    w.look = () => 'ok';
    pass(w, 30_000);
    expect(told(w).slice(2)).toEqual(ends);
  });

  it('holds when the check, or the service, is taken out of the rules', () => {
    for (const services of [[], [service('api', [check('other')])]]) {
      const w = open();
      w.config = config(services);
      give(w, { type: 'configured', reason: 'reload' });
      expect(told(w).slice(2)).toEqual(['team closed', 'oncall closed']);
      expect(w.notices.at(-1)?.title).toContain('removed from the rules');
    }
  });

  it('does not send ends to a notifier that wants none, nor to one that is gone', () => {
    const w = open();
    w.config = config([service('api', [check('responds')])], {
      notifiers: { team: notifier('team', { sendResolved: false }) },
    });
    give(w, { type: 'configured', reason: 'reload' });
    w.look = () => 'ok';
    pass(w, 30_000);
    expect(told(w)).toHaveLength(2);
  });

  it('goes on to the one that really carried the bad news', () => {
    const w = open();
    const [notice] = w.notices.filter((one) => one.notifier === 'oncall');
    if (!notice) throw new Error('no notice');
    give(w, { type: 'delivered', notice, by: 'pager' });
    w.config = { ...rules, notifiers: { ...rules.notifiers, pager: notifier('pager') } };
    w.look = () => 'ok';
    pass(w, 30_000);
    expect(told(w).slice(2)).toEqual(['team recovered', 'pager recovered']);
  });
});

describe('a fallback', () => {
  const fallback = config([service('api', [check('responds', { remindEvery: 60_000 })])], {
    notifiers: { team: notifier('team', { fallback: ['pager'] }), pager: notifier('pager') },
    notify: ['team'],
  });

  function down(until: number): World {
    const w = world(fallback);
    w.look = () => 'failing';
    pass(w, until);
    return w;
  }

  function recover(w: World): readonly string[] {
    const before = w.notices.length;
    w.look = () => 'ok';
    pass(w, 60_000);
    return told(w).slice(before);
  }

  function noticeOf(w: World, kind: string): Notice {
    const found = w.notices.find((one) => one.kind === kind);
    if (!found) throw new Error(`no ${kind}`);
    return found;
  }

  it('that carries a later notice hears of the end besides the one who heard of the beginning', () => {
    const w = down(100_000);
    give(w, { type: 'delivered', notice: noticeOf(w, 'reminder'), by: 'pager' });
    expect(recover(w)).toEqual(['team recovered', 'pager recovered']);
    expect(w.notices.at(-1)?.alsoTold).toEqual(['team']);
  });

  it('that carries the first notice hears of the end alone', () => {
    const w = down(40_000);
    give(w, { type: 'delivered', notice: noticeOf(w, 'failed'), by: 'pager' });
    expect(recover(w)).toEqual(['pager recovered']);
  });

  it('hears of it besides a notifier that may have got the first notice, and so does that one', () => {
    const w = down(40_000);
    give(w, { type: 'delivered', notice: noticeOf(w, 'failed'), by: 'pager', perhaps: ['team'] });
    expect(recover(w)).toEqual(['team recovered', 'pager recovered']);
  });

  it.each([['before'], ['after']])(
    'does not take it from who heard a reminder %s the first notice got through',
    (when) => {
      const w = down(100_000);
      const reminder = () => give(w, { type: 'delivered', notice: noticeOf(w, 'reminder'), by: 'team' });
      if (when === 'before') reminder();
      give(w, { type: 'delivered', notice: noticeOf(w, 'failed'), by: 'pager' });
      if (when === 'after') reminder();
      expect([...recover(w)].sort()).toEqual(['pager recovered', 'team recovered']);
    },
  );

  it('that got the first notice when all was over hears of the end, the others not again', () => {
    const w = down(40_000);
    recover(w);
    const before = w.notices.length;
    give(w, { type: 'delivered', notice: noticeOf(w, 'failed'), by: 'pager' });
    expect(told(w).slice(before)).toEqual(['pager recovered']);
  });
});

describe('a route', () => {
  it('may name services by a pattern, as silences do', () => {
    const rules = config([service('api-1', [check('a')]), service('web', [check('a')])], {
      routes: [{ match: { services: ['api-*'] }, notify: ['team'], replace: true }],
    });
    const w = world(rules);
    w.look = () => 'failing';
    pass(w, 25_000);
    expect(w.notices.map(({ notifier: name, items }) => `${name} ${items[0]?.service}`).sort()).toEqual([
      'oncall web',
      'team api-1',
      'team web',
    ]);
  });
});

describe('flapping', () => {
  it('is told to those whom the routes name', () => {
    const responds = check('responds', {
      failAfter: { count: 1, of: 1 },
      recoverAfter: { count: 1, of: 1 },
      flapping: { low: 25, high: 30 },
    });
    const w = world(
      config([service('api', [responds], { groups: ['web'] })], {
        notifiers: { team: notifier('team'), web: notifier('web') },
        notify: ['team'],
        routes: [{ match: { groups: ['web'] }, notify: ['web'], replace: true }],
      }),
    );
    for (let i = 0; i < 30; i++) {
      w.look = () => (i % 2 === 0 ? 'failing' : 'ok');
      pass(w, 10_000);
    }
    expect(told(w)).toContain('web flapping');
    expect(told(w).filter((line) => line.startsWith('team'))).toEqual([]);
  });

  it('keeps nobody from hearing that a service stood down, and all that comes after it back', () => {
    const rules = alive({ recoverAfter: { count: 1, of: 1 }, flapping: { low: 1, high: 10 } });
    const budget = { ...service('', []).budget, attempts: 2, hold: 30_000 };
    const w = world(config([service('api', [rules], { budget })], { notices: { groupWait: 60_000 } }));
    let passes = 0;
    w.look = () => {
      passes -= 1;
      return passes >= 0 ? 'ok' : 'gone';
    };
    w.operate = () => {
      passes = 1;
      return { ok: true, detail: 'started', tookMs: 1 };
    };
    const isFlapping = () => checkOf(w, 'api', 'alive')?.flap.flapping;
    for (let i = 0; i < 60 && !w.events.some(({ type }) => type === 'stood-down'); i++) pass(w, 1000);
    expect(isFlapping()).toBe(true);
    pass(w, 61_000);
    expect(isFlapping()).toBe(true);
    expect(told(w).filter((line) => line.endsWith(' failed'))).toEqual(['team failed', 'oncall failed']);
    passes = 12;
    pass(w, 120_000);
    expect(told(w)).toContain('team recovered');
    pass(w, 70_000);
    expect(openIncidents(w)).toHaveLength(1);
    expect(isFlapping()).toBe(true);
    expect(told(w).filter((line) => line.endsWith(' failed'))).toHaveLength(2);
  });
});

describe('mutes', () => {
  it('a silence keeps the beginning back; when it ends and all is still down, it is told then', () => {
    const w = world(config([service('api', [check('responds')])]));
    order(w, silence(w.now + 600_000));
    w.look = () => 'failing';
    pass(w, 599_000);
    expect(w.notices).toEqual([]);
    expect(w.events.filter(({ type }) => type === 'notice-withheld')).toHaveLength(1);
    pass(w, 2000);
    expect(told(w)).toEqual(['team failed', 'oncall failed']);
  });

  it('what recovers in silence is never told', () => {
    const w = world(config([service('api', [check('responds')])]));
    order(w, silence(w.now + 600_000));
    w.look = () => 'failing';
    pass(w, 100_000);
    w.look = () => 'ok';
    pass(w, 900_000);
    expect(w.notices).toEqual([]);
  });

  it('a silence matches by service, check and label, with stars', () => {
    const rules = [
      service('web-1', [check('responds', { labels: { team: 'blue' } })]),
      service('web-2', [check('responds')]),
    ];
    for (const [part, silent] of [
      [{ services: ['web-*'] }, ['web-1', 'web-2']],
      [{ services: ['web-1'] }, ['web-1']],
      [{ checks: ['web-2/responds'] }, ['web-2']],
      [{ labels: { team: 'blue' } }, ['web-1']],
      [{ checks: ['other'] }, []],
    ] as const) {
      const w = world(config(rules));
      const blank = {
        services: [],
        checks: [],
        labels: {},
        by: 'anna',
        comment: '',
        from: 0,
        noRepair: false,
      };
      order(w, { do: 'silence', silence: { ...blank, ...part, until: w.now + 600_000 } });
      w.look = () => 'failing';
      pass(w, 60_000);
      const heard = new Set(w.notices.flatMap(({ items }) => items.map((item) => item.service)));
      expect(['web-1', 'web-2'].filter((name) => !heard.has(name))).toEqual(silent);
    }
  });

  it('no_repair holds repairs back, a plain silence does not', () => {
    for (const noRepair of [true, false]) {
      const w = world(config([service('api', [alive()])]));
      order(w, silence(w.now + 600_000, noRepair));
      w.look = () => 'gone';
      pass(w, 590_000);
      expect(operations(w).length > 0).toBe(!noRepair);
      expect(w.notices).toEqual([]);
      pass(w, 60_000);
      expect(operations(w).length).toBeGreaterThan(0);
    }
  });

  it('a maintenance window mutes, and repairs only where it says so', () => {
    for (const repairs of [true, false]) {
      const window = { name: 'backup', when: { from: 0, until: 1 }, services: [], groups: ['web'], repairs };
      const w = world(config([service('api', [alive()], { groups: ['web'] })], { maintenance: [window] }));
      give(w, { type: 'maintenance', active: ['backup'] });
      w.look = () => 'gone';
      pass(w, 600_000);
      expect(w.notices).toEqual([]);
      expect(operations(w).length > 0).toBe(repairs);
      give(w, { type: 'maintenance', active: [] });
      pass(w, 100);
      expect(told(w)[0]).toBe('team failed');
    }
  });

  it('an acknowledgement ends reminders and escalation, and may run out', () => {
    const responds = check('responds', {
      remindEvery: 60_000,
      escalate: [{ after: 120_000, notify: ['boss'] }],
    });
    const w = world(
      config([service('api', [responds])], {
        notifiers: { team: notifier('team'), boss: notifier('boss') },
        notify: ['team'],
      }),
    );
    w.look = () => 'failing';
    pass(w, 30_000);
    order(w, { do: 'acknowledge', incident: openIncidents(w)[0]?.id ?? '', until: w.now + 300_000 });
    pass(w, 299_000);
    expect(told(w)).toEqual(['team failed']);
    pass(w, 20_000);
    expect(told(w).slice(1).sort()).toEqual(['boss escalated', 'team escalated']);
  });

  it('flapping is told once; then only ends are, until it is steady', () => {
    const responds = check('responds', {
      failAfter: { count: 1, of: 1 },
      recoverAfter: { count: 1, of: 1 },
      flapping: { low: 20, high: 40 },
    });
    const w = world(config([service('api', [responds])]));
    for (let i = 0; i < 30; i++) {
      w.look = () => (i % 2 === 0 ? 'failing' : 'ok');
      pass(w, 10_000);
    }
    expect(told(w).filter((line) => line === 'team flapping')).toHaveLength(1);
    expect(w.notices.find(({ kind }) => kind === 'flapping')?.title).toMatch(
      /^FLAPPING api\/responds: it keeps changing \(\d+ % of its readings\)$/,
    );
    const [failed, ended] = ['team failed', 'team recovered'].map(
      (line) => told(w).filter((one) => one === line).length,
    );
    expect(failed).toBe(ended);
    expect(failed).toBeLessThan(8);
    w.look = () => 'failing';
    pass(w, 300_000);
    expect(told(w).at(-1)).toMatch(/failed$/);
  });
});

describe('routing', () => {
  it('adds, replaces, and looks at severity, group, label and hours', () => {
    const rules = (routes: ReturnType<typeof config>['routes']) =>
      config(
        [
          service('api', [check('responds', { notify: ['team'], labels: { tier: '1' } })], {
            groups: ['web'],
          }),
        ],
        {
          notifiers: { team: notifier('team'), night: notifier('night') },
          routes,
        },
      );
    const hours = { cron: '0 22 * * *', duration: 8 * 3_600_000 };
    for (const [match, replace, expected] of [
      [{ groups: ['web'] }, false, ['team failed', 'night failed']],
      [{ groups: ['web'] }, true, ['night failed']],
      [{ groups: ['db'] }, true, ['team failed']],
      [{ labels: { tier: '1' } }, true, ['night failed']],
      [{ severity: 'warning' as const }, true, ['team failed']],
      [{ services: ['api'], severity: 'critical' as const }, true, ['night failed']],
      [{ during: hours }, true, ['team failed']],
    ] as const) {
      const w = world(rules([{ match, notify: ['night'], replace }]));
      w.look = () => 'failing';
      pass(w, 30_000);
      expect(told(w)).toEqual(expected);
    }
    const w = world(rules([{ match: { during: hours }, notify: ['night'], replace: true }]));
    give(w, { type: 'maintenance', active: [], routes: [0] });
    w.look = () => 'failing';
    pass(w, 30_000);
    expect(told(w)).toEqual(['night failed']);
  });
});

describe('reminders and escalation', () => {
  it('remind at their interval, and look different from the first one', () => {
    const w = world(
      config([service('api', [check('responds', { remindEvery: 600_000, notify: ['team'] })])]),
    );
    w.look = () => 'failing';
    pass(w, 1_900_000);
    expect(told(w)).toEqual(['team failed', 'team reminder', 'team reminder', 'team reminder']);
    expect(w.notices[2]?.title).toMatch(/^STILL DOWN api\/responds for 20 m/);
  });

  it('escalate by time, step by step, and all of them hear of the end', () => {
    const responds = check('responds', {
      notify: ['team'],
      escalate: [
        { after: 300_000, notify: ['lead'] },
        { after: 900_000, notify: ['boss'], severity: 'critical' },
      ],
    });
    const notifiers = Object.fromEntries(['team', 'lead', 'boss'].map((name) => [name, notifier(name)]));
    const w = world(config([service('api', [responds])], { notifiers }));
    w.look = () => 'failing';
    pass(w, 1_000_000);
    w.look = () => 'ok';
    pass(w, 30_000);
    expect(told(w)).toEqual([
      'team failed',
      'team escalated',
      'lead escalated',
      'team escalated',
      'boss escalated',
      'team recovered',
      'lead recovered',
      'boss recovered',
    ]);
    expect(w.notices[4]?.title).toMatch(
      /^STILL DOWN api\/responds for 15 m .*, nobody has taken it: latency 812 ms/,
    );
  });
});

describe('rate limit', () => {
  it('tells the end of what was in a digest once, also when it ends right before the digest', () => {
    const limited = notifier('team', { rateLimit: { messages: 1, window: 60_000 } });
    const names = ['a', 'b'];
    const w = world(
      config(
        names.map((name) => service(name, [check('responds')])),
        { notifiers: { team: limited }, notify: ['team'], notices: { groupWait: 15_000 } },
      ),
    );
    w.look = () => 'failing';
    pass(w, 75_000);
    w.look = () => 'ok';
    // It is up again at 90 s, the digest may go at 95 s, and its group waits until 105 s.
    pass(w, 600_000);
    const about = w.notices.flatMap(({ kind, items }) =>
      items.flatMap(({ service: name, status }) => (name === 'b' ? [`${kind} ${status}`] : [])),
    );
    expect(about.filter((line) => line.endsWith('resolved'))).toHaveLength(1);
  });

  it('gives a digest for what is over it, and ends for all that was told', () => {
    const names = Array.from({ length: 20 }, (_, index) => `s${index}`);
    const limited = notifier('team', { rateLimit: { messages: 5, window: 600_000 } });
    const w = world(
      config(
        names.map((name) => service(name, [check('responds')])),
        { notifiers: { team: limited } },
      ),
    );
    w.look = () => 'failing';
    pass(w, 60_000);
    expect(told(w)).toEqual(Array(5).fill('team failed'));
    pass(w, 600_000);
    expect(told(w).slice(5)).toEqual(['team digest']);
    expect(w.notices.at(-1)?.items).toHaveLength(15);
    w.look = () => 'ok';
    pass(w, 1_200_000);
    const over = new Set(
      w.notices.flatMap(({ items }) =>
        items.flatMap((item) => (item.status === 'resolved' ? [item.incident] : [])),
      ),
    );
    expect(over.size).toBe(20);
    expect(w.notices.filter(({ kind }) => kind === 'recovered').length).toBeGreaterThanOrEqual(5);
  });
});

describe('the agent itself', () => {
  it('tells of a broken notifier through the others, once, and of its end', () => {
    const w = world(config([service('api', [check('responds')])]));
    for (let i = 0; i < 3; i++) {
      give(w, { type: 'delivery', notifier: 'oncall', working: false, reason: 'connection refused' });
    }
    expect(told(w)).toEqual(['team agent']);
    expect(w.notices[0]?.title).toBe('DOWN notifier oncall: connection refused');
    give(w, { type: 'delivery', notifier: 'oncall', working: true });
    give(w, { type: 'delivery', notifier: 'oncall', working: true });
    expect(w.notices.map(({ status }) => status)).toEqual(['firing', 'resolved']);
  });

  it('tells of a refused reload, and of the one that was accepted', () => {
    const w = world(config([service('api', [check('responds')])]));
    give(w, { type: 'reload-refused', summary: '2 problems in api.yaml' });
    give(w, { type: 'reload-refused', summary: '3 problems in api.yaml' });
    give(w, { type: 'configured', reason: 'reload' });
    expect(w.notices.filter(({ notifier: name }) => name === 'team').map(({ status }) => status)).toEqual([
      'firing',
      'resolved',
    ]);
  });

  it('writes everything it knows into a notice', () => {
    const api = service('api', [check('responds')], {
      description: 'Public API',
      runbook: 'https://wiki.example/api',
      groups: ['web'],
      labels: { team: 'blue' },
    });
    const w = world(config([api]));
    probe(w, 'api/responds');
    w.look = () => 'failing';
    pass(w, 30_000);
    expect(w.notices[0]).toMatchObject({
      id: `${incidents(w)[0]?.id}/1/team`,
      host: 'web-1',
      items: [
        {
          service: 'api',
          check: 'responds',
          status: 'firing',
          measured: '812 ms',
          expected: '< 500 ms',
          tolerance: '3 of 3 cycles',
          history: ['41 ms', '*812 ms', '*812 ms', '*812 ms'],
          description: 'Public API',
          runbook: 'https://wiki.example/api',
          groups: ['web'],
          labels: { team: 'blue' },
          next: 'nothing by itself: this check has no repair',
        },
      ],
    });
  });
});

it('a state that was damaged is told once, and has no end', () => {
  const w = world(config([service('api', [alive()])]));
  give(w, {
    type: 'state-damaged',
    text: 'the state file was damaged (line 7): it is kept as state.log.corrupt-1',
  });
  expect(told(w)).toEqual(['team agent', 'oncall agent']);
  expect(w.notices[0]).toMatchObject({ status: 'info', severity: 'critical', topic: 'state-damaged' });
  expect(w.notices[0]?.text).toMatch(
    /^At its start the state file was damaged \(line 7\).*corrupt-1\. What is wrong/,
  );
  expect(w.events.at(-1)).toMatchObject({ type: 'state-damaged' });
});

it('a state that cannot be saved is told once, and so is its end', () => {
  const w = world(config([service('api', [check('responds')])]));
  give(w, { type: 'saving' });
  expect(told(w)).toEqual([]);
  give(w, { type: 'saving', trouble: 'no space left on the disk (ENOSPC)' });
  give(w, { type: 'saving', trouble: 'no space left on the disk (ENOSPC)' });
  const began = w.now;
  pass(w, 60_000);
  give(w, { type: 'saving' });
  expect(told(w)).toEqual(['team agent', 'oncall agent', 'team agent', 'oncall agent']);
  expect(w.notices[0]).toMatchObject({
    status: 'firing',
    topic: 'state',
    title: 'DOWN state of the agent: it cannot be saved: no space left on the disk (ENOSPC)',
  });
  expect(w.notices[2]).toMatchObject({ status: 'resolved', topic: 'state', startedAt: began });
  expect(w.notices[2]?.text).toContain('It lasted 1 m.');
});
