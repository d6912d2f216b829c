import { expect, it } from 'vitest';
import { lookUpName } from '../../../src/host/net/name-lookup.ts';

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
  const found = await Promise.all(asked);
  expect(found.every((one) => !one.ok)).toBe(true);
  // Asked anew once answered: nothing is kept.
  expect(lookUpName('host-0.invalid')).not.toBe(asked[0]);
});
