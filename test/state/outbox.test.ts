import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../../src/model/event.ts';
import { memoryEventLog, openEventLog } from '../../src/state/event-log.ts';
import { memoryEvidenceShelf, openEvidenceShelf } from '../../src/state/evidence-shelf.ts';
import { memoryStore } from '../../src/state/memory-store.ts';
import { openOutbox } from '../../src/state/outbox.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watcher-state-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Entry {
  readonly number: number;
  readonly writtenAt: number;
  readonly nextAt: number;
  readonly carrier: string;
  readonly topics?: readonly string[];
  readonly aside?: boolean;
}

const byCarrier = {
  carrierOf: ({ carrier }: Entry) => carrier,
  topicsOf: ({ topics }: Entry) => topics ?? [],
};

const entry =
  (carrier: string, writtenAt = 0) =>
  (number: number): Entry => ({
    number,
    writtenAt,
    nextAt: 0,
    carrier,
  });

describe('the outbox', () => {
  it('has a line for each carrier, in the order of writing, also when one is handed over', () => {
    const store = memoryStore();
    const outbox = openOutbox<Entry>(store, byCarrier);
    store.batch([
      outbox.add(entry('a')),
      outbox.add(entry('b')),
      outbox.add(entry('a')),
      outbox.add(entry('b')),
    ]);
    expect(outbox.lines()).toEqual(['a', 'b']);
    const first = outbox.first('a');
    if (first !== undefined) outbox.update({ ...first, carrier: 'b' });
    expect(outbox.first('b')?.number).toBe(1);
    expect(outbox.first('a')?.number).toBe(3);
    expect(outbox.size).toBe(4);
    for (const one of outbox.all()) outbox.remove(one);
    expect(outbox.size).toBe(0);
    expect(outbox.lines()).toEqual([]);
    expect(store.entries('outbox/')).toEqual([]);
  });

  it('lets others pass what was refused, but never what is about the same', () => {
    const outbox = openOutbox<Entry>(memoryStore(), byCarrier);
    const add = (topic: string): Entry => {
      let made: Entry | undefined;
      outbox.add((number) => {
        made = { ...entry('a')(number), topics: [topic] };
        return made;
      });
      if (made === undefined) throw new Error('nothing was made');
      return made;
    };
    const down = add('api-1');
    const up = add('api-1');
    const other = add('db-2');
    outbox.update({ ...down, aside: true, nextAt: 60_000 });
    expect(outbox.first('a')).toMatchObject({ number: other.number });
    outbox.remove(other);
    expect(outbox.first('a')).toMatchObject({ number: down.number, nextAt: 60_000 });
    outbox.remove(down);
    expect(outbox.first('a')).toMatchObject({ number: up.number });
  });

  it('is found again in the store as it was, and never gives a number twice', () => {
    const store = memoryStore();
    const before = openOutbox<Entry>(store, byCarrier);
    store.batch([before.add(entry('a', 5)), before.add(entry('a', 3)), before.add(entry('b', 9))]);
    const after = openOutbox<Entry>(store, byCarrier);
    expect(after.all().map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(after.oldest()).toBe(5);
    const [key] = after.add(entry('c'));
    expect(key).toBe('outbox/000000000004');
  });

  it('sorts anew when who carries what has changed', () => {
    let only = '';
    const store = memoryStore();
    const outbox = openOutbox<Entry>(store, {
      carrierOf: ({ carrier }) => only || carrier,
      topicsOf: () => [],
    });
    store.batch([outbox.add(entry('b')), outbox.add(entry('a')), outbox.add(entry('b'))]);
    only = 'c';
    outbox.resort();
    expect(outbox.lines()).toEqual(['c']);
    expect(outbox.first('c')?.number).toBe(1);
    outbox.remove({ ...entry('b')(1) });
    expect(outbox.first('c')?.number).toBe(2);
  });
});

const event = (service: string, at: number, text = 'x'): Event => ({ at, type: 'failed', service, text });

describe.each([
  ['on disk', () => openEventLog(folder)],
  ['in memory', () => memoryEventLog()],
])('the events %s', (_where, open) => {
  it('come back oldest first, by service, time and number', () => {
    const log = open();
    log.append([event('a', 1), event('b', 2)]);
    log.append([]);
    log.append([event('a', 3)]);
    expect(log.read().map(({ at }) => at)).toEqual([1, 2, 3]);
    expect(log.read({ service: 'a' }).map(({ at }) => at)).toEqual([1, 3]);
    expect(log.read({ since: 2 }).map(({ at }) => at)).toEqual([2, 3]);
    expect(log.read({ limit: 1 }).map(({ at }) => at)).toEqual([3]);
    expect(log.read({ limit: 0 })).toEqual([]);
  });
});

describe('the event log', () => {
  it('keeps to its bound, and reads over the border of its two files', () => {
    const log = openEventLog(folder);
    const big = 'y'.repeat(10_000);
    for (let at = 0; at < 1300; at += 1) log.append([event('a', at, big)]);
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    expect(readdirSync(folder).sort()).toEqual(['events.1.ndjson', 'events.ndjson']);
    expect(Math.max(...sizes)).toBeLessThan(4.3 * 1024 * 1024);
    expect(statSync(join(folder, 'events.ndjson')).mode & 0o777).toBe(0o600);
    const last = log.read({ limit: 200 });
    expect(last.length).toBe(200);
    expect(last.map(({ at }) => at)).toEqual(Array.from({ length: 200 }, (_, n) => 1100 + n));
  });

  it('reads past a line that a kill cut off', () => {
    openEventLog(folder).append([event('a', 1)]);
    const path = join(folder, 'events.ndjson');
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"at":2,"type":"fai`);
    expect(
      openEventLog(folder)
        .read()
        .map(({ at }) => at),
    ).toEqual([1]);
  });

  it('loses events, and nothing else, where it cannot be written', () => {
    const log = openEventLog(join(folder, 'nowhere'));
    log.append([event('a', 1)]);
    expect(log.read()).toEqual([]);
  });
});

describe.each([
  ['on disk', () => openEvidenceShelf(folder)],
  ['in memory', () => memoryEvidenceShelf()],
])('evidence %s', (_where, open) => {
  it('is read back by its name, and the oldest goes first', async () => {
    const shelf = open();
    for (let n = 0; n < 5; n += 1) {
      expect(await shelf.write(`pack-${n}`, `text ${n}`)).toBeUndefined();
      const file = join(folder, 'evidence', `pack-${n}.txt`);
      if (_where === 'on disk') utimesSync(file, n, n);
    }
    expect(await shelf.read('pack-3')).toBe('text 3');
    expect(await shelf.read('none')).toBeUndefined();
    await shelf.prune(2);
    expect(await shelf.read('pack-2')).toBeUndefined();
    expect(await shelf.read('pack-4')).toBe('text 4');
  });
});

describe('evidence on disk', () => {
  it('never leaves its folder, whatever the name', async () => {
    const shelf = openEvidenceShelf(folder);
    await shelf.write('../../etc/passwd', 'x');
    expect(readdirSync(join(folder, 'evidence'))).toEqual(['.._.._etc_passwd.txt']);
    expect(statSync(join(folder, 'evidence')).mode & 0o777).toBe(0o700);
  });
});
