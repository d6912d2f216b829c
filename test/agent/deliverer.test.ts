import { describe, expect, it } from 'vitest';
import { type Attempt, createDeliverer } from '../../src/agent/deliverer.ts';
import { carrierOf, newEntry, type OutboxEntry } from '../../src/engine/notices/delivery.ts';
import { emptyShelf, putOnShelf } from '../../src/lib/shelf.ts';
import type { Config, Notifier } from '../../src/model/config.ts';
import type { Incident } from '../../src/model/incident.ts';
import type { Delivery, Notice, NoticeItem } from '../../src/model/notice.ts';
import type { Input } from '../../src/model/step.ts';
import { memoryStore } from '../../src/state/memory-store.ts';
import { openOutbox } from '../../src/state/outbox.ts';
import { createCounters } from '../../src/telemetry/counters.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

type Sender = (notice: Notice, attempt: Attempt) => Promise<Delivery>;

const sent: Delivery = { ok: true, detail: 'sent' };
const refusedForNow: Delivery = { ok: false, retry: true, reason: 'connection refused' };
const refusedForGood: Delivery = { ok: false, retry: false, reason: '550 no such user' };

function bench(
  senders: Record<string, Sender>,
  fallbacks: Record<string, readonly string[]> = {},
  store = memoryStore(),
) {
  const clock = createFakeClock();
  const notifiers = Object.fromEntries(
    Object.keys(senders).map((name) => [
      name,
      { name, fallback: fallbacks[name] ?? [] } as unknown as Notifier,
    ]),
  );
  const config = { notifiers, notify: [] } as unknown as Config;
  const outbox = openOutbox<OutboxEntry>(store, {
    carrierOf: (entry) => carrierOf(config, entry) ?? entry.notice.notifier,
    topicsOf: ({ notice }) => notice.items.map(({ incident }) => incident),
  });
  const state = { incidents: emptyShelf<Incident>() };
  const told: Input[] = [];
  const log: string[] = [];
  const bugs: unknown[] = [];
  const counters = createCounters();
  const say = (text: string): void => void log.push(text);
  const deliverer = createDeliverer({
    clock,
    outbox,
    config: () => config,
    state: () => state,
    sync: async () => {},
    send: (notifier, notice, attempt) => (senders[notifier.name] as Sender)(notice, attempt),
    tell: (input) => told.push(input),
    counters,
    logger: { error: say, warn: say, info: say, debug: () => {} },
    onBug: (error) => bugs.push(error),
  });
  const write = (notifier: string, id: string, more: Partial<Notice> = {}): void => {
    const notice = { id, notifier, title: id, status: 'firing', items: [], ...more } as unknown as Notice;
    store.batch([outbox.add((number) => newEntry(notice, number, clock.instant().now))]);
  };
  const wake = (): void => deliverer.wake();
  return { clock, outbox, state, told, log, bugs, counters, deliverer, wake, write, store };
}

function recorder(answer: (notice: Notice, n: number) => Delivery | Promise<Delivery>) {
  const notices: string[] = [];
  const attempts: Attempt[] = [];
  const sender: Sender = async (notice, attempt) => {
    notices.push(notice.id);
    attempts.push(attempt);
    return await answer(notice, notices.length);
  };
  return { notices, attempts, sender };
}

