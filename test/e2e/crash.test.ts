import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bed, RunningAgent } from './bed.ts';
import { makeBed } from './bed.ts';
import { eventually } from './eventually.ts';
import type { Receivers } from './receivers.ts';
import { startReceivers } from './receivers.ts';
import type { Service } from './services.ts';
import { nodeService } from './services.ts';

let receivers: Receivers;
let bed: Bed;
let api: Service;

beforeEach(async () => {
  receivers = await startReceivers();
  bed = makeBed(`every: 300ms
notify: [hook]
notices: { group_wait: 0s }
notifiers:
  hook: { webhook: http://127.0.0.1:${receivers.httpPort}/ }
`);
  api = await nodeService(bed, 'api');
  await api.start();
});

afterEach(async () => {
  await bed.close();
  await receivers.close();
});

function rule(repair: string): void {
  bed.write(
    'rules/api.yaml',
    `service: api
${api.manager}
start_timeout: 3s
repair_budget: { attempts: 20 in 15m, backoff: 100ms..1s, hold: 1s }
checks:
  responds: { http: "http://127.0.0.1:${api.port}/health", timeout: 1s, fail_after: 2${repair} }
`,
  );
}

/** SIGKILL: nothing of the agent gets to run any more. */
async function kill(agent: RunningAgent): Promise<void> {
  agent.child.kill('SIGKILL');
  expect((await agent.ended).signal).toBe('SIGKILL');
}

async function mood(path: '/fail' | '/mend'): Promise<void> {
  await (await fetch(`http://127.0.0.1:${api.port}${path}`, { method: 'POST' })).text();
}

/**
 * How many different notices of each kind arrived. The same notice, with the same key, may arrive twice when the agent is
 * killed between sending it and noting that: receivers tell by the key.
 */
