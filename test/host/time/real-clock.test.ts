import { expect, it } from 'vitest';
import { createRealClock } from '../../../src/host/time/real-clock.ts';

it('counts the timers that wait: not those that ran, nor those that were cancelled, however often', async () => {
  const clock = createRealClock();
  const far = clock.after(1e9, () => {});
  clock.after(1e9, () => {}).cancel();
  let nestedSaw = Number.NaN;
  await new Promise<void>((resolve) => {
    const near = clock.after(
      1,
      () => {
        nestedSaw = clock.timers();
        near.cancel();
        resolve();
      },
      { hold: true },
    );
    expect(clock.timers()).toBe(2);
  });
  expect(nestedSaw).toBe(1);
  far.cancel();
  far.cancel();
  expect(clock.timers()).toBe(0);
});
