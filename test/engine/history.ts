import fc from 'fast-check';
import { newEntry } from '../../src/engine/notices/delivery.ts';
import { newsOf, orphans } from '../../src/engine/notices/heard.ts';
import { shelfValues } from '../../src/lib/shelf.ts';
import type { Config } from '../../src/model/config.ts';
import type { ManagerReport } from '../../src/model/manager.ts';
import type { Service } from '../../src/model/service.ts';
import { alive, check, config, notifier, service } from './rules.ts';
import {
  crash,
  give,
  type Look,
  openIncidents,
  order,
  pass,
  probe,
  report,
  schedule,
  type World,
  world,
} from './world.ts';

/** Something that happens in a random history, `after` milliseconds of ordinary life. */
export type Happening = { readonly after: number } & (
  | {
      readonly what: 'look';
      readonly service: number;
      readonly check: number;
      readonly look: Look;
      readonly mends: boolean;
    }
  | {
      readonly what: 'command';
      readonly service: number;
      readonly do: 'monitor' | 'start' | 'stop' | 'restart' | 'reload';
    }
  | { readonly what: 'unmonitor'; readonly service: number; readonly for: number | undefined }
  | { readonly what: 'acknowledge'; readonly until: number | undefined }
  | {
      readonly what: 'silence';
      readonly service: number;
      readonly for: number;
      readonly noRepair: boolean;
      /** By label, and so of several services at once. */
      readonly byLabel: boolean;
    }
  /** A check goes to and fro with every reading. */
  | { readonly what: 'to and fro'; readonly service: number; readonly check: number; readonly for: number }
  /** A notifier breaks, or works again. */
  | { readonly what: 'delivery'; readonly notifier: string; readonly working: boolean }
  /** One of the newest notices was carried by another than the one it was written for, who perhaps got it, too. */
  | { readonly what: 'delivered'; readonly which: number; readonly perhaps: boolean }
  | { readonly what: 'maintenance'; readonly on: boolean }
  | { readonly what: 'trust'; readonly trusted: boolean }
  | { readonly what: 'holding'; readonly service: number; readonly on: boolean }
  | {
      readonly what: 'report';
      readonly service: number;
      readonly report: Pick<ManagerReport, 'intent' | 'activity'>;
    }
  | { readonly what: 'operations'; readonly work: boolean }
  | { readonly what: 'calendar'; readonly service: number }
  | { readonly what: 'reload'; readonly rules: number }
  /** The wall clock is set; time itself goes on as ever. */
  | { readonly what: 'clock'; readonly by: number }
  | { readonly what: 'take back'; readonly which: 'silence' | 'acknowledgement' }
  | { readonly what: 'restart of the agent' }
  /** The agent is killed, and the clock is set back by so much before it is started again. */
  | { readonly what: 'kill'; readonly setBack: number }
);

const checks = [
  alive(),
  check('responds', { repair: [{ kind: 'reload' }, { kind: 'restart' }], retryEvery: 2000 }),
  check('leak', {
    failAfter: { count: 3, of: 5 },
    escalate: [{ after: 120_000, notify: ['boss'] }],
    remindEvery: 90_000,
    flapping: { low: 8, high: 18 },
    labels: { tier: 'slow' },
  }),
  check('age', { failAfter: { duration: 25_000 }, recoverAfter: { duration: 15_000 }, unknownAfter: 20_000 }),
  // The last resort, and told to few.
  check('harm', { repair: [{ kind: 'stop' }], severity: 'warning', labels: { tier: 'slow' } }),
];

const budget = {
  attempts: 2,
  window: 300_000,
  backoff: { min: 2000, max: 60_000 },
  hold: 20_000,
  retryAfter: 150_000,
  retryTimes: 1,
};

const services: readonly Service[] = [
  service('db', checks, { budget, startTimeout: 8000 }),
  service('api', checks, { budget, startTimeout: 8000, dependsOn: ['db'], groups: ['web'] }),
  service('web', checks, {
    budget,
    startTimeout: 8000,
    dependsOn: ['api'],
    groups: ['web'],
    restartAfterDependency: true,
  }),
  // On its own, so that nothing but the group keeps it from being repaired together with the others.
  service('job', checks, { budget, startTimeout: 8000, groups: ['web'] }),
];

