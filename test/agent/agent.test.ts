import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AgentBed, makeAgentBed } from './live-agent.ts';

let bed: AgentBed;

beforeEach(() => {
  bed = makeAgentBed();
});

afterEach(() => bed.close());

const POLL = { timeout: 10_000, interval: 20 };

function fileRule(service: string, more = ''): string {
  return `service: ${service}\nchecks:\n  there: { file: ${bed.path(`${service}.txt`)}${more} }\n`;
}

async function state(service: string): Promise<string | undefined> {
  return (await bed.summary()).services.find((row) => row.service === service)?.state;
}

describe('a running agent', () => {
  it('watches, serves, and leaves nothing but its state when it stops', async () => {
    bed.write('rules/a.yaml', fileRule('a'));
    bed.write('a.txt', 'x');
    const agent = await bed.started();
    await expect.poll(() => state('a'), POLL).toBe('up');
    rmSync(bed.path('a.txt'));
    await expect.poll(() => state('a'), POLL).toBe('down');
    const status = await bed.client.status('a');
    expect(status).toMatchObject({
      ok: true,
      value: { services: [{ checks: [{ name: 'there', kind: 'file', state: 'down' }] }] },
    });
    const incidents = await bed.client.incidents();
    expect(incidents).toMatchObject({
      ok: true,
      value: { incidents: [{ service: 'a', check: 'there', severity: 'critical' }] },
    });
    const why = await bed.client.why('a');
    expect(why.ok && why.value.reasons.join('\n')).toContain('a is down');
    expect(await bed.client.quit('the test')).toMatchObject({ ok: true, value: { pid: process.pid } });
    await agent.stopped;
    expect(existsSync(bed.socket)).toBe(false);
    // Evidence of what failed here may have been captured by now.
    const left = readdirSync(bed.path('state')).filter((name) => name !== 'evidence');
    expect(left.sort()).toEqual(['events.ndjson', 'state.log']);
  });

  it('goes on where the last one ended', async () => {
    bed.write('rules/a.yaml', fileRule('a'));
    const first = await bed.started();
    await expect.poll(() => state('a'), POLL).toBe('down');
    const before = (await bed.summary()).services[0];
    await bed.client.command({ do: 'unmonitor', services: ['a'] });
    await first.stop('again');
    await bed.started();
    const after = (await bed.summary()).services[0];
    expect(after).toMatchObject({ state: 'unmonitored' });
    expect(before?.incidents.length).toBe(1);
    const types = (await storedEvents()).map(({ type }) => type);
    expect(types.filter((type) => type === 'failed').length).toBe(1);
  });

  it('refuses a second agent on the same state, and another on the same socket', async () => {
    bed.write('rules/a.yaml', fileRule('a'));
    await bed.started();
    const second = await bed.agent().start();
    expect(second).toMatchObject({ ok: false, failure: { family: 'state', failure: { code: 'locked' } } });
    const settings = readFileSync(bed.path('watcher.yaml'), 'utf8');
    bed.write('watcher.yaml', settings.replace('/state', '/other-state'));
    const third = await bed.agent().start();
    expect(third).toMatchObject({
      ok: false,
      failure: { family: 'socket', failure: { code: 'socket-in-use' } },
    });
    expect((await bed.summary()).agent.pid).toBe(process.pid);
    // The one that was refused has let go of what it had taken.
    bed.write(
      'watcher.yaml',
      settings.replace('/state', '/other-state').replace('watcher.sock', 'second.sock'),
    );
    await bed.started();
  });

  it('stops at once when it is asked to while its rules are being read', async () => {
    const agent = bed.agent({ load: () => new Promise(() => {}) });
    const starting = agent.start();
    await agent.stop('too early');
    expect(await starting).toEqual({ ok: false, failure: { family: 'stopped' } });
    await agent.stopped;
  });

  it('leaves nothing behind at whatever moment of its start it is asked to stop', async () => {
    bed.write('rules/a.yaml', fileRule('a'));
    const families = new Set<string>();
    for (let turns = 0; turns < 60; turns += 2) {
      const agent = bed.agent();
      const starting = agent.start();
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await agent.stop('at some moment');
      const started = await starting;
      families.add(started.ok ? 'started' : started.failure.family);
      expect(existsSync(bed.socket)).toBe(false);
      expect(existsSync(bed.path('state/agent.pid'))).toBe(false);
    }
    expect([...families].filter((family) => family !== 'stopped' && family !== 'started')).toEqual([]);
    expect(families).toContain('stopped');
    // The folder is free for the next one.
    await bed.started();
  });

  it('does not start on rules with errors, and says all of them', async () => {
    bed.write('rules/a.yaml', 'service: a\nchecks:\n  there: { fiel: /x }\n');
    const started = await bed.agent().start();
    expect(started).toMatchObject({ ok: false, failure: { family: 'configuration' } });
    if (!started.ok && started.failure.family === 'configuration')
      expect(started.failure.report).toContain('a.yaml:3:');
    expect(existsSync(bed.path('state'))).toBe(false);
  });

  it('takes commands, and names the service that nobody knows', async () => {
    bed.write('rules/a.yaml', fileRule('a'));
    await bed.started();
    expect(await bed.client.command({ do: 'stop', services: ['b'] })).toMatchObject({
      ok: false,
      failure: { code: 'unknown-service', message: "there is no service 'b'" },
    });
    const answer = await bed.client.command({ do: 'restart', services: ['a'], wait: true });
    expect(answer).toMatchObject({ ok: true, value: { results: [{ service: 'a', ok: false }] } });
    await bed.client.command({ do: 'unmonitor', services: 'all' });
    await bed.client.command({ do: 'monitor', services: 'all' });
    await expect.poll(() => state('a'), POLL).toBe('down');
  });

  it('leaves alone what has no manager where all are meant, and refuses it by name', async () => {
    bed.write('rules/a.yaml', fileRule('a'));
    await bed.started();
    const command = { do: 'restart', wait: true } as const;
    expect(await bed.client.command({ ...command, services: 'all' })).toMatchObject({
      ok: true,
      value: {
        results: [{ service: 'a', ok: true, detail: 'left alone: it has no manager that could restart it' }],
      },
    });
    expect(await bed.client.command({ ...command, services: ['a'] })).toMatchObject({
      ok: true,
      value: { results: [{ service: 'a', ok: false, detail: 'it has no manager that could restart it' }] },
    });
  });

  it('takes silences and acknowledgements, and ends them', async () => {
    bed.write('rules/a.yaml', fileRule('a'));
    await bed.started();
    await expect.poll(() => state('a'), POLL).toBe('down');
    const silenced = await bed.client.silence({ services: ['a'], for: 60_000, by: 'ann', comment: 'moving' });
    expect(silenced).toMatchObject({ ok: true, value: { silences: [{ by: 'ann', comment: 'moving' }] } });
    expect((await bed.summary()).services[0]?.silenced).toBe(true);
    const id = silenced.ok ? (silenced.value.silences[0]?.id ?? '') : '';
    expect(await bed.client.silence({ services: ['a'], checks: ['nope'], for: 1000 })).toMatchObject({
      ok: false,
      failure: { code: 'unknown-check' },
    });
    expect(await bed.client.unsilence('nope')).toMatchObject({
      ok: false,
      failure: { code: 'unknown-silence' },
    });
    expect(await bed.client.unsilence(id)).toMatchObject({ ok: true, value: { silences: [] } });
    const incident = (await bed.summary()).services[0]?.incidents[0] ?? '';
    expect(await bed.client.acknowledge({ incident, by: 'ann' })).toMatchObject({
      ok: true,
      value: { incident: { acknowledged: { by: 'ann' } } },
    });
    expect(await bed.client.acknowledge({ incident: 'x-0000' })).toMatchObject({
      ok: false,
      failure: { code: 'unknown-incident' },
    });
  });

  it('streams what happens to whoever follows', async () => {
    bed.write('rules/a.yaml', fileRule('a'));
    bed.write('a.txt', 'x');
    await bed.started();
    await expect.poll(() => state('a'), POLL).toBe('up');
    const stop = new AbortController();
    const types: string[] = [];
    const following = bed.client.events(
      { follow: true, service: 'a' },
      ({ type }) => {
        types.push(type);
        if (type === 'failed') stop.abort();
      },
      stop.signal,
    );
    rmSync(bed.path('a.txt'));
    await following;
    expect(types).toContain('failed');
  });

  it('never prints a secret: not in its answers, not in its log', async () => {
    bed.write('key', 'hunter2hunter2\n');
    bed.write(
      'rules/a.yaml',
      `service: a\nchecks:\n  there: { file: "/nowhere/\${file:${bed.path('key')}}" }\n`,
    );
    await bed.started();
    await expect.poll(() => state('a'), POLL).toBe('down');
    const config = await bed.client.config();
    expect(JSON.stringify(config)).not.toContain('hunter2');
    expect(bed.log.join()).not.toContain('hunter2');
  });
});

