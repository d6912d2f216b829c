import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bed, RunningAgent } from './bed.ts';
import { makeBed } from './bed.ts';
import { eventually } from './eventually.ts';
import type { Receivers } from './receivers.ts';
import { startReceivers } from './receivers.ts';
import { makeVictim, type Victim } from './victim.ts';

/** A web page that takes its time, so that somebody is nearly always waiting for it; counts who asks. */
interface Slow {
  readonly port: number;
  readonly asked: () => number;
  close(): Promise<void>;
}

let receivers: Receivers;
let bed: Bed;
let slow: Slow;
let victim: Victim;

async function slowPage(): Promise<Slow> {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    setTimeout(() => response.end('here'), 150);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked: () => asked,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

beforeEach(async () => {
  [receivers, slow] = await Promise.all([startReceivers(), slowPage()]);
  bed = makeBed(`every: 200ms
notify: [hook]
notices: { group_wait: 0s }
notifiers:
  hook: { webhook: http://127.0.0.1:${receivers.httpPort}/ }
`);
  victim = makeVictim(bed, () => receivers);
  for (const name of ['one', 'two', 'three', 'four']) {
    bed.write(
      `rules/${name}.yaml`,
      `service: ${name}\nchecks:\n  page: { http: "http://127.0.0.1:${slow.port}/", timeout: 1s, fail_after: 1, recover_after: 1 }\n`,
    );
  }
});

afterEach(async () => {
  await bed.close();
  await slow.close();
  await receivers.close();
});

/** Waits until the agent has asked so many more times. */
async function asksAgain(times: number): Promise<void> {
  const before = slow.asked();
  await eventually(`${times} more looks`, () => slow.asked() >= before + times || undefined);
}

async function allUp(): Promise<void> {
  for (const name of ['one', 'two', 'three', 'four', 'victim'])
    await bed.until(name, 'is up', ({ state }) => state === 'up');
}

async function untilTrusted(): Promise<void> {
  await eventually(
    'an agent that trusts itself',
    async () => (await bed.summary()).agent.distrust === undefined || undefined,
  );
}

/** Types of the events that say that something failed. */
async function failures(): Promise<readonly string[]> {
  return (await bed.events()).filter(({ type }) => type === 'failed').map(({ text }) => text);
}

describe('an agent that stood still', () => {
  it.each([1500, 2500, 4000])('for %i ms takes nobody for dead when it wakes up', async (still) => {
    const agent = await bed.startAgent();
    await allUp();
    for (let round = 0; round < 4; round += 1) {
      await asksAgain(3);
      agent.child.kill('SIGSTOP');
      await lapse(still);
      agent.child.kill('SIGCONT');
      await asksAgain(12);
    }
    await untilTrusted();
    await allUp();
    expect(await failures()).toEqual([]);
    expect(receivers.webhooks).toEqual([]);
    // And it is awake: what does fail is told.
    victim.fail();
    await victim.heard('firing');
    victim.mend();
    await victim.heard('firing', 'resolved');
  });
});

/** Time is what is done to the agent here; no answer is waited for. */
function lapse(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describe('an agent without free descriptors', () => {
  const open = (agent: RunningAgent): readonly number[] => readdirSync(`/proc/${agent.pid}/fd`).map(Number);

  /** New descriptors get the lowest free number: below the highest one in use there must be none left. */
  function limit(agent: RunningAgent, files: number): void {
    execFileSync('prlimit', [`--pid=${agent.pid}`, `--nofile=${files}:`]);
  }

  const words = (agent: RunningAgent): number => agent.output().match(/descriptors/g)?.length ?? 0;

  it('takes nobody for dead, says so, and tells everything once it has some again', async () => {
    const agent = await bed.startAgent();
    await allUp();
    for (const more of [0, 1, 2, 3]) {
      const heard = words(agent);
      await eventually(
        'a word about descriptors',
        () => {
          // What was open for a moment is free again by now, hence the limit is set anew with each look.
          limit(agent, Math.min(...gaps(open(agent))) + more);
          return words(agent) > heard || undefined;
        },
        { explain: agent.output },
      );
      victim.fail();
      await lapse(1000);
      victim.mend();
      limit(agent, 1024);
      await untilTrusted();
      await allUp();
    }
    const texts = (await failures()).filter((text) => !text.startsWith('victim/'));
    expect(texts).toEqual([]);
    const told = receivers.webhooks.flatMap(({ alerts }) => alerts.map(({ labels }) => labels['service']));
    expect(told.filter((service) => service !== undefined && service !== 'victim')).toEqual([]);
    // A notice that could not go out without a descriptor waits for its next try, and may still do so.
    await eventually(
      'notices that are all delivered',
      async () => (await bed.summary()).agent.undelivered === 0 || undefined,
    );
    const before = victim.told();
    expect(before.filter((status) => status === 'firing').length).toBe(
      before.filter((status) => status === 'resolved').length,
    );
    victim.fail();
    await victim.heard(...before, 'firing');
    victim.mend();
    await victim.heard(...before, 'firing', 'resolved');
    expect(agent.output()).not.toMatch(/mistake/);
  });
});

/** Numbers below the highest that are free, and the one above it. */
function gaps(used: readonly number[]): readonly number[] {
  const highest = Math.max(...used);
  const free: number[] = [];
  for (let number = 0; number <= highest + 1; number += 1) if (!used.includes(number)) free.push(number);
  return free;
}
