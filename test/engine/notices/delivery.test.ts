import { describe, expect, it } from 'vitest';
import {
  afterAttempt,
  carrierOf,
  carriersOf,
  deliveryPolicy,
  lateBy,
  newEntry,
  orphans,
} from '../../../src/engine/notices/delivery.ts';
import type { Delivery, Notice, NoticeItem } from '../../../src/model/notice.ts';
import { config, notifier } from '../rules.ts';

const rules = config([], {
  notifiers: {
    oncall: notifier('oncall', { fallback: ['team'] }),
    team: notifier('team', { fallback: ['mail', 'oncall'] }),
    mail: notifier('mail'),
  },
});

function notice(notifierName: string, status: Notice['status'] = 'firing', incident = 'api-7K3F'): Notice {
  const item = { incident, status } as NoticeItem;
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
    expect(orphans(entries, notice('oncall')).map(({ number }) => number)).toEqual([2]);
    expect(orphans(entries, notice('oncall', 'resolved'))).toEqual([]);
  });
});