describe('deliveries', () => {
  it('that reached some and not others are said to be so, and not tried again', async () => {
    const team = recorder(() => ({ ok: true, detail: 'taken', missed: 'night@example.com (452 full)' }));
    const { clock, log, counters, outbox, wake, write } = bench({ team: team.sender });
    write('team', 'api is down');
    wake();
    await clock.advance(3_600_000);
    expect(team.notices).toEqual(['api is down']);
    expect(outbox.size).toBe(0);
    expect(log).toEqual(['told team, but not night@example.com (452 full): they do not get api is down']);
    expect(JSON.stringify(counters.of('notices'))).toContain('partly-refused');
  });

  it('go out in the order of writing and are forgotten once they were taken', async () => {
    const team = recorder(() => sent);
    const { wake, write, outbox, clock, store } = bench({ team: team.sender });
    for (let n = 1; n <= 5; n += 1) write('team', `n${n}`);
    wake();
    await clock.advance(0);
    expect(team.notices).toEqual(['n1', 'n2', 'n3', 'n4', 'n5']);
    expect(outbox.size).toBe(0);
    expect(store.entries('outbox/')).toEqual([]);
  });

  it('through one notifier do not wait for another that hangs', async () => {
    const other = recorder(() => sent);
    const { wake, write, clock } = bench({ hung: () => new Promise(() => {}), other: other.sender });
    write('hung', 'h1');
    for (let n = 1; n <= 3; n += 1) write('other', `o${n}`);
    wake();
    await clock.advance(10);
    expect(other.notices).toEqual(['o1', 'o2', 'o3']);
  });

  it('are tried again with growing pauses until they get through, and say how late they are', async () => {
    const team = recorder((_notice, n) => (n < 6 ? refusedForNow : sent));
    const { wake, write, clock, outbox, told } = bench({ team: team.sender });
    write('team', 'n1');
    write('team', 'n2');
    wake();
    await clock.advance(30 * 60_000);
    expect(team.notices).toEqual(['n1', 'n1', 'n1', 'n1', 'n1', 'n1', 'n2']);
    expect(team.attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 1]);
    expect(team.attempts[0]?.lateBy).toBe(0);
    expect(outbox.size).toBe(0);
    expect(told).toEqual([
      { type: 'delivery', notifier: 'team', working: false, reason: 'connection refused' },
      { type: 'delivery', notifier: 'team', working: true },
    ]);
  });

  it('wait as long as the server asks', async () => {
    const team = recorder((_notice, n) => (n === 1 ? { ...refusedForNow, retryAfter: 120_000 } : sent));
    const { wake, write, clock } = bench({ team: team.sender });
    write('team', 'n1');
    wake();
    await clock.advance(119_000);
    expect(team.notices.length).toBe(1);
    await clock.advance(2000);
    expect(team.notices.length).toBe(2);
  });

  it('are left behind when a sender ignores its deadline, and tried again', async () => {
    const team = recorder((_notice, n) => (n === 1 ? new Promise<Delivery>(() => {}) : sent));
    const { wake, write, clock, outbox, log } = bench({ team: team.sender });
    write('team', 'n1');
    wake();
    await clock.advance(60_000);
    expect(team.notices).toEqual(['n1', 'n1']);
    expect(outbox.size).toBe(0);
    expect(log.join()).toContain('did not end within 30 s');
  });

  it('survive a sender that throws', async () => {
    let n = 0;
    const { wake, write, clock, outbox, bugs } = bench({
      team: async () => {
        n += 1;
        if (n === 1) throw new Error('oops');
        return sent;
      },
    });
    write('team', 'n1');
    wake();
    await clock.advance(60_000);
    expect(outbox.size).toBe(0);
    expect(bugs.length).toBe(1);
  });

  it('start again from what is stored, by an agent that knows only the store', async () => {
    const store = memoryStore();
    const first = bench({ team: async () => refusedForNow }, {}, store);
    first.write('team', 'n1');
    first.write('team', 'n2');
    first.wake();
    await first.clock.advance(10);
    const team = recorder(() => sent);
    const second = bench({ team: team.sender }, {}, store);
    second.write('team', 'n3');
    await second.clock.advance(10_000);
    second.wake();
    await second.clock.advance(10);
    expect(team.notices).toEqual(['n1', 'n2', 'n3']);
  });

  it('give up a notice whose notifier is gone from the rules, and say so', async () => {
    const { wake, write, clock, outbox, log } = bench({ team: async () => sent });
    write('gone', 'n1');
    wake();
    await clock.advance(0);
    expect(outbox.size).toBe(0);
    expect(log.join()).toContain('gave up telling gone');
  });

  it('of ten thousand waiting notices keep their order and end', async () => {
    const team = recorder(() => sent);
    const { wake, write, clock, outbox } = bench({ team: team.sender });
    for (let n = 0; n < 10_000; n += 1) write('team', `n${n}`);
    wake();
    await expect
      .poll(async () => {
        await clock.advance(0);
        return outbox.size;
      })
      .toBe(0);
    expect(team.notices.length).toBe(10_000);
    expect(team.notices[9999]).toBe('n9999');
  });
});