const window = {
  name: 'backup',
  when: { from: 0, until: 1 },
  services: ['api', 'job'],
  groups: [],
  repairs: false,
};

function rules(changed: (service: Service) => readonly Service[], groupWait = 10_000): Config {
  return config(services.flatMap(changed), {
    notifiers: {
      team: notifier('team'),
      oncall: notifier('oncall', { minSeverity: 'critical' }),
      boss: notifier('boss', { rateLimit: { messages: 2, window: 120_000 } }),
      pager: notifier('pager'),
      log: notifier('log', { sendResolved: false }),
    },
    notify: ['team', 'oncall', 'boss', 'log'],
    routes: [{ match: { services: ['w*'] }, notify: ['pager'], replace: false }],
    maintenance: [window],
    notices: { groupWait },
    maxRepairs: { host: 2, groups: { web: 1 } },
  });
}

/** What a reload may switch to; the first one is the beginning and the end of every history. */
export const ruleSets: readonly Config[] = [
  rules((one) => [one]),
  rules((one) => [{ ...one, checks: one.checks.filter(({ name }) => name !== 'responds') }], 0),
  rules((one) => (one.name === 'web' ? [] : [{ ...one, mode: 'passive' as const }])),
  rules((one) => [{ ...one, checks: one.checks.map(({ flapping: _, ...check }) => check) }]),
];

const anyService = fc.nat(3);

export const happening: fc.Arbitrary<Happening> = fc
  .tuple(
    fc.oneof(
      { weight: 5, arbitrary: fc.nat(10_000) },
      { weight: 5, arbitrary: fc.nat(120_000) },
      { weight: 1, arbitrary: fc.nat(600_000) },
    ),
    fc.oneof(
      {
        weight: 14,
        arbitrary: fc.record({
          what: fc.constant('look' as const),
          service: anyService,
          // Mostly those that have repairs, and mostly something wrong: a history of good days shows little.
          check: fc.constantFrom(0, 1, 0, 1, 2, 3, 4),
          look: fc.constantFrom<Look>('ok', 'failing', 'failing', 'gone', 'gone', 'warning', 'unknown'),
          mends: fc.boolean(),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          what: fc.constant('command' as const),
          service: anyService,
          do: fc.constantFrom(
            'monitor' as const,
            'start' as const,
            'stop' as const,
            'restart' as const,
            'reload' as const,
          ),
        }),
      },
      fc.record({
        what: fc.constant('unmonitor' as const),
        service: anyService,
        for: fc.option(fc.nat(100_000), { nil: undefined }),
      }),
      fc.record({
        what: fc.constant('acknowledge' as const),
        until: fc.option(fc.nat(100_000), { nil: undefined }),
      }),
      fc.record({
        what: fc.constant('silence' as const),
        service: anyService,
        for: fc.nat(400_000),
        noRepair: fc.boolean(),
        byLabel: fc.boolean(),
      }),
      {
        weight: 2,
        arbitrary: fc.record({
          what: fc.constant('to and fro' as const),
          service: anyService,
          check: fc.constantFrom(2, 2, 3),
          for: fc.integer({ min: 60_000, max: 150_000 }),
        }),
      },
      fc.record({
        what: fc.constant('delivery' as const),
        notifier: fc.constantFrom('team', 'boss'),
        working: fc.boolean(),
      }),
      {
        weight: 3,
        arbitrary: fc.record({
          what: fc.constant('delivered' as const),
          which: fc.nat(4),
          perhaps: fc.boolean(),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          what: fc.constant('maintenance' as const),
          on: fc.constantFrom(true, true, false),
        }),
      },
      fc.record({ what: fc.constant('trust' as const), trusted: fc.boolean() }),
      fc.record({ what: fc.constant('holding' as const), service: anyService, on: fc.boolean() }),
      fc.record({
        what: fc.constant('report' as const),
        service: anyService,
        report: fc.constantFrom(
          { intent: 'run' as const, activity: 'running' as const },
          { intent: 'run' as const, activity: 'restarting' as const },
          { intent: 'stopped' as const, activity: 'stopped' as const },
          { intent: 'unknown' as const, activity: 'stopped' as const },
        ),
      }),
      fc.record({ what: fc.constant('operations' as const), work: fc.boolean() }),
      { weight: 3, arbitrary: fc.record({ what: fc.constant('calendar' as const), service: anyService }) },
      {
        weight: 2,
        arbitrary: fc.record({
          what: fc.constant('reload' as const),
          rules: fc.constantFrom(0, 0, 1, 2, 3, 3),
        }),
      },
      fc.record({ what: fc.constant('clock' as const), by: fc.integer({ min: -7_200_000, max: 7_200_000 }) }),
      fc.record({
        what: fc.constant('take back' as const),
        which: fc.constantFrom('silence' as const, 'acknowledgement' as const),
      }),
      fc.record({ what: fc.constant('restart of the agent' as const) }),
      fc.record({
        what: fc.constant('kill' as const),
        setBack: fc.oneof(fc.constant(0), fc.nat(7_200_000)),
      }),
    ),
  )
  .map(([after, what]) => ({ after, ...what }));

