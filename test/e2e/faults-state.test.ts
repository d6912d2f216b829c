import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bed, RunningAgent } from './bed.ts';
import { makeBed } from './bed.ts';
import { eventually } from './eventually.ts';
import type { Receivers } from './receivers.ts';
import { startReceivers } from './receivers.ts';
import { seededRandom } from './storm/random.ts';
import { makeVictim, type Victim } from './victim.ts';

let receivers: Receivers;
let bed: Bed;
let victim: Victim;

beforeEach(async () => {
  receivers = await startReceivers();
  bed = makeBed(`every: 200ms
notify: [hook]
notices: { group_wait: 0s }
notifiers:
  hook: { webhook: http://127.0.0.1:${receivers.httpPort}/ }
`);
  victim = makeVictim(bed, () => receivers);
});

afterEach(async () => {
  await bed.close();
  await receivers.close();
});

/** Notices about the agent itself, by topic and status: `state firing`. */
const agentNotices = (): readonly string[] =>
  receivers.webhooks.flatMap(({ status, alerts }) =>
    alerts.flatMap(({ labels }) => (labels['topic'] === undefined ? [] : [`${labels['topic']} ${status}`])),
  );

const journal = (): string => bed.path('state/state.log');

async function kill(agent: RunningAgent): Promise<void> {
  agent.child.kill('SIGKILL');
  await agent.ended;
}

/** Puts a small file system of its own under the state; gone when the bed is closed. */
function mountState(...options: readonly string[]): void {
  mkdirSync(bed.path('state'), { mode: 0o700 });
  execFileSync('mount', [
    '-t',
    'tmpfs',
    '-o',
    ['size=256k', 'mode=700', ...options].join(','),
    'watcher-state',
    bed.path('state'),
  ]);
  bed.onClose(() => {
    execFileSync('umount', [bed.path('state')]);
  });
}

async function untilTrouble(pattern: RegExp): Promise<void> {
  await eventually('the trouble with the state to be shown', async () =>
    pattern.test((await bed.summary()).agent.stateTrouble ?? '') ? true : undefined,
  );
}

async function untilSaved(): Promise<void> {
  await eventually('the state to be saved again', async () =>
    (await bed.summary()).agent.stateTrouble === undefined ? true : undefined,
  );
}

/** Waits until nothing is left to be told, so that a kill cannot make a notice come twice. */
async function untilDelivered(): Promise<void> {
  await eventually('an empty outbox', async () => (await bed.summary()).agent.undelivered === 0 || undefined);
}

describe('a disk that fills up under the state', () => {
  it('delays nothing and loses nothing that happened meanwhile', async () => {
    mountState();
    let agent = await bed.startAgent();
    await bed.until('victim', 'is up', ({ state }) => state === 'up');
    writeFileSync(bed.path('state/ballast'), Buffer.alloc(64 * 1024));
    // To the last byte: what is left is taken in ever smaller pieces.
    for (const size of [65_536, 4096, 512, 1]) fill(bed.path(`state/ballast-${size}`), size);
    victim.fail();
    await victim.heard('firing');
    await untilTrouble(/no space left/);
    await eventually('a notice of it', () => agentNotices().includes('state firing') || undefined);
    victim.mend();
    await victim.heard('firing', 'resolved');
    victim.fail();
    await victim.heard('firing', 'resolved', 'firing');
    for (const name of readdirSync(bed.path('state')).filter((one) => one.startsWith('ballast')))
      rmSync(bed.path(`state/${name}`));
    await untilSaved();
    await eventually('a notice of its end', () => agentNotices().includes('state resolved') || undefined);
    await untilDelivered();
    expect((await bed.events()).map(({ type }) => type)).toEqual(expect.arrayContaining(['state-saved']));
    await kill(agent);
    agent = await bed.startAgent();
    await bed.until('victim', 'is down', ({ state }) => state === 'down');
    victim.mend();
    await victim.heard('firing', 'resolved', 'firing', 'resolved');
    expect(agent.output()).not.toMatch(/damaged|mistake/);
  });
});

