import { expect, it } from 'vitest';
import { startDeadline } from '../../../src/host/time/deadline.ts';

it('ends once, and tells those who come late', async () => {
  const deadline = startDeadline(20);
  expect(deadline.over()).toBeUndefined();
  const told: string[] = [];
  const unheard = deadline.whenOver(() => told.push('unheard'));
  unheard();
  await new Promise<void>((resolve) => {
    deadline.whenOver((why) => {
      told.push(why);
      resolve();
    });
  });
  deadline.whenOver((why) => told.push(`late ${why}`));
  expect(told).toEqual(['timed-out', 'late timed-out']);
  expect(deadline.over()).toBe('timed-out');
  expect(deadline.elapsed()).toBeGreaterThan(0);
});

it('ends early when it is called off, before or after the start', () => {
  const controller = new AbortController();
  const deadline = startDeadline(60_000, controller.signal);
  controller.abort();
  expect(deadline.over()).toBe('aborted');
  expect(startDeadline(60_000, AbortSignal.abort()).over()).toBe('aborted');
});

it('says nothing any more once it is cleared', () => {
  const controller = new AbortController();
  const deadline = startDeadline(60_000, controller.signal);
  const told: string[] = [];
  deadline.whenOver((why) => told.push(why));
  deadline.clear();
  controller.abort();
  expect(told).toEqual([]);
});
