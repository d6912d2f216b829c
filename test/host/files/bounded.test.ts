import { expect, it } from 'vitest';
import { createBounded } from '../../../src/host/files/bounded.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';

it('starts no second call in a line that hangs, and no more than the most in all', async () => {
  const clock = createFakeClock();
  const bounded = createBounded(clock, 2);
  const started: string[] = [];
  const freed: (() => void)[] = [];
  const hang = (name: string) => () => {
    started.push(name);
    return new Promise<{ ok: true; value: string }>((done) =>
      freed.push(() => done({ ok: true, value: name })),
    );
  };
  const first = bounded.run('/mnt', 1000, hang('a'));
  await clock.advance(1000);
  expect(await first).toMatchObject({ ok: false, code: 'ETIMEDOUT' });
  expect(await bounded.run('/mnt', 1000, hang('b'))).toMatchObject({ ok: false });
  const second = bounded.run('/x', 1000, hang('x'));
  const third = bounded.run('/y', 1000, hang('y'));
  await clock.advance(1000);
  expect(await second).toMatchObject({ ok: false, reason: expect.stringContaining('/x did not answer') });
  expect(await third).toMatchObject({ ok: false, reason: expect.stringContaining('/y had no turn') });
  expect(started).toEqual(['a', 'x']);
  for (const free of freed) free();
  await clock.advance(0);
  expect(await bounded.run('/y', 1000, async () => ({ ok: true, value: 'y' }))).toEqual({
    ok: true,
    value: 'y',
  });
  expect(await bounded.run('/mnt', 1000, async () => ({ ok: true, value: 1 }))).toEqual({
    ok: true,
    value: 1,
  });
});
