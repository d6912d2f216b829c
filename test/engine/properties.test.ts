import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getFromShelf } from '../../src/lib/shelf.ts';
import type { CheckState } from '../../src/model/state.ts';
import { calmDown, type Happening, history, livingWorld, nudgeAll } from './history.ts';
import {
  beginsWhatIsForeseen,
  everybodyKnows,
  mayOperate,
  nothingWaits,
  noticeIdsDiffer,
  sameList,
  withinBudget,
} from './invariants.ts';
import { serviceOf, type World } from './world.ts';

/** Enough for every run of the suite; `RUNS=5000` for a long look. */
const RUNS = Number(process.env.RUNS ?? 80);

function holds(
  histories: fc.Arbitrary<Happening[]>,
  runs: number,
  check: (all: readonly Happening[]) => void,
): void {
  // Shrinking would live through thousands of histories; the seed that is printed gives the same one again.
  fc.assert(fc.property(histories, check), { numRuns: Math.ceil(runs), endOnFailure: true });
}

function only(...kinds: readonly Happening['what'][]): fc.Arbitrary<Happening[]> {
  return history.map((all) => all.filter(({ what }) => kinds.includes(what)));
}

function live(happenings: readonly Happening[], changes: Partial<World> = {}): World {
  const living = livingWorld(changes);
  for (const happening of happenings) living.live(happening);
  return living.w;
}

describe('over random histories', { timeout: 240_000 }, () => {
  it('there are never more repairs than the budget allows in any window', () => {
    // What a human starts over begins with a new budget, and so does a service that was out of the rules.
    const nobodyStartsOver = history.map((all) =>
      all
        .filter(({ what }) => what !== 'command' && what !== 'unmonitor')
        .map((one) => (one.what === 'reload' && one.rules === 2 ? { ...one, rules: 1 } : one))
        // Between two lives only the wall clock tells how long ago a repair was: set forward, it cannot be told.
        .map((one) => (one.what === 'clock' ? { ...one, by: -Math.abs(one.by) } : one)),
    );
    holds(nobodyStartsOver, RUNS, (happenings) => withinBudget(live(happenings), 2, 300_000));
  });

  it('whoever was told of a beginning is told of exactly one end, and of nothing after it', () => {
    holds(history, RUNS, (happenings) => {
      const w = live(happenings);
      calmDown({ w });
      everybodyKnows(w);
      nothingWaits(w);
      noticeIdsDiffer(w);
    });
  });

  it('nothing is done while stopped, unmonitored, silenced, held, passive, distrusted, busy or crowded', () => {
    holds(history, 2 * RUNS, (happenings) => {
      const living = livingWorld();
      living.w.watch = (action) => mayOperate(living.w, action);
      for (const happening of happenings) living.live(happening);
    });
  });

  it('a repair that is foreseen is what the step begins', () => {
    let foreseen = 0;
    holds(history, 5 * RUNS, (happenings) => {
      const living = livingWorld();
      const { w } = living;
      w.takeStep = (input, at, take) => {
        foreseen += beginsWhatIsForeseen(w, input, at);
        return take();
      };
      for (const happening of happenings) living.live(happening);
    });
    expect(foreseen).toBeGreaterThan(RUNS / 2);
  });

  it('nudges change only when things happen, not what comes of them', () => {
    holds(only('look', 'trust', 'holding'), RUNS / 2, (happenings) => {
      sameList('service', outcome(happenings, true), outcome(happenings, false));
    });
  });

  it('passes that are no news may be passed over: what is decided is the same', () => {
    let passedOver = 0;
    holds(history, RUNS, (happenings) => {
      const told = livingWorld();
      const spared = livingWorld({ passOver: true });
      for (const living of [told, spared]) {
        for (const happening of happenings) living.live(happening);
        calmDown(living);
      }
      sameList('notice', told.w.notices, spared.w.notices);
      sameList('event', told.w.events, spared.w.events);
      sameList('action', told.w.actions, spared.w.actions);
      passedOver += spared.w.passedOver;
    });
    expect(passedOver).toBeGreaterThan(RUNS);
  });

  it('saved and restored after every step, the future is the same', () => {
    holds(history, RUNS / 4, (happenings) => {
      const plain = livingWorld();
      const stored = livingWorld({ thorough: true });
      for (const living of [plain, stored]) {
        for (const happening of happenings) living.live(happening);
        living.w.thorough = false;
        calmDown(living);
      }
      sameList('notice', plain.w.notices, stored.w.notices);
      sameList('event', plain.w.events, stored.w.events);
      sameList('action', plain.w.actions, stored.w.actions);
    });
  });
});