/** Of an incident whose reader hears of it for the first time. */
const down = {
  items: [{ incident: 'api-7K3F', status: 'firing', opening: true }],
} as unknown as Partial<Notice>;

describe('a fallback', () => {
  it('takes over at once what was refused for good, and the engine hears who carried it', async () => {
    const backup = recorder(() => sent);
    const { wake, write, clock, told, outbox } = bench(
      { team: async () => refusedForGood, backup: backup.sender },
      { team: ['backup'] },
    );
    write('team', 'n1', down);
    wake();
    await clock.advance(0);
    expect(backup.notices).toEqual(['n1']);
    expect(outbox.size).toBe(0);
    expect(told).toMatchObject([
      { type: 'delivery', notifier: 'team', working: false, reason: '550 no such user' },
      { type: 'delivery', notifier: 'backup', working: true },
      { type: 'delivered', by: 'backup', notice: { id: 'n1' } },
    ]);
  });

  it('takes over what its notifier has not managed for a while, and everything behind it without more waiting', async () => {
    const backup = recorder(() => sent);
    const team = recorder(() => refusedForNow);
    const { wake, write, clock, outbox } = bench(
      { team: team.sender, backup: backup.sender },
      { team: ['backup'] },
    );
    for (let n = 1; n <= 200; n += 1) write('team', `n${n}`);
    wake();
    await clock.advance(10_000);
    expect(backup.notices).toEqual([]);
    await clock.advance(5 * 60_000);
    expect(outbox.size).toBe(0);
    expect(backup.notices).toEqual(Array.from({ length: 200 }, (_, n) => `n${n + 1}`));
    expect(team.notices.length).toBeLessThan(30);
  });
});

describe('a fallback of a notifier that hangs', () => {
  it('does not wait for longer because each attempt takes its whole time', async () => {
    const backup = recorder(() => sent);
    const { wake, write, clock } = bench(
      { team: () => new Promise(() => {}), backup: backup.sender },
      { team: ['backup'] },
    );
    write('team', 'n1');
    wake();
    // Two attempts of 35 s and the pause between them.
    await clock.advance(75_000);
    expect(backup.notices).toEqual(['n1']);
  });

  it('the engine hears that the one that hung may have got it, and its end is kept for it', async () => {
    const backup = recorder(() => sent);
    const { wake, write, clock, told, outbox } = bench(
      { team: () => new Promise(() => {}), backup: backup.sender },
      { team: ['backup'] },
    );
    write('team', 'n1', down);
    write('team', 'n2', { ...down, status: 'resolved', alsoTold: ['backup'] });
    wake();
    await clock.advance(75_000);
    expect(backup.notices).toEqual(['n1']);
    expect(told).toContainEqual(
      expect.objectContaining({ type: 'delivered', by: 'backup', perhaps: ['team'] }),
    );
    expect(outbox.all().map(({ notice }) => notice.id)).toEqual(['n2']);
  });
});

describe('a notifier that is down for a while, whose fallback refuses for good', () => {
  it('gets its notices when it is back, in order', async () => {
    let well = false;
    const team = recorder(() => (well ? sent : refusedForNow));
    const { wake, write, clock, outbox, told } = bench(
      { team: team.sender, backup: async () => refusedForGood },
      { team: ['backup'] },
    );
    for (let n = 1; n <= 20; n += 1) write('team', `n${n}`);
    wake();
    await clock.advance(300_000);
    well = true;
    const before = team.notices.length;
    await clock.advance(900_000);
    expect(outbox.size).toBe(0);
    expect(new Set(team.notices.slice(before)).size).toBe(20);
    expect(told.filter((one) => one.type === 'delivery').at(-1)).toMatchObject({
      notifier: 'team',
      working: true,
    });
  });
});

