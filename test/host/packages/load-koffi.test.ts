import { expect, it } from 'vitest';
import { createKoffiLoader, type Koffi } from '../../../src/host/packages/load-koffi.ts';

it('is tried again a minute after it could not be loaded, and loaded once', () => {
  let tries = 0;
  let now = 1000;
  const koffi = { load: () => undefined } as unknown as Koffi;
  const loader = createKoffiLoader(
    () => {
      tries += 1;
      if (tries === 1) throw new Error('EMFILE');
      return koffi;
    },
    () => now,
  );
  expect(loader.load()).toBeUndefined();
  now = 60_000;
  expect(loader.load()).toBeUndefined();
  now = 61_000;
  expect(loader.loaded()).toBeUndefined();
  expect(loader.load()).toBe(koffi);
  expect(loader.load()).toBe(koffi);
  expect(loader.loaded()).toBe(koffi);
  expect(tries).toBe(2);
});