describe('what holds a service', () => {
  const reasons = async (): Promise<string> => {
    const why = await bed.client.why('a');
    return why.ok ? why.value.reasons.join('\n') : '';
  };
  const held = (): string =>
    fileRule('a').replace('checks:', `hold_while: { exists: ${bed.path('lock')} }\nchecks:`);

  it('holds it no more when a new agent finds it gone', async () => {
    bed.write('rules/a.yaml', held());
    bed.write('lock', '');
    const first = await bed.started();
    await expect.poll(reasons, POLL).toContain('lock exists');
    await first.stop('again');
    rmSync(bed.path('lock'));
    await bed.started();
    await expect.poll(() => state('a'), POLL).toBe('down');
  });

  it('holds it again when the rule that a reload took away comes back', async () => {
    bed.write('rules/a.yaml', held());
    bed.write('lock', '');
    await bed.started();
    await expect.poll(reasons, POLL).toContain('lock exists');
    bed.write('rules/a.yaml', fileRule('a'));
    await bed.client.reload();
    await expect.poll(() => state('a'), POLL).toBe('down');
    bed.write('rules/a.yaml', held());
    await bed.client.reload();
    await expect.poll(reasons, POLL).toContain('lock exists');
  });
});

async function storedEvents(): Promise<{ type: string; service: string }[]> {
  const events: { type: string; service: string }[] = [];
  await bed.client.events({}, (event) => events.push(event));
  return events;
}