describe('the random histories', { timeout: 120_000 }, () => {
  it('reach what the properties are about', () => {
    const seen = new Set<string>();
    for (const happenings of fc.sample(history, { numRuns: 120, seed: 7 })) {
      const w = live(happenings);
      for (const { type, text } of w.events) {
        seen.add(type);
        if (text.includes('stood down again')) seen.add('a second try that failed');
        if (text.includes('asked for by the schedule')) seen.add('a scheduled restart');
        if (text.startsWith('no scheduled restart')) seen.add('a scheduled restart withheld');
        if (text.includes('was stopped by the repair')) seen.add('a repair that stopped');
        if (text.includes('no longer looked at for flapping')) seen.add('flapping switched off');
      }
      for (const { kind } of w.notices) seen.add(`notice ${kind}`);
      if (w.carried.size > 0) seen.add('carried by another');
      if (w.lived > 0) seen.add('a clock behind between two lives');
    }
    expect(expected.filter((one) => !seen.has(one))).toEqual([]);
  });
});

const expected = [
  ...[
    'flapping',
    'flapping-ended',
    'stood-down',
    'repair-held',
    'repair-failed',
    'repair-withheld',
    'notifier-failed',
  ],
  ...[
    'failed',
    'unknown',
    'escalated',
    'reminder',
    'stood-down',
    'flapping',
    'digest',
    'recovered',
    'closed',
    'agent',
  ].map((kind) => `notice ${kind}`),
  ...[
    'a second try that failed',
    'a scheduled restart',
    'a scheduled restart withheld',
    'a repair that stopped',
  ],
  ...['flapping switched off', 'carried by another', 'a clock behind between two lives'],
];

/** What has become of every service in the end, when nothing changes any more and no budget decides. */
function outcome(happenings: readonly Happening[], nudged: boolean): readonly unknown[] {
  const living = livingWorld();
  for (const happening of happenings) {
    living.live(happening);
    if (nudged) nudgeAll(living.w);
  }
  for (const service of [0, 1, 2, 3]) {
    living.live({ after: 0, what: 'holding', service, on: false });
    for (const check of [0, 1, 2, 3]) {
      const last = happenings.findLast(
        (one) => one.what === 'look' && one.service === service && one.check === check,
      );
      if (last?.what !== 'look') continue;
      // What can never be told again has no outcome: it stays as it happened to be when it could be told last.
      const well = last.mends || last.look === 'unknown';
      living.live({ ...last, after: 0, look: well ? 'ok' : last.look, mends: false });
    }
  }
  living.live({ after: 0, what: 'trust', trusted: true });
  living.live({ after: 3_600_000, what: 'trust', trusted: true });
  return ['db', 'api', 'web', 'job'].map((name) => {
    const { state, checks, repair } = serviceOf(living.w, name);
    const incidentOf = ({ incident }: CheckState): unknown => {
      const open = incident === undefined ? undefined : getFromShelf(living.w.state.incidents, incident);
      return open && [open.about, open.severity, open.repairs.length > 0, [...open.told].sort()];
    };
    return [
      name,
      state,
      repair.stoodDownAt !== undefined,
      ...Object.values(checks).map((check) => [check.name, check.state, check.level, incidentOf(check)]),
    ];
  });
}
