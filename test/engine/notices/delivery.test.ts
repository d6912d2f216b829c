import { describe, expect, it } from 'vitest';
import {
  afterAttempt,
  afterRestart,
  carrierOf,
  carriersOf,
  deliveryPolicy,
  lateBy,
  newEntry,
} from '../../../src/engine/notices/delivery.ts';
import { newsOf, orphans } from '../../../src/engine/notices/heard.ts';
import { emptyShelf, putOnShelf } from '../../../src/lib/shelf.ts';
import type { Incident } from '../../../src/model/incident.ts';
import type { Delivery, Notice, NoticeItem } from '../../../src/model/notice.ts';
import { config, notifier } from '../rules.ts';

const nobodyHeard = { incidents: emptyShelf<Incident>() };

const rules = config([], {
  notifiers: {
    oncall: notifier('oncall', { fallback: ['team'] }),
    team: notifier('team', { fallback: ['mail', 'oncall'] }),
    mail: notifier('mail'),
  },
});

function notice(notifierName: string, status: Notice['status'] = 'firing', incident = 'api-7K3F'): Notice {
  const item = { incident, status, ...(status === 'firing' && { opening: true }) } as NoticeItem;
  return {
    id: `${incident}/1/${notifierName}`,
    notifier: notifierName,
    kind: status === 'firing' ? 'failed' : 'recovered',
    status,
    severity: 'critical',
    at: 0,
    host: 'web-1',
    title: 'DOWN api',
    items: [item],
  };
}

const refused: Delivery = { ok: false, retry: true, reason: 'connection refused' };

