import { expect, it } from 'vitest';
import { createCounters } from '../../src/telemetry/counters.ts';

it('counts by labels, and forgets those of what is gone', () => {
  const counters = createCounters();
  for (const service of ['api', 'api', 'db']) counters.add('repairs', { service, result: 'held' });
  counters.add('probes');
  counters.add('probes', {}, 999);
  counters.keep('repairs', ({ service }) => service === 'db');
  counters.keep('unknown', () => false);
  expect(counters.of('repairs')).toEqual([{ labels: { service: 'db', result: 'held' }, value: 1 }]);
  expect(counters.of('probes')).toEqual([{ labels: {}, value: 1000 }]);
});
