import { describe, expect, it } from 'vitest';
import { detectionTime } from '../../src/cli/detection-time.ts';
import type { Check } from '../../src/model/service.ts';

const check: Check = {
  name: 'responds',
  kind: 'http',
  options: {},
  cadence: { every: 10_000 },
  timeout: 2000,
  expect: [],
  warn: [],
  failAfter: { count: 3, of: 3 },
  recoverAfter: { count: 2, of: 2 },
  severity: 'critical',
  repair: [],
  notify: [],
  escalate: [],
  unknownAfter: 600_000,
  labels: {},
  vital: false,
};

describe('detectionTime', () => {
  it.each<[string, Partial<Check>, { least: number; most: number } | undefined]>([
    ['three in a row', {}, { least: 20_000, most: 32_000 }],
    ['one', { failAfter: { count: 1, of: 1 } }, { least: 0, most: 12_000 }],
    [
      'three of five: the three first looks of a lasting failure',
      { failAfter: { count: 3, of: 5 } },
      { least: 20_000, most: 32_000 },
    ],
    ['quicker while it fails softly', { retryEvery: 1000 }, { least: 2000, most: 14_000 }],
    ['for a time', { failAfter: { duration: 30_000 } }, { least: 30_000, most: 52_000 }],
    ['by the calendar', { cadence: { cron: '0 3 * * *' } }, undefined],
  ])('%s', (_, changes, expected) => {
    expect(detectionTime({ ...check, ...changes })).toEqual(expected);
  });
});