describe('delivery', () => {
  it('goes to the fallbacks in order, each once, also where they name each other', () => {
    expect(carriersOf(rules, newEntry(notice('oncall'), 1, 0))).toEqual(['oncall', 'team', 'mail']);
    expect(carriersOf(rules, newEntry(notice('gone'), 1, 0))).toEqual([]);
    expect(carrierOf(rules, newEntry(notice('gone'), 1, 0))).toBeUndefined();
  });

  it('is over when it was carried', () => {
    const entry = newEntry(notice('mail'), 1, 0);
    expect(afterAttempt(rules, entry, { ok: true, detail: '250' }, 5)).toEqual({
      do: 'delivered',
      by: 'mail',
    });
  });

  it('is tried again, ever more rarely, for days, and then given up', () => {
    let entry = newEntry(notice('mail'), 1, 0);
    let now = 0;
    const gaps: number[] = [];
    for (;;) {
      const decision = afterAttempt(rules, entry, refused, now);
      if (decision.do === 'give-up') break;
      if (decision.do !== 'keep') throw new Error('unexpected');
      entry = decision.entry;
      gaps.push(entry.nextAt - now);
      now = entry.nextAt;
    }
    expect(gaps[0]).toBeGreaterThanOrEqual(1500);
    expect(gaps[3]).toBeGreaterThan(gaps[0] ?? 0);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(deliveryPolicy.maxDelay);
    expect(now).toBeGreaterThanOrEqual(deliveryPolicy.giveUpAfter);
  });

  it('waits at least as long as it is asked to, within reason', () => {
    const entry = newEntry(notice('mail'), 1, 0);
    const slowDown = (retryAfter: number): Delivery => ({
      ok: false,
      retry: true,
      retryAfter,
      reason: '429',
    });
    expect(afterAttempt(rules, entry, slowDown(120_000), 0)).toMatchObject({ entry: { nextAt: 120_000 } });
    expect(afterAttempt(rules, entry, slowDown(1e12), 0)).toMatchObject({ entry: { nextAt: 3_600_000 } });
  });

  it('is handed over when a notifier has failed for long, or at once when trying again is of no use', () => {
    const first = afterAttempt(rules, newEntry(notice('oncall'), 1, 0), refused, 1000);
    if (first.do !== 'keep') throw new Error('unexpected');
    expect(first.handedOver).toBeUndefined();
    const second = afterAttempt(rules, first.entry, refused, 61_001);
    expect(second).toMatchObject({ handedOver: 'team', entry: { carrier: 1, attempts: 0, nextAt: 61_001 } });
    const never = afterAttempt(
      rules,
      newEntry(notice('oncall'), 1, 0),
      { ok: false, retry: false, reason: '401' },
      0,
    );
    expect(never).toMatchObject({ handedOver: 'team' });
  });

  it('a refusal that nobody else can carry has more chances for most of a day, beside the line', () => {
    let entry = newEntry(notice('mail'), 1, 0);
    const no: Delivery = { ok: false, retry: false, reason: '550 no such user' };
    let now = 0;
    let chances = 0;
    for (;;) {
      const decision = afterAttempt(rules, entry, no, now);
      if (decision.do !== 'keep') {
        expect(decision).toEqual({ do: 'give-up', reason: '550 no such user' });
        break;
      }
      expect(decision.entry.aside).toBe(true);
      ({ entry } = decision);
      now = entry.nextAt;
      chances += 1;
    }
    expect(chances).toBe(deliveryPolicy.refusedDelays.length);
    expect(now).toBeGreaterThan(12 * 3_600_000);
    expect(now).toBeLessThan(24 * 3_600_000);
  });

  it('is late when it is', () => {
    const entry = newEntry(notice('mail'), 1, 1000);
    expect(lateBy(entry, 30_000)).toBe(0);
    expect(lateBy(entry, 7_201_000)).toBe(7_200_000);
  });

  it('knows the ends that nobody would understand', () => {
    const entries = [
      newEntry(notice('oncall', 'resolved'), 2, 0),
      newEntry(notice('oncall', 'resolved', 'web-1234'), 3, 0),
      newEntry(notice('team', 'resolved'), 4, 0),
    ];
    const numbers = (about: Parameters<typeof orphans>[1]) =>
      orphans(entries, about, nobodyHeard).map(({ entry, left }) =>
        left === undefined ? entry.number : left,
      );
    expect(numbers({ notice: notice('oncall') })).toEqual([2]);
    expect(numbers({ notice: notice('oncall', 'resolved') })).toEqual([]);
    // Of the beginning its own readers know already, or perhaps do.
    const reminder = {
      ...notice('oncall'),
      items: [{ incident: 'api-7K3F', status: 'firing' } as NoticeItem],
    };
    expect(numbers({ notice: reminder })).toEqual([]);
    expect(numbers({ notice: notice('oncall'), perhaps: ['oncall'] })).toEqual([]);
    const heard = { heard: ['oncall'] } as unknown as Incident;
    const state = { incidents: putOnShelf(nobodyHeard.incidents, 'api-7K3F', heard) };
    expect(orphans(entries, { notice: notice('oncall') }, state)).toEqual([]);
  });

  it('takes out of an end of several what its reader never heard of', () => {
    const both = notice('oncall', 'resolved');
    const other = { ...notice('oncall', 'resolved', 'web-1234').items[0], service: 'web', check: 'alive' };
    const end = newEntry(
      { ...both, title: 'UP 2 services: api, web', items: [...both.items, other as NoticeItem] },
      2,
      0,
    );
    const [found] = orphans([end], { notice: notice('oncall') }, nobodyHeard);
    expect(found?.left?.notice.items.map(({ incident }) => incident)).toEqual(['web-1234']);
    expect(found?.left?.notice.title).toBe('UP web/alive');
    expect(found?.left?.number).toBe(2);
  });

  it('says who heard it where that is not who was written to', () => {
    const entry = newEntry(notice('oncall'), 1, 0);
    expect(newsOf(entry, 'oncall')).toBeUndefined();
    expect(newsOf(entry, 'team')).toMatchObject({ type: 'delivered', by: 'team' });
    expect(newsOf({ ...entry, perhaps: ['team'] }, 'oncall')).toMatchObject({
      by: 'oncall',
      perhaps: ['team'],
    });
    expect(newsOf(newEntry(notice('oncall', 'resolved'), 1, 0), 'team')).toBeUndefined();
  });

  it('remembers who may have got it without an answer', () => {
    const silent: Delivery = { ok: false, retry: true, reason: 'no answer', perhaps: true };
    const decision = afterAttempt(rules, newEntry(notice('oncall'), 1, 0), silent, 1000);
    expect(decision).toMatchObject({ entry: { perhaps: ['oncall'] } });
  });

  it('of an end is not handed to a notifier that is told of it itself', () => {
    const end = { ...notice('oncall', 'resolved'), alsoTold: ['team'] };
    expect(carriersOf(rules, newEntry(end, 1, 0))).toEqual(['oncall', 'mail']);
  });

  it('begins again with its own notifier when the last fallback has failed, however that one refuses', () => {
    const pair = config([], {
      notifiers: { a: notifier('a', { fallback: ['b'] }), b: notifier('b') },
    });
    let entry = newEntry(notice('a'), 1, 0);
    let now = 0;
    for (let i = 0; i < 100; i++) {
      const own = entry.carrier === 0;
      const well: Delivery = { ok: true, detail: '' };
      const down: Delivery = now < 120_000 ? refused : well;
      const decision = afterAttempt(
        pair,
        entry,
        own ? down : { ok: false, retry: false, reason: '401' },
        now,
      );
      if (decision.do === 'delivered') {
        expect(decision.by).toBe('a');
        expect(now).toBeLessThan(300_000);
        return;
      }
      if (decision.do !== 'keep') throw new Error('given up');
      ({ entry } = decision);
      now = Math.max(now, entry.nextAt);
    }
    throw new Error('never delivered');
  });

  it('is given up within a day where all refuse for good, and after days where one may come back', () => {
    const pair = config([], { notifiers: { a: notifier('a', { fallback: ['b'] }), b: notifier('b') } });
    const until = (own: Delivery): { hours: number; attempts: number } => {
      let entry = newEntry(notice('a'), 1, 0);
      for (let now = 0; ; now = Math.max(now, entry.nextAt)) {
        const turn: Delivery = entry.carrier === 0 ? own : { ok: false, retry: false, reason: '401' };
        const decision = afterAttempt(pair, entry, turn, now);
        if (decision.do !== 'keep') return { hours: now / 3_600_000, attempts: entry.total };
        ({ entry } = decision);
      }
    };
    const { hours, attempts } = until({ ok: false, retry: false, reason: '550' });
    expect(hours).toBeGreaterThan(12);
    expect(hours).toBeLessThan(24);
    expect(attempts).toBeLessThan(20);
    expect(until(refused).hours).toBeGreaterThanOrEqual(72);
    expect(until(refused).attempts).toBeLessThan(2000);
  });

  it('of an earlier agent is due now where the clock was set back meanwhile', () => {
    const decision = afterAttempt(rules, newEntry(notice('mail'), 1, 86_400_000), refused, 86_400_000);
    if (decision.do !== 'keep') throw new Error('unexpected');
    expect(afterRestart(decision.entry, 3_600_000)).toMatchObject({
      nextAt: 3_600_000,
      writtenAt: 3_600_000,
    });
    expect(afterRestart(decision.entry, 86_400_500)).toBe(decision.entry);
  });
});