describe('a secret that a program prints', () => {
  it('leaves the agent masked: in results, incidents, events, reasons, evidence, notices and what is stored', async () => {
    const secret = 'FILESECRET99';
    bed.write('sec', `${secret}\n`);
    bed.write(
      'rules/b.yaml',
      `service: b
manager: { commands: { pidfile: ${bed.path('b.pid')}, start: { run: [/bin/sh, -c, "echo first; echo $PW; exit 4"], env: { PW: "\${file:${bed.path('sec')}}" } } } }
evidence: { commands: [[/bin/echo, ${secret}]] }
checks:
  alive: { process: {}, timeout: 100ms, repair: restart }
`,
    );
    const agent = await bed.started();
    const incidents = async () => {
      const answer = await bed.client.incidents();
      return answer.ok ? answer.value.incidents : [];
    };
    await expect.poll(async () => (await incidents())[0]?.repairs[0]?.outcome, POLL).toBe('failed');
    await expect.poll(async () => (await incidents())[0]?.evidence, POLL).toBeTypeOf('string');
    const [incident] = await incidents();
    const result = await bed.client.command({ do: 'restart', services: ['b'], wait: true });
    expect(JSON.stringify(result)).toContain('exit code 4');
    const answers = [
      result,
      incident,
      await bed.client.incident(incident?.id ?? ''),
      await bed.client.status('b'),
      await bed.client.why('b'),
      await bed.client.summary(),
      await storedEvents(),
    ];
    expect(JSON.stringify(answers)).not.toContain(secret);
    expect(JSON.stringify(answers[2])).toContain('<${file:');
    await agent.stop('enough');
    const stored = readdirSync(bed.path('state'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8'));
    expect(stored.join('')).not.toContain(secret);
  });
});

describe('a reload', () => {
  it('swaps everything at once, keeps what stays, drops what goes', async () => {
    bed.write('rules/a.yaml', fileRule('a'));
    bed.write('rules/b.yaml', fileRule('b'));
    await bed.started();
    await expect.poll(() => state('a'), POLL).toBe('down');
    const incident = (await bed.summary()).services[0]?.incidents;
    rmSync(bed.path('rules/b.yaml'));
    bed.write('rules/c.yaml', fileRule('c'));
    expect(await bed.client.reload('ann')).toMatchObject({
      ok: true,
      value: { services: 2, added: ['c'], removed: ['b'], changed: [], needsRestart: [] },
    });
    const { services } = await bed.summary();
    expect(services.map(({ service }) => service)).toEqual(['a', 'c']);
    expect(services[0]?.incidents).toEqual(incident);
    await expect.poll(() => state('c'), POLL).toBe('down');
  });

  it('with errors changes nothing, and everybody who looks is told', async () => {
    bed.write('rules/a.yaml', fileRule('a'));
    await bed.started();
    bed.write('rules/a.yaml', 'service: a\nchecks: 7\n');
    const refused = await bed.client.reload('ann');
    expect(refused).toMatchObject({ ok: false, failure: { code: 'reload-refused' } });
    if (!refused.ok) expect(refused.failure.message).toContain('a.yaml:2:');
    expect((await bed.summary()).agent.reloadRefused?.summary).toBeTruthy();
    await expect.poll(() => state('a'), POLL).toBe('down');
    bed.write('rules/a.yaml', fileRule('a'));
    expect(await bed.client.reload('ann')).toMatchObject({ ok: true });
    expect((await bed.summary()).agent.reloadRefused).toBeUndefined();
  });

  it('says what needs a restart, and keeps the old until then', async () => {
    bed.write('rules/a.yaml', fileRule('a'));
    await bed.started();
    const settings = readFileSync(bed.path('watcher.yaml'), 'utf8');
    bed.write('watcher.yaml', settings.replace('/state', '/elsewhere').replace('watcher.sock', 'other.sock'));
    expect(await bed.client.reload()).toMatchObject({
      ok: true,
      value: { needsRestart: ['state_dir', 'socket'] },
    });
    expect((await bed.summary()).agent).toMatchObject({ socket: bed.socket, stateDir: bed.path('state') });
  });

  it('that breaks keeps no later one from being done', async () => {
    bed.write('rules/a.yaml', fileRule('a'));
    let breaks = false;
    const inner = bed.loader();
    const agent = await bed.started({
      load: () => (breaks ? Promise.reject(new Error('out of luck')) : inner()),
    });
    breaks = true;
    await expect(agent.reload('the test')).rejects.toThrow('out of luck');
    breaks = false;
    expect(await agent.reload('the test')).toMatchObject({ ok: true });
  });

  it('comes by itself when a rule file changes, where that is wanted', async () => {
    await bed.close();
    bed = makeAgentBed('every: 200ms\nwatch: true\n');
    bed.write('rules/a.yaml', fileRule('a'));
    await bed.started();
    bed.write('rules/b.yaml', fileRule('b'));
    await expect
      .poll(async () => (await bed.summary()).services.map(({ service }) => service), POLL)
      .toEqual(['a', 'b']);
  });
});

describe('a dry run', () => {
  it('decides everything and does nothing', async () => {
    const marker = bed.path('started');
    bed.write(
      'rules/a.yaml',
      `service: a\nmanager: { commands: { pidfile: ${bed.path('a.pid')}, start: [touch, ${marker}] } }\nchecks:\n  alive: { process: {}, timeout: 100ms, repair: restart }\n`,
    );
    const agent = await bed.started({ dryRun: true });
    await expect.poll(() => bed.log.join(''), POLL).toContain('dry run: would restart a');
    await agent.stop('enough');
    expect(existsSync(marker)).toBe(false);
    expect(existsSync(bed.path('state'))).toBe(false);
    expect(existsSync(bed.socket)).toBe(false);
  });

  it('does not beat the heart of the agent that really watches', async () => {
    const beats: string[] = [];
    const receiver = createServer(({ url }, response) => {
      beats.push(url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    const beds = ['rehearsal', 'real'].map((name) =>
      makeAgentBed(`every: 200ms\nheartbeat: { url: http://127.0.0.1:${port}/${name}, every: 1s }\n`),
    );
    try {
      for (const [index, one] of beds.entries()) {
        one.write('rules/a.yaml', fileRule('a'));
        await one.started({ dryRun: index === 0 });
      }
      // The one that began later has had its turn twice: the other one has had it as well.
      await expect.poll(() => beats.filter((url) => url === '/real').length, POLL).toBe(2);
      expect(beats).toEqual(['/real', '/real']);
    } finally {
      for (const one of beds) await one.close();
      await new Promise((resolve) => receiver.close(resolve));
    }
  });
});

describe.runIf(process.getuid?.() === 0)('a full disk under the state', () => {
  it('is told, the agent goes on, and everything is saved once there is room', async () => {
    mkdirSync(bed.path('state'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k,mode=0700', 'watcher-test', bed.path('state')]);
    try {
      bed.write('rules/a.yaml', fileRule('a'));
      bed.write('a.txt', 'x');
      const agent = await bed.started();
      await expect.poll(() => state('a'), POLL).toBe('up');
      expect(() => writeFileSync(bed.path('state/filler'), Buffer.alloc(200_000))).toThrow('ENOSPC');
      rmSync(bed.path('a.txt'));
      await expect.poll(() => state('a'), POLL).toBe('down');
      // The last page of the file still had room for a few changes.
      const trouble = async (): Promise<string | undefined> => {
        await bed.client.silence({ services: ['a'], for: 1000, comment: 'x'.repeat(1000) });
        return (await bed.summary()).agent.stateTrouble;
      };
      await expect.poll(trouble, POLL).toBe('no space left on the disk (ENOSPC)');
      expect(bed.log.join('')).toContain('the state cannot be saved (no space left on the disk (ENOSPC))');
      rmSync(bed.path('state/filler'));
      await expect.poll(async () => (await bed.summary()).agent.stateTrouble, POLL).toBeUndefined();
      await agent.stop('again');
      await bed.started();
      expect(await state('a')).toBe('down');
    } finally {
      await bed.stopAgents();
      execFileSync('umount', [bed.path('state')]);
    }
  });
});