function fill(path: string, size: number): void {
  try {
    for (let count = 0; count < 10_000; count += 1) writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
  }
}

describe('a file system that is read-only', () => {
  const remount = (mode: 'ro' | 'rw'): void => {
    execFileSync('mount', ['-o', `remount,${mode},size=256k`, bed.path('state')]);
  };

  it('is lived with while it lasts, from the start or from later on', async () => {
    mountState();
    // What holds it open for writing keeps it from being made read-only: the agent is not there yet.
    remount('ro');
    let agent = await bed.startAgent();
    await untilTrouble(/read-only/);
    victim.fail();
    await victim.heard('firing');
    await untilDelivered();
    remount('rw');
    await untilSaved();
    await kill(agent);
    agent = await bed.startAgent();
    await bed.until('victim', 'is still down', ({ state }) => state === 'down');
    await kill(agent);
    remount('ro');
    agent = await bed.startAgent();
    await untilTrouble(/read-only/);
    victim.mend();
    await victim.heard('firing', 'resolved');
    expect(agent.output()).not.toMatch(/damaged|mistake/);
  });
});

describe('a state file that is not what was written', () => {
  /** An open incident that was told, and the agent dead. */
  async function withIncident(): Promise<void> {
    const agent = await bed.startAgent();
    await bed.until('victim', 'is up', ({ state }) => state === 'up');
    victim.fail();
    await victim.heard('firing');
    await untilDelivered();
    await kill(agent);
  }

  it('with a damaged line is kept aside, what is whole is taken over, and the end is told', async () => {
    await withIncident();
    const bytes = readFileSync(journal());
    const line = bytes.indexOf('\n', Math.floor(bytes.length / 3));
    bytes.write('XXXX', line + 30);
    writeFileSync(journal(), bytes);
    const agent = await bed.startAgent();
    await eventually('people to be told', () => agentNotices().includes('state-damaged firing') || undefined);
    expect(agent.output()).toMatch(/the state file was damaged .*kept as .*state\.log\.corrupt-1/);
    expect(readFileSync(`${journal()}.corrupt-1`).equals(bytes)).toBe(true);
    // The damaged line had the incident in it: nobody knows of it before the victim was looked at.
    await bed.until('victim', 'is down', ({ state }) => state === 'down');
    victim.mend();
    await eventually('the end to be told', () => victim.told().at(-1) === 'resolved' || undefined);
  });

  it('of nothing but noise is kept aside, and the agent starts afresh', async () => {
    await withIncident();
    const random = seededRandom(1);
    writeFileSync(journal(), Buffer.from(Array.from({ length: 5000 }, () => random.between(0, 255))));
    const agent = await bed.startAgent();
    await eventually('people to be told', () => agentNotices().includes('state-damaged firing') || undefined);
    expect(agent.output()).toMatch(/damaged .*kept as .*corrupt-1, and the agent starts with an empty one/);
    // It knows of nothing: what is down is down for the first time.
    await victim.heard('firing', 'firing');
    victim.mend();
    await victim.heard('firing', 'firing', 'resolved');
  });

  it('cut off anywhere lets the agent start, and whoever hears of a failure hears of its end', async () => {
    await withIncident();
    const random = seededRandom(2);
    let size = statSync(journal()).size;
    for (let round = 0; round < 8; round += 1) {
      truncateSync(journal(), random.between(0, size));
      const agent = await bed.startAgent();
      await bed.until('victim', 'is down', ({ state }) => state === 'down');
      await untilDelivered();
      expect(agent.output()).not.toMatch(/mistake/);
      await kill(agent);
      size = statSync(journal()).size;
    }
    await bed.startAgent();
    victim.mend();
    await eventually('the end to be told', () => victim.told().at(-1) === 'resolved' || undefined);
    expect(victim.told().filter((status) => status === 'resolved')).toHaveLength(1);
  });
});
