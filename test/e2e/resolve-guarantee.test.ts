import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bed, RunningAgent } from './bed.ts';
import { makeBed } from './bed.ts';
import { eventually } from './eventually.ts';
import type { Receivers } from './receivers.ts';
import { startReceivers } from './receivers.ts';
import { makeVictim, type Victim } from './victim.ts';

let receivers: Receivers;
let bed: Bed;
let agent: RunningAgent;
let victim: Victim;

const settings = (): string => `every: 200ms
notify: [hook]
notices: { group_wait: 0s }
notifiers:
  hook: { webhook: http://127.0.0.1:${receivers.httpPort}/ }
`;

beforeEach(async () => {
  receivers = await startReceivers();
  bed = makeBed(settings());
  victim = makeVictim(bed, () => receivers);
  agent = await bed.startAgent();
  await bed.until('victim', 'is up', ({ state }) => state === 'up');
});

afterEach(async () => {
  await bed.close();
  await receivers.close();
});

/** Ends the agent, in order or by force, and starts the next one; what was told is noted before. */
async function restart(how: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  await eventually('an empty outbox', async () => (await bed.summary()).agent.undelivered === 0 || undefined);
  agent.child.kill(how);
  await agent.ended;
  agent = await bed.startAgent();
}

async function ok(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await bed.cli(...args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr });
  return stdout;
}

/** What is muted is looked at, too: the row of the victim shows it. */
const down = (): Promise<unknown> => bed.until('victim', 'is down', ({ state }) => state === 'down');
const up = (): Promise<unknown> => bed.until('victim', 'is up', ({ state }) => state === 'up');

async function incident(): Promise<string> {
  const [id] = (await bed.until('victim', 'has an incident', ({ incidents }) => incidents.length > 0))
    .incidents;
  return id ?? '';
}

/** The whole life of the victim's file again, as a failure that nothing mutes. */
async function failsAsEver(...before: readonly ('firing' | 'resolved')[]): Promise<void> {
  victim.fail();
  await victim.heard(...before, 'firing');
  victim.mend();
  await victim.heard(...before, 'firing', 'resolved');
}

describe.each(['none', 'SIGTERM', 'SIGKILL'] as const)(
  'whoever was told that it is down (restart: %s)',
  (how) => {
    const between = async (): Promise<void> => {
      if (how !== 'none') await restart(how);
    };

    it('is told that it is up although it was silenced meanwhile', async () => {
      victim.fail();
      await victim.heard('firing');
      await ok('silence', 'victim', '--for', '1h', '--comment', 'hush');
      await between();
      await down();
      victim.mend();
      await victim.heard('firing', 'resolved');
      // The silence holds for what begins under it, and neither its beginning nor its end is told.
      victim.fail();
      await down();
      await between();
      victim.mend();
      await up();
      expect(victim.told()).toEqual(['firing', 'resolved']);
    });

    it('is told that it is up although somebody acknowledged it', async () => {
      victim.fail();
      await victim.heard('firing');
      await ok('ack', await incident(), '--comment', 'mine');
      await between();
      await down();
      victim.mend();
      await victim.heard('firing', 'resolved');
    });

    it('is told that it is up although maintenance began', async () => {
      victim.fail();
      await victim.heard('firing');
      bed.write(
        'watcher.yaml',
        `state_dir: ${bed.path('state')}\nsocket: ${bed.socket}\nrules: [./rules/*.yaml]\n${settings()}maintenance:\n  - { name: always, cron: "* * * * *", for: 1h }\n`,
      );
      await ok('reload');
      await between();
      await down();
      victim.mend();
      await victim.heard('firing', 'resolved');
      victim.fail();
      await down();
      victim.mend();
      await up();
      expect(victim.told()).toEqual(['firing', 'resolved']);
    });

    it('is told of the end when the check is removed from the rules', async () => {
      victim.fail();
      await victim.heard('firing');
      await between();
      bed.write('rules/other.yaml', `service: other\nchecks:\n  there: { file: ${bed.socket} }\n`);
      rmSync(bed.path('rules/victim.yaml'));
      await ok('reload');
      await victim.heard('firing', 'resolved');
    });

    it('is told of the end when the rules were changed while no agent ran', async () => {
      victim.fail();
      await victim.heard('firing');
      bed.write('rules/other.yaml', `service: other\nchecks:\n  there: { file: ${bed.socket} }\n`);
      rmSync(bed.path('rules/victim.yaml'));
      await restart(how === 'none' ? 'SIGTERM' : how);
      await victim.heard('firing', 'resolved');
    });

    it('is told of the end when somebody stops watching it', async () => {
      victim.fail();
      await victim.heard('firing');
      await between();
      await ok('unmonitor', 'victim');
      await victim.heard('firing', 'resolved');
      victim.mend();
      await ok('monitor', 'victim');
      await up();
      await failsAsEver('firing', 'resolved');
    });
  },
);

describe('whoever was not told that it is down because it was silenced', () => {
  it('is told once the silence ends, and then of the end', async () => {
    await ok('silence', 'victim', '--for', '1h');
    victim.fail();
    await down();
    expect(victim.told()).toEqual([]);
    const { silences } = JSON.parse(await ok('silence', '--json')) as {
      silences: readonly { id: string }[];
    };
    await ok('silence', '--end', silences[0]?.id ?? '');
    await victim.heard('firing');
    victim.mend();
    await victim.heard('firing', 'resolved');
  });
});
