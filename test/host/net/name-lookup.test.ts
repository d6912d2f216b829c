import { expect, it } from 'vitest';
import { createNameLookup, type NameLookup } from '../../../src/host/net/name-lookup.ts';

const lookUpName = createNameLookup();
const found: NameLookup = { ok: true, addresses: [{ address: '192.0.2.1', family: 4 }] };

it('takes addresses and localhost as they are, without asking anybody', () => {
  expect(lookUpName('192.0.2.1')).toEqual({ ok: true, addresses: [{ address: '192.0.2.1', family: 4 }] });
  expect(lookUpName('2001:db8::1')).toEqual({ ok: true, addresses: [{ address: '2001:db8::1', family: 6 }] });
  expect(lookUpName('192.0.2.1', 6)).toEqual({ ok: false, code: 'ENOTFOUND' });
  const both = {
    ok: true,
    addresses: [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ],
  };
  for (const name of ['localhost', 'LOCALHOST.', 'api.localhost']) expect(lookUpName(name)).toEqual(both);
  expect(lookUpName('localhost', 6)).toEqual({ ok: true, addresses: [{ address: '::1', family: 6 }] });
});

it('answers many at once with one question for each name, and all in the end', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `host-${index % 5}.invalid`);
  const asked = names.map((name) => lookUpName(name));
  expect(new Set(asked).size).toBe(5);
  const answers = await Promise.all(asked);
  expect(answers.every((one) => !one.ok)).toBe(true);
  // Asked anew once answered: no failure is kept.
  expect(lookUpName('host-0.invalid')).not.toBe(asked[0]);
});

/** A resolver whose answers the test gives, with a clock that it moves. */
function madeUp() {
  let now = 0;
  const asked: string[] = [];
  const open = new Map<string, (answer: NameLookup) => void>();
  const lookUp = createNameLookup(
    (host) => {
      asked.push(host);
      return new Promise((resolve) => open.set(host, resolve));
    },
    () => now,
  );
  return {
    lookUp,
    asked,
    async answer(host: string, after: number, answer: NameLookup = found) {
      now += after;
      open.get(host)?.(answer);
      await Promise.resolve();
      await Promise.resolve();
    },
    pass: (ms: number) => {
      now += ms;
    },
  };
}

const silent: NameLookup = { ok: false, code: 'EAI_AGAIN' };

it('lets names that were slow last time wait for one another, never a healthy one for them', async () => {
  const { lookUp, asked, answer } = madeUp();
  void lookUp('lame.one');
  void lookUp('lame.two');
  await answer('lame.one', 10_000, silent);
  await answer('lame.two', 0, silent);
  asked.length = 0;
  void lookUp('lame.one');
  void lookUp('lame.two');
  void lookUp('healthy');
  void lookUp('other');
  expect(asked).toEqual(['lame.one', 'healthy']);
  await answer('healthy', 5);
  expect(asked).toEqual(['lame.one', 'healthy', 'other']);
  await answer('other', 5);
  expect(asked).toHaveLength(3);
  await answer('lame.one', 10_000, silent);
  expect(asked).toEqual(['lame.one', 'healthy', 'other', 'lame.two']);
  // A name that answers in time again is like any other.
  await answer('lame.two', 5, silent);
  void lookUp('lame.two');
  void lookUp('lame.one');
  expect(asked.slice(4)).toEqual(['lame.two', 'lame.one']);
});

it('keeps a good answer for a few seconds', async () => {
  const { lookUp, asked, answer, pass } = madeUp();
  const first = lookUp('web');
  await answer('web', 5);
  expect(await first).toEqual(found);
  pass(4000);
  expect(lookUp('web')).toEqual(found);
  pass(1500);
  void lookUp('web');
  expect(asked).toEqual(['web', 'web']);
});