export const history = fc.array(happening, { minLength: 1, maxLength: 40 });

/** A world whose services are as the history makes them, until an operation mends what can be mended. */
export function livingWorld(changes: Partial<World> = {}): {
  w: World;
  live: (happening: Happening) => void;
} {
  const looks = new Map<string, { look: Look; mends: boolean }>();
  let work = true;
  const [first] = ruleSets;
  if (!first) throw new Error('no rules');
  const w = world(first, {
    look: (name, which) => looks.get(`${name}/${which}`)?.look ?? 'ok',
    operate: (name, { kind }) => {
      if (!work) return { ok: false, detail: 'exit code 1', tookMs: 1 };
      for (const [key, { mends }] of looks) if (mends && key.startsWith(`${name}/`)) looks.delete(key);
      return { ok: true, detail: `${kind}ed`, tookMs: 1 };
    },
    ...changes,
  });
  const live = (one: Happening): void => {
    pass(w, one.after);
    const name = 'service' in one ? (services[one.service]?.name ?? '') : '';
    switch (one.what) {
      case 'look':
        looks.set(`${name}/${checks[one.check]?.name}`, { look: one.look, mends: one.mends });
        return;
      case 'command':
        order(w, { do: one.do, service: name });
        return;
      case 'unmonitor':
        order(w, { do: 'unmonitor', service: name, ...(one.for !== undefined && { for: one.for }) });
        return;
      case 'acknowledge': {
        const incident = openIncidents(w)[0]?.id ?? 'none';
        order(w, {
          do: 'acknowledge',
          incident,
          ...(one.until !== undefined && { until: w.now + w.wallShift + one.until }),
        });
        return;
      }
      case 'silence': {
        const { noRepair, byLabel } = one;
        const blank = {
          checks: [],
          labels: byLabel ? { tier: 'slow' } : {},
          by: 'anna',
          comment: '',
          from: 0,
          noRepair,
        };
        order(w, {
          do: 'silence',
          silence: { ...blank, services: byLabel ? [] : [name], until: w.now + w.wallShift + one.for },
        });
        return;
      }
      case 'to and fro': {
        const key = `${name}/${checks[one.check]?.name}`;
        for (let time = 0; time < one.for; time += 10_000) {
          looks.set(key, { look: (time / 10_000) % 2 === 0 ? 'failing' : 'ok', mends: false });
          pass(w, 10_000);
        }
        return;
      }
      case 'delivery':
        give(w, {
          type: 'delivery',
          notifier: one.notifier,
          working: one.working,
          ...(!one.working && { reason: 'refused' }),
        });
        return;
      case 'delivered':
        carriedByAnother(w, one.which, one.perhaps);
        return;
      case 'maintenance':
        give(w, { type: 'maintenance', active: one.on ? ['backup'] : [] });
        return;
      case 'trust':
        give(w, { type: 'trust', trusted: one.trusted, ...(!one.trusted && { reason: 'the clock jumped' }) });
        return;
      case 'holding':
        give(w, { type: 'holding', service: name, ...(one.on && { reason: 'a lock file exists' }) });
        return;
      case 'report':
        report(w, name, one.report);
        return;
      case 'operations':
        work = one.work;
        return;
      case 'calendar':
        give(w, { type: 'calendar', service: name, due: 'restart' });
        return;
      case 'reload':
        w.config = ruleSets[one.rules] ?? w.config;
        schedule(w);
        give(w, { type: 'configured', reason: 'reload' });
        return;
      case 'clock':
        w.wallShift += one.by;
        // What the shell does once it has seen it: distrust, and the calendar anew; then trust again.
        give(w, { type: 'trust', trusted: false, reason: 'the clock was set' });
        pass(w, 5000);
        give(w, { type: 'trust', trusted: true });
        return;
      case 'take back': {
        const acknowledged = openIncidents(w).find((incident) => incident.acknowledged);
        const silence = w.state.silences.at(-1);
        if (one.which === 'silence' && silence) order(w, { do: 'unsilence', id: silence.id });
        if (one.which === 'acknowledgement' && acknowledged)
          order(w, { do: 'unacknowledge', incident: acknowledged.id });
        return;
      }
      case 'kill':
        w.wallShift -= one.setBack;
        crash(w);
        return;
      case 'restart of the agent':
        w.underway.splice(0);
        give(w, { type: 'configured', reason: 'start' });
    }
  };
  return { w, live };
}

