import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { silenceMatches } from '../../src/engine/mute.ts';
import { getFromShelf } from '../../src/lib/shelf.ts';
import { calmDown, type Happening, history, livingWorld, nudgeAll } from './history.ts';
import { openIncidents, serviceOf, view, type World } from './world.ts';

const RUNS = Number(process.env.RUNS ?? 400);

function live(happenings: readonly Happening[], watch: (w: World) => void = () => {}): World {
  const living = livingWorld();
  for (const happening of happenings) {
    living.live(happening);
    watch(living.w);
  }
  return living.w;
}

/** Starts of repairs of one service, in lists that end where a human made it start over. */
function repairsOf(w: World, name: string): readonly number[] {
  return w.actions.flatMap(({ at, action }) =>
    action.do === 'operate' && action.service === name && action.operation.by === 'repair' ? [at] : [],
  );
}

describe('over random histories', () => {
  it('there are never more repairs than the budget allows in any window', () => {
    fc.assert(
      fc.property(
        history.map((all) =>
          all.filter(({ what }) => what !== 'command' && what !== 'reload' && what !== 'unmonitor'),
        ),
        (happenings) => {
          const w = live(happenings);
          for (const name of ['db', 'api', 'web']) {
            const starts = repairsOf(w, name);
            for (const [index, start] of starts.entries()) {
              const inWindow = starts.slice(0, index + 1).filter((at) => at > start - 300_000);
              expect(inWindow.length).toBeLessThanOrEqual(2);
            }
          }
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('whoever was told of a beginning is told of exactly one end, and of nothing after it', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const w = live(happenings);
        calmDown({ w });
        expect(openIncidents(w)).toEqual([]);
        const heard = new Map<string, string[]>();
        for (const { notifier, kind, items } of w.notices) {
          for (const { incident, status } of items) {
            const key = `${notifier} ${incident}`;
            heard.set(key, [
              ...(heard.get(key) ?? []),
              kind === 'digest' ? `digest ${status}` : `${kind} ${status}`,
            ]);
          }
        }
        for (const [key, kinds] of heard) {
          const ends = kinds.filter((kind) => kind.endsWith('resolved'));
          expect([key, kinds, ends.length]).toEqual([key, kinds, 1]);
          expect([key, kinds.at(-1)]).toEqual([key, ends[0]]);
          expect(kinds.filter((kind) => kind.startsWith('failed')).length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('every notice has an id of its own', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const w = live(happenings);
        const ids = w.notices.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: RUNS },
    );
  });

  it('nothing is repaired while stopped, unmonitored, silenced with no_repair, held, passive or distrusted', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const living = livingWorld();
        const { w } = living;
        let seen = 0;
        const original = w.actions.push.bind(w.actions);
        w.actions.push = (...added) => {
          for (const { action } of added) {
            if (action.do !== 'operate' || action.operation.by === 'operator') continue;
            seen += 1;
            const service = serviceOf(w, action.service);
            const rule = w.config.services.find(({ name }) => name === action.service);
            expect(service.stop).toBeUndefined();
            expect(service.monitored).toBe(true);
            expect(service.holding).toBeUndefined();
            expect(w.state.trust.trusted || action.operation.by === 'dependency').toBe(true);
            expect(rule?.mode).not.toBe('passive');
            if (action.operation.by !== 'repair' || !rule) continue;
            expect(w.state.calendar.maintenance.length === 0 || action.service !== 'api').toBe(true);
            const silences = w.state.silences.filter(
              (silence) =>
                silence.noRepair && silence.until > w.now && silenceMatches(silence, rule, undefined),
            );
            expect(silences).toEqual([]);
          }
          return original(...added);
        };
        for (const happening of happenings) living.live(happening);
        fc.pre(seen >= 0);
      }),
      { numRuns: RUNS },
    );
  });

  it('one operation at a time for each service, and no more repairs at once than allowed', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const living = livingWorld();
        const { w } = living;
        const original = w.underway.push.bind(w.underway);
        w.underway.push = (...added) => {
          for (const { service, operation } of added) {
            expect(w.underway.filter((one) => one.service === service)).toEqual([]);
            if (operation.by === 'repair') expect(w.state.repairing.length).toBeLessThanOrEqual(2);
          }
          return original(...added);
        };
        for (const happening of happenings) living.live(happening);
      }),
      { numRuns: RUNS },
    );
  });

  it('nudges change only when things happen, not what comes of them', () => {
    const tame = history.map((all) =>
      all.filter(({ what }) => what === 'look' || what === 'trust' || what === 'holding'),
    );
    fc.assert(
      fc.property(tame, (happenings) => {
        const outcome = (w: World) => {
          w.config = { ...w.config, maxRepairs: { host: 9, groups: {} } };
          for (const name of ['db', 'api', 'web']) {
            const held = getFromShelf(w.state.services, name)?.holding;
            if (held === undefined) continue;
          }
          return ['db', 'api', 'web'].map((name) => {
            const { state } = view(w, name) ?? {};
            const service = serviceOf(w, name);
            return [state, ...Object.values(service.checks).map(({ level }) => level)];
          });
        };
        const finish = (nudged: boolean) => {
          const living = livingWorld();
          for (const happening of happenings) {
            living.live(happening);
            if (nudged) nudgeAll(living.w);
          }
          living.live({ after: 0, what: 'trust', trusted: true });
          for (const service of [0, 1, 2]) living.live({ after: 0, what: 'holding', service, on: false });
          // What operations could mend is gone, so that the budget does not decide the outcome.
          for (const service of [0, 1, 2]) {
            for (const check of [0, 1, 2, 3]) {
              const last = happenings.findLast(
                (one) => one.what === 'look' && one.service === service && one.check === check,
              );
              if (last?.what !== 'look') continue;
              const look = last.mends ? 'ok' : last.look;
              living.live({ after: 0, what: 'look', service, check, look, mends: false });
            }
          }
          living.live({ after: 3 * 3_600_000, what: 'trust', trusted: true });
          return outcome(living.w);
        };
        expect(finish(true)).toEqual(finish(false));
      }),
      { numRuns: RUNS / 4 },
    );
  });

  it('saved and restored after every step, the future is the same', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const [one, other] = [false, true].map((thorough) => {
          const living = livingWorld({ thorough });
          for (const happening of happenings) living.live(happening);
          calmDown(living);
          return living.w;
        });
        expect(other?.notices).toEqual(one?.notices);
        expect(other?.events).toEqual(one?.events);
        expect(other?.actions).toEqual(one?.actions);
      }),
      { numRuns: RUNS / 8 },
    );
  });
});
