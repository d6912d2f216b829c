import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/host/clock.ts';
import { createHost } from '../../src/host/real-host.ts';
import { createRealClock } from '../../src/host/time/real-clock.ts';
import { type AgentBed, makeAgentBed } from '../agent/live-agent.ts';
import { eventually } from './eventually.ts';
import type { Receivers } from './receivers.ts';
import { startReceivers } from './receivers.ts';
import { seededRandom } from './storm/random.ts';
import { makeVictim, type Victim } from './victim.ts';

/** Real time, told faster than it goes, on a wall clock that can be set. The machine's own clock is nobody's to set. */
interface OddClock extends Clock {
  set(by: number): void;
}

function oddClock(speed: number): OddClock {
  const real = createRealClock();
  const start = real.instant().now;
  let shift = 0;
  const fast = (now: number): number => start + Math.floor((now - start) * speed);
  return {
    instant() {
      const now = fast(real.instant().now);
      return { now, wall: now + shift };
    },
    monotonic: () => real.monotonic() * speed,
    timers: () => real.timers(),
    after: (ms, run, options) => real.after(ms / speed, run, options),
    set(by) {
      shift += by;
    },
  };
}

let receivers: Receivers;
let bed: AgentBed;
let victim: Victim;
let host: ReturnType<typeof createHost>;

beforeEach(async () => {
  receivers = await startReceivers();
  bed = makeAgentBed(`every: 2s
notify: [hook]
notices: { group_wait: 0s }
notifiers:
  hook: { webhook: http://127.0.0.1:${receivers.httpPort}/ }
`);
  victim = makeVictim(bed, () => receivers);
});

afterEach(async () => {
  await bed.close();
  host.close();
  await receivers.close();
});

async function start(speed: number): Promise<OddClock> {
  const clock = oddClock(speed);
  host = createHost({ name: 'web-1', clock });
  await bed.started({ host });
  await state('victim', 'up');
  return clock;
}

async function state(name: string, wanted: string): Promise<void> {
  await eventually(`${name} to be ${wanted}`, async () => {
    const row = (await bed.summary()).services.find(({ service }) => service === name);
    return row?.state === wanted || undefined;
  });
}

const HOUR = 3_600_000;

describe('a clock that is set forth and back', () => {
  it('makes nobody fail, holds nothing back for long, and orphans nobody', async () => {
    bed.write(
      'rules/steady.yaml',
      `service: steady\nchecks:\n  port: { tcp: "127.0.0.1:${receivers.httpPort}", fail_after: 1 }\n  space: { filesystem: ${bed.folder}, expect: [full_in > 1s] }\n`,
    );
    const clock = await start(10);
    const random = seededRandom(3);
    const story: ('firing' | 'resolved')[] = [];
    for (let round = 0; round < 6; round += 1) {
      const jump = random.between(3000, 48 * HOUR) * (random.chance(0.5) ? 1 : -1);
      clock.set(jump);
      await eventually('a word about the clock', async () => {
        return /clock/.test((await bed.summary()).agent.distrust ?? '') || undefined;
      });
      victim.fail();
      story.push('firing');
      await victim.heard(...story);
      // Back while it is down, and once more as soon as it is well.
      clock.set(-jump);
      victim.mend();
      clock.set(random.between(-HOUR, HOUR));
      story.push('resolved');
      await victim.heard(...story);
    }
    await state('steady', 'up');
    const about = receivers.webhooks.flatMap(({ alerts }) => alerts.map(({ labels }) => labels['service']));
    expect(new Set(about)).toEqual(new Set(['victim']));
    expect(bed.log.join('')).not.toMatch(/mistake/);
  });
});

describe('a receiver that is away for minutes', () => {
  it('gets what was written then, as it was then, marked as late', async () => {
    const clock = await start(60);
    await receivers.close();
    victim.fail();
    const from = clock.instant().now;
    await state('victim', 'down');
    await eventually('three minutes of that clock', () => clock.instant().now - from > 180_000 || undefined);
    receivers = await startReceivers(receivers);
    await victim.heard('firing');
    const [first] = receivers.webhooks.filter(({ status }) => status === 'firing');
    expect(first?.alerts[0]?.annotations['description']).toMatch(/^This message is late by \d+/);
    victim.mend();
    await victim.heard('firing', 'resolved');
    expect(receivers.webhooks.at(-1)?.alerts[0]?.annotations['description']).not.toMatch(/late by/);
  });
});