describe('stopping', () => {
  it('lets a notice that is being sent arrive, and keeps the others', async () => {
    let arrive = (_delivery: Delivery): void => {};
    const { deliverer, wake, write, clock, outbox } = bench({
      team: () => new Promise((resolve) => (arrive = resolve)),
    });
    write('team', 'n1');
    write('team', 'n2');
    wake();
    await clock.advance(0);
    const stopping = deliverer.stop();
    arrive(sent);
    await stopping;
    expect(outbox.all().map(({ notice }) => notice.id)).toEqual(['n2']);
  });

  it('aborts one that takes too long, and keeps it', async () => {
    const { deliverer, wake, write, clock, outbox, told } = bench({
      team: (_notice, { signal }) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve(refusedForNow))),
    });
    write('team', 'n1');
    wake();
    await clock.advance(0);
    const stopping = deliverer.stop();
    await clock.advance(3000);
    await stopping;
    expect(outbox.all().map(({ notice, attempts }) => [notice.id, attempts])).toEqual([['n1', 0]]);
    expect(told).toEqual([]);
  });

  it('leaves one behind that does not listen', async () => {
    const { deliverer, wake, write, clock, outbox } = bench({ team: () => new Promise(() => {}) });
    write('team', 'n1');
    wake();
    await clock.advance(0);
    const stopping = deliverer.stop();
    await clock.advance(3500);
    await stopping;
    expect(outbox.size).toBe(1);
  });
});

describe('the end of what another notifier told of first', () => {
  const item = (incident: string, status: Notice['status']): NoticeItem =>
    ({
      incident,
      status,
      service: incident,
      check: 'alive',
      ...(status === 'firing' && { opening: true }),
    }) as NoticeItem;
  const begin = (...incidents: string[]): Partial<Notice> => ({
    items: incidents.map((incident) => item(incident, 'firing')),
  });
  const end = (...incidents: string[]): Partial<Notice> => ({
    status: 'resolved',
    title: `UP ${incidents.join(', ')}`,
    items: incidents.map((incident) => item(incident, 'resolved')),
  });

  /** `team` refuses the beginning of `a`, which `pager` takes; then `team` is busy with the end, and answers when told to. */
  async function handedOver(...over: string[]) {
    const answers: ((delivery: Delivery) => void)[] = [];
    const team = recorder(({ id }) =>
      id.startsWith('down') ? refusedForGood : new Promise<Delivery>((resolve) => answers.push(resolve)),
    );
    let take: (delivery: Delivery) => void = () => {};
    const pager = recorder(() => new Promise<Delivery>((resolve) => (take = resolve)));
    const b = bench({ team: team.sender, pager: pager.sender }, { team: ['pager'] });
    b.write('team', 'down a', begin('a'));
    b.wake();
    await b.clock.advance(1000);
    b.write('team', 'up', end(...over));
    b.wake();
    await b.clock.advance(1000);
    return { ...b, team, pager, take: (delivery: Delivery) => take(delivery), answers };
  }

  it('is not told to who never heard of the beginning, also when it was being sent and failed', async () => {
    const { clock, outbox, team, take, answers } = await handedOver('a');
    expect(team.notices).toEqual(['down a', 'up']);
    take(sent);
    await clock.advance(0);
    answers[0]?.(refusedForNow);
    await clock.advance(3_600_000);
    expect(team.notices).toEqual(['down a', 'up']);
    expect(outbox.size).toBe(0);
  });

  it('is told without it when the first attempt to tell all of it fails', async () => {
    const { clock, outbox, take, answers } = await handedOver('a', 'b');
    take(sent);
    await clock.advance(0);
    answers[0]?.(refusedForNow);
    await clock.advance(0);
    expect(outbox.all().map(({ notice, attempts }) => [notice.title, attempts])).toEqual([['UP b/alive', 1]]);
  });

  it('is told to who heard of it by a later notice', async () => {
    const { clock, outbox, state, take, answers } = await handedOver('a');
    state.incidents = putOnShelf(state.incidents, 'a', { heard: ['team'] } as unknown as Incident);
    take(sent);
    await clock.advance(0);
    answers[0]?.(refusedForNow);
    await clock.advance(0);
    expect(outbox.all().map(({ notice }) => notice.id)).toEqual(['up']);
  });
});
