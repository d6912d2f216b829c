import { expect, it } from 'vitest';
import { lastRunOf } from '../../src/control/view-source.ts';

const at = { now: 100_000, wall: 1_800_000_100_000 };
const source = (passed: number | undefined) => ({ at, passedAt: () => passed });

it('a check ran last when it looked, or when it was certain without a look', () => {
  const alive = { name: 'alive', lastRun: 95_000 };
  expect(lastRunOf(source(undefined), 'api', alive)).toBe(1_800_000_095_000);
  expect(lastRunOf(source(99_000), 'api', alive)).toBe(1_800_000_099_000);
  expect(lastRunOf(source(90_000), 'api', alive)).toBe(1_800_000_095_000);
  expect(lastRunOf(source(99_000), 'api', { name: 'alive' })).toBeUndefined();
});
