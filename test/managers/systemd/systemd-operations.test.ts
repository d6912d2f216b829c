import { describe, expect, it } from 'vitest';
import type { Host } from '../../../src/host/host.ts';
import type { JobRequest, SystemdLink } from '../../../src/managers/systemd/systemd-link.ts';
import { operateUnit } from '../../../src/managers/systemd/systemd-operations.ts';
import { factsOf, type UnitProperties } from '../../../src/managers/systemd/systemd-unit.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';

const clock = createFakeClock();
const now = (): number => clock.instant().wall;

/** What is asked of systemd to start a unit with these properties. */
async function requestFor(
  properties: UnitProperties,
  verb: JobRequest['verb'] = 'start',
): Promise<JobRequest> {
  return (await operated(properties, verb)).request;
}

/** And what happens to the unit in the meantime. */
async function operated(
  properties: UnitProperties,
  verb: JobRequest['verb'],
): Promise<{ readonly request: JobRequest; readonly events: readonly string[] }> {
  const events: string[] = [];
  const requests: JobRequest[] = [];
  let became: UnitProperties = {};
  const link: SystemdLink = {
    read: async () => ({ ok: true, value: factsOf({ Id: 'api.service', ...properties, ...became }, '') }),
    async job(request) {
      requests.push(request);
      events.push(request.verb);
      became = { ActiveState: 'active' };
      return { result: 'done' };
    },
    refusal: async () => undefined,
    async pin() {
      events.push('pin');
      return () => void events.push('unpin');
    },
    follow: () => () => {},
    jobEvents: () => undefined,
    told: () => undefined,
    endTold: () => undefined,
    hostStays: () => false,
    learnOfHost() {},
    close() {},
  };
  const host = { clock } as unknown as Host;
  await operateUnit(
    { link, host, unit: 'api.service', journal: {}, context: { startTimeout: 1000, stopTimeout: 1000 } },
    verb,
  );
  expect(requests).toHaveLength(1);
  return { request: requests[0] as JobRequest, events };
}

const startedAgo = (ms: number): UnitProperties => ({
  ActiveState: 'failed',
  StartLimitBurst: 5,
  StartLimitIntervalUSec: 10_000_000,
  InactiveExitTimestamp: (now() - 60_000) * 1000,
  ExecMainStartTimestamp: (now() - ms) * 1000,
});

describe('a unit that failed', () => {
  it('has its start limit reset where its last start counts for it', async () => {
    expect(await requestFor(startedAgo(9000))).toEqual({
      verb: 'start',
      unit: 'api.service',
      failed: true,
      resetFailed: true,
    });
    expect(await requestFor(startedAgo(9000), 'restart')).toMatchObject({ resetFailed: true });
    // The clock was set back since.
    expect(await requestFor(startedAgo(-9000))).toMatchObject({ resetFailed: true });
  });

  it('is just started where its last start is longer ago than the limit looks back, or there is no limit', async () => {
    expect(await requestFor(startedAgo(11_000))).toMatchObject({ resetFailed: false });
    expect(await requestFor({ ...startedAgo(100), StartLimitIntervalUSec: 0 })).toMatchObject({
      resetFailed: false,
    });
    expect(await requestFor({ ...startedAgo(100), ActiveState: 'inactive' })).toMatchObject({
      resetFailed: false,
    });
  });

  it('is not reset to be stopped', async () => {
    expect(await requestFor(startedAgo(100), 'stop')).toMatchObject({ resetFailed: false });
  });
});

describe('systemd is kept from forgetting what became of a unit', () => {
  it.each<[string, UnitProperties, JobRequest['verb']]>([
    ['that runs', { ActiveState: 'active' }, 'stop'],
    ['that ended without a failure', { ActiveState: 'inactive' }, 'start'],
    ['whose failure it is told to forget', startedAgo(9000), 'start'],
  ])('%s', async (_, properties, verb) => {
    expect((await operated(properties, verb)).events).toEqual(['pin', verb, 'unpin']);
  });

  it('but not of one that has failed: it does not forget that, and the start is not held up', async () => {
    expect((await operated(startedAgo(11_000), 'start')).events).toEqual(['start']);
  });
});