/** As the deliverer tells it after a fallback took a notice; once for each, and what waited for the other is dropped. */
function carriedByAnother(w: World, which: number, perhaps: boolean): void {
  const firing = w.notices.filter(({ status, items, notifier: of }) => {
    return status === 'firing' && items.length > 0 && of !== 'pager' && of !== 'log';
  });
  const notice = firing.at(-1 - which);
  if (!notice || w.carried.has(notice.id)) return;
  // Its notifier has told of the same since then, so it has carried this one, too: lines are in order.
  const about = new Set(notice.items.map(({ incident }) => incident));
  const later = firing.slice(firing.indexOf(notice) + 1).filter(({ notifier: of }) => of === notice.notifier);
  if (later.some(({ id, items }) => !w.carried.has(id) && items.some(({ incident }) => about.has(incident))))
    return;
  w.carried.set(notice.id, perhaps);
  const entry = { ...newEntry(notice, 1, w.now), ...(perhaps && { perhaps: [notice.notifier] }) };
  const ends = w.notices.filter((one) => one.status === 'resolved' && !w.dropped.has(one.id));
  const waiting = ends.map((one, number) => newEntry(one, number, w.now));
  for (const { entry: end, left } of orphans(waiting, entry, w.state)) {
    if (left === undefined) w.dropped.add(end.notice.id);
    else w.notices.splice(w.notices.indexOf(end.notice), 1, left.notice);
  }
  const news = newsOf(entry, 'pager');
  if (news) give(w, news);
}

/** Everything is well again and nothing is held back; then forty quiet minutes. */
export function calmDown({ w }: { w: World }): void {
  w.look = () => 'ok';
  w.operate = () => ({ ok: true, detail: 'done', tookMs: 1 });
  w.config = ruleSets[0] ?? w.config;
  schedule(w);
  give(w, { type: 'configured', reason: 'reload' });
  give(w, { type: 'trust', trusted: true });
  give(w, { type: 'maintenance', active: [] });
  for (const { id } of w.state.silences) order(w, { do: 'unsilence', id });
  for (const name of ['team', 'boss']) give(w, { type: 'delivery', notifier: name, working: true });
  for (const { name } of services) {
    give(w, { type: 'holding', service: name });
    report(w, name, { intent: 'run', activity: 'stopped' });
    report(w, name, { intent: 'run', activity: 'running' });
    order(w, { do: 'monitor', service: name });
  }
  // What a repair was just about to stop waits for somebody to start it.
  pass(w, 5000);
  for (const { name, stop } of shelfValues(w.state.services)) {
    if (stop) order(w, { do: 'start', service: name });
  }
  pass(w, 2_400_000);
}

/** Looks at everything once more than its turn, and at the clock. */
export function nudgeAll(w: World): void {
  for (const key of [...w.due.keys()]) if (key !== 'tick') probe(w, key);
  give(w, { type: 'tick' });
}
