import { describe, expect, it } from 'vitest';
import { shelfValues } from '../../src/lib/shelf.ts';
import { liveThroughMonth } from './month.ts';
import { alive, check, config, service } from './rules.ts';

describe('a month of a thousand services', () => {
  it('with random outages: all is told and ended, and no budget is exceeded', { timeout: 120_000 }, () => {
    const every = 6 * 3_600_000;
    const checks = [
      alive({ cadence: { every: 4 * every }, retryEvery: 10_000 }),
      check('responds', { cadence: { every }, retryEvery: 10_000, repair: [{ kind: 'restart' }] }),
    ];
    const services = Array.from({ length: 1000 }, (_, index) =>
      service(`service-${index}`, checks, {
        groups: [`group-${index % 20}`],
        ...(index % 10 !== 0 && { dependsOn: [`service-${index - (index % 10)}`] }),
      }),
    );
    const rules = config(services, { notices: { groupWait: 30_000 }, maxRepairs: { host: 10, groups: {} } });
    const { tally, state, told, repairs } = liveThroughMonth(rules);

    console.log(`a month of ${services.length} services: ${describeTally(tally)}`);
    const states = shelfValues(state.services).map((one) => one.state);
    expect(states.filter((one) => one !== 'up')).toEqual([]);
    expect(shelfValues(state.incidents).filter(({ closedAt }) => closedAt === undefined)).toEqual([]);
    const unfinished = [...told].filter(([, { ends }]) => ends !== 1);
    expect(unfinished).toEqual([]);
    // Told once that it began, or only that it is over: it was repaired before its group had waited.
    const wrong = [...told].filter(([, { begins, news }]) => begins > 1 || (begins === 0 && news > 0));
    expect(wrong).toEqual([]);
    const begun = [...told.values()].filter(({ begins }) => begins === 1).length;
    expect(begun).toBeGreaterThan(1000);
    for (const starts of repairs.values()) {
      for (const start of starts) {
        expect(starts.filter((at) => at > start - 900_000 && at <= start).length).toBeLessThanOrEqual(3);
      }
    }
    expect(tally['event stood-down']).toBeGreaterThan(0);
    expect(tally['event repair-held']).toBeGreaterThan(1000);
  });
});

function describeTally(tally: Readonly<Record<string, number>>): string {
  return Object.entries(tally)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
}