function told(from = 0): Readonly<Record<string, number>> {
  const keys = new Map<string, string>();
  for (const { commonAnnotations } of receivers.webhooks.slice(from)) {
    keys.set(commonAnnotations['notice'] ?? '', commonAnnotations['kind'] ?? '');
  }
  const counts: Record<string, number> = {};
  for (const kind of keys.values()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

describe('an agent that is killed', () => {
  it('finds its incident, silence and monitoring again, and tells nobody anything new', async () => {
    rule('');
    bed.write('rules/quiet.yaml', `service: quiet\nchecks:\n  port: { tcp: "127.0.0.1:${api.port}" }\n`);
    let agent = await bed.startAgent();
    await bed.until('api', 'is up', ({ state }) => state === 'up');
    await bed.cli('unmonitor', 'quiet');
    await mood('/fail');
    const before = await bed.until('api', 'is down', ({ state }) => state === 'down');
    await eventually('the notice', () => told()['failed'] === 1 || undefined);
    await eventually(
      'its delivery noted',
      async () => (await bed.summary()).agent.undelivered === 0 || undefined,
    );
    await bed.cli('silence', 'quiet', '--for', '2h', '--comment', 'kept');
    await kill(agent);
    agent = await bed.startAgent();
    const after = await bed.until('api', 'is down again', ({ state }) => state === 'down');
    expect(after.incidents).toEqual(before.incidents);
    // The scale of the engine is rounded to whole milliseconds of the wall.
    expect(Math.abs(after.since - before.since)).toBeLessThan(1000);
    await bed.until('quiet', 'is still unmonitored', ({ state }) => state === 'unmonitored');
    expect((await bed.cli('silence')).stdout).toContain('kept');
    expect(told()).toEqual({ failed: 1 });
    await mood('/mend');
    await eventually('the recovery', () => told()['recovered'] === 1 || undefined);
    expect(told()).toEqual({ failed: 1, recovered: 1 });
  });

  it('tells of a recovery that happened while it was dead', async () => {
    rule('');
    const agent = await bed.startAgent();
    await bed.until('api', 'is up', ({ state }) => state === 'up');
    await mood('/fail');
    await eventually('the notice', () => told()['failed'] === 1 || undefined);
    await kill(agent);
    await mood('/mend');
    await bed.startAgent();
    await eventually('the recovery', () => told()['recovered'] === 1 || undefined);
    await bed.until('api', 'is up', ({ state }) => state === 'up');
    expect(told()).toEqual({ failed: 1, recovered: 1 });
  });

  it('sends what it could not send before', async () => {
    await receivers.close();
    rule('');
    const agent = await bed.startAgent();
    await bed.until('api', 'is up', ({ state }) => state === 'up');
    await mood('/fail');
    await bed.until('api', 'is down', ({ state }) => state === 'down');
    await eventually(
      'an undelivered notice',
      async () => (await bed.summary()).agent.undelivered > 0 || undefined,
    );
    await kill(agent);
    receivers = await startReceivers(receivers);
    await bed.startAgent();
    await eventually('the notice', () => told()['failed'] === 1 || undefined);
  });

  it('at any moment of a repair: told once of the failure and once of the recovery, service up', async () => {
    rule(', repair: restart');
    for (const moment of ['failed', 'repair-started', 'repair-finished', 'repair-held', 'recovered']) {
      let agent = await bed.startAgent();
      await bed.until('api', 'is up', ({ state, activity }) => state === 'up' && activity === undefined);
      const since = receivers.webhooks.length;
      const seen = (await bed.events()).length;
      const waiting = eventually(`the event ${moment}`, async () => {
        const fresh = (await bed.events()).slice(seen);
        return fresh.some(({ type }) => type === moment) || undefined;
      });
      await mood('/fail');
      await waiting;
      await kill(agent);
      agent = await bed.startAgent();
      await bed.until(
        'api',
        'is up again',
        ({ state, activity }) => state === 'up' && activity === undefined,
      );
      await eventually('a settled incident', async () => {
        const { code, stdout } = await bed.cli('incidents', '--json');
        const settled =
          code === 0 && (JSON.parse(stdout) as { incidents: readonly unknown[] }).incidents.length === 0;
        return (settled && (await bed.summary()).agent.undelivered === 0) || undefined;
      });
      const { failed = 0, recovered = 0 } = told(since);
      expect({ moment, failed, recovered }).toEqual({ moment, failed: 1, recovered: 1 });
      expect(api.pid()).toBeDefined();
      await kill(agent);
    }
  });

  it('leaves nothing half-written behind', async () => {
    rule('');
    for (let round = 0; round < 5; round += 1) {
      const agent = await bed.startAgent();
      await bed.cli(round % 2 === 0 ? 'unmonitor' : 'monitor', 'api');
      await kill(agent);
    }
    const agent = await bed.startAgent();
    await bed.until('api', 'is as it was left', ({ state }) => state === 'unmonitored');
    expect(agent.output()).not.toMatch(/damaged|corrupt/i);
    expect(existsSync(bed.socket)).toBe(true);
    expect(readdirSync(bed.folder).filter((name) => name.startsWith('.new-'))).toEqual([]);
  });
});

describe('a full disk under the state', () => {
  it('is told; the agent goes on, and saves everything once there is room', async () => {
    const mount = bed.path('state');
    mkdirSync(mount);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=0700', 'watcher-test', mount]);
    bed.onClose(() => {
      execFileSync('umount', [mount]);
    });
    rule('');
    let agent = await bed.startAgent();
    await bed.until('api', 'is up', ({ state }) => state === 'up');
    const ballast = join(mount, 'ballast');
    fill(ballast);
    await mood('/fail');
    await bed.until('api', 'is down', ({ state }) => state === 'down');
    await eventually('the notice', () => told()['failed'] === 1 || undefined);
    await eventually('the trouble told', async () => (await bed.summary()).agent.stateTrouble);
    expect((await bed.cli('summary')).stderr).toMatch(/cannot be saved/);
    expect((await bed.cli('unmonitor', 'api')).code).toBe(0);
    rmSync(ballast);
    await eventually(
      'room again',
      async () => (await bed.summary()).agent.stateTrouble === undefined || undefined,
    );
    await kill(agent);
    agent = await bed.startAgent();
    await bed.until('api', 'is as it was left', ({ state }) => state === 'unmonitored');
    expect(told()['failed']).toBe(1);
  });
});

/** Writes until nothing more fits. */
function fill(file: string): void {
  const handle = openSync(file, 'w');
  try {
    for (const size of [65_536, 4096, 512, 1]) {
      const block = Buffer.alloc(size, 1);
      for (;;) if (writeSync(handle, block) < size) break;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(handle);
  }
}
