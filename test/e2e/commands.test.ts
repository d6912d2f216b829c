import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Status, Summary } from '../../src/control/api.ts';
import type { Bed, RunningAgent } from './bed.ts';
import { makeBed } from './bed.ts';
import { eventually } from './eventually.ts';
import type { Receivers } from './receivers.ts';
import { startReceivers } from './receivers.ts';
import type { Service } from './services.ts';
import { nodeService, redisService } from './services.ts';

let bed: Bed;
let receivers: Receivers;
let cache: Service;
let api: Service;
let agent: RunningAgent;

beforeAll(async () => {
  receivers = await startReceivers();
  bed = makeBed(`every: 1s
notify: [hook]
notifiers:
  hook: { webhook: http://127.0.0.1:${receivers.httpPort}/ }
`);
  cache = await redisService(bed, 'cache');
  api = await nodeService(bed, 'api');
  await cache.start();
  await api.start();
  bed.write(
    'rules/cache.yaml',
    `service: cache
${cache.manager}
checks:
  alive: { process: {} }
  port: { tcp: "127.0.0.1:${cache.port}" }
`,
  );
  bed.write(
    'rules/api.yaml',
    `service: api
description: The small service
${api.manager}
depends_on: [cache]
checks:
  alive: { process: {} }
  health: { http: "http://127.0.0.1:${api.port}/health" }
`,
  );
  agent = await bed.startAgent();
  for (const name of ['cache', 'api']) await bed.until(name, 'is up', ({ state }) => state === 'up');
});

afterAll(async () => {
  await bed.close();
  await receivers.close();
});

describe('run', () => {
  it('says where socket and state are, in plain lines when it is piped', () => {
    expect(agent.output()).toContain(bed.socket);
    expect(agent.output()).toContain(bed.path('state'));
    expect(agent.output()).not.toContain('\u001b[');
  });
});

describe('summary', () => {
  it('is a plain table when piped', async () => {
    const { code, stdout, stderr } = await bed.cli('summary');
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).not.toContain('\u001b[');
    const [heading, ...rows] = stdout.trimEnd().split('\n');
    expect(heading).toMatch(/^SERVICE\s+STATE\s+SINCE\s+PROBLEM$/);
    expect(rows.map((row) => row.split(/\s+/).slice(0, 2)).sort()).toEqual([
      ['api', 'up'],
      ['cache', 'up'],
    ]);
  });

  it('has colours where they are forced', async () => {
    const { stdout } = await bed.cliWith({ FORCE_COLOR: '1' }, 'summary');
    expect(stdout).toContain('\u001b[32mup');
  });

  it('is JSON for programs, and filtered by name', async () => {
    const { stdout } = await bed.cli('summary', 'api', '--json');
    const { version, agent, services } = JSON.parse(stdout) as Summary;
    expect(version).toBe(1);
    expect(agent.pid).toBeGreaterThan(1);
    expect(
      services.map(({ service, state, checksUp, checksTotal }) => [service, state, checksUp, checksTotal]),
    ).toEqual([['api', 'up', 2, 2]]);
  });

  it('finds the agent by --socket, from another folder', async () => {
    expect((await bed.cli('summary', '--socket', bed.socket, '-c', '/nonexistent/x.yaml')).code).toBe(0);
  });

  it('answers nothing but its exit code when quiet', async () => {
    const { code, stdout, stderr } = await bed.cli('summary', '--quiet', '--exit-code');
    expect([code, stdout, stderr]).toEqual([0, '', '']);
  });
});

describe('status', () => {
  it('shows every measurement', async () => {
    const { code, stdout } = await bed.cli('status', 'api');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^api {2}up for /);
    expect(stdout).toContain('The small service');
    expect(stdout).toContain(`pid ${api.pid()}`);
    expect(stdout).toMatch(/health {2}up[\s\S]*status\s+200[\s\S]*latency\s+[\d.]+ ms/);
  });

  it('is JSON with raw values', async () => {
    const { stdout } = await bed.cli('status', '--json');
    const { services } = JSON.parse(stdout) as Status;
    const checks = services.flatMap((service) => service.checks);
    expect(checks.map(({ name }) => name).sort()).toEqual(['alive', 'alive', 'health', 'port']);
    expect(checks.find(({ name }) => name === 'health')?.reading['status']).toBe(200);
  });
});

describe('monitor and unmonitor', () => {
  it('are idempotent and never fail in rapid succession', async () => {
    for (let round = 0; round < 3; round += 1) {
      for (const verb of ['unmonitor', 'unmonitor', 'monitor', 'monitor']) {
        const { code, stderr } = await bed.cli(verb, 'cache');
        expect([code, stderr]).toEqual([0, '']);
      }
    }
    await bed.until('cache', 'is watched again', ({ state }) => state === 'up');
  });

  it('leave the service alone and say so', async () => {
    await bed.cli('unmonitor', 'all', '--for', '1h');
    for (const name of ['cache', 'api']) {
      await bed.until(name, 'is unmonitored', ({ state }) => state === 'unmonitored');
    }
    await bed.cli('monitor', 'all');
    for (const name of ['cache', 'api']) await bed.until(name, 'is up', ({ state }) => state === 'up');
  });
});

describe('stop, start and restart', () => {
  it('restart --wait comes back when it is done', async () => {
    const before = cache.pid();
    const { code, stdout, stderr } = await bed.cli('restart', 'cache', '--wait');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^cache: /);
    expect(cache.pid()).toBeDefined();
    expect(cache.pid()).not.toBe(before);
    await bed.until('cache', 'is up', ({ state }) => state === 'up');
  });

  it('what was stopped stays stopped, is not down, and nobody is told', async () => {
    const stopped = await bed.cli('stop', 'api', '--wait');
    expect([stopped.code, stopped.stderr]).toEqual([0, '']);
    expect(api.pid()).toBeUndefined();
    await bed.until('api', 'is stopped', ({ state }) => state === 'stopped');
    expect((await bed.cli('stop', 'api', '--wait')).code).toBe(0);
    expect((await bed.cli('summary', '--exit-code')).code).toBe(0);
    expect((await bed.cli('start', 'api', '--wait')).code).toBe(0);
    expect(api.pid()).toBeDefined();
    await bed.until('api', 'is up', ({ state }) => state === 'up');
    expect(receivers.webhooks).toEqual([]);
  });

  it('a restart that was only queued is done too', async () => {
    const before = cache.pid();
    expect((await bed.cli('restart', 'cache')).code).toBe(0);
    await eventually('a new process', () => {
      const pid = cache.pid();
      return pid !== undefined && pid !== before ? pid : undefined;
    });
    await bed.until('cache', 'is up', ({ state }) => state === 'up');
  });
});

describe('events, incidents, why, silence, ack', () => {
  it('events tell what operators did, and can be followed', async () => {
    const types = (await bed.events()).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['agent-started', 'unmonitored', 'monitored', 'stopped']));
    const began = Date.now();
    const following = bed.start('events', '-f', '-n', '0', '--json', 'cache');
    await eventually('a followed event', async () => {
      await bed.cli('unmonitor', 'cache');
      await bed.cli('monitor', 'cache');
      return following.output().includes('"unmonitored"') || undefined;
    });
    following.child.kill('SIGINT');
    const { code, stdout } = await following.ended;
    expect(code).toBe(0);
    const followed = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { at: number }).at);
    // Nothing of what was stored before: none was asked for.
    expect(Math.min(...followed)).toBeGreaterThanOrEqual(began);
    await bed.until('cache', 'is up', ({ state }) => state === 'up');
  });

  it('a real outage: incident, acknowledgement, reasons, recovery', async () => {
    await fetch(`http://127.0.0.1:${api.port}/fail`, { method: 'POST' });
    const row = await bed.until('api', 'is down', ({ state }) => state === 'down');
    const [id = ''] = row.incidents;
    expect(row.problem).toMatch(/500/);
    expect((await bed.cli('summary', '--exit-code', '-q')).code).toBe(2);
    expect((await bed.cli('incidents')).stdout).toContain(id);
    const acknowledged = await bed.cli('ack', id, '--comment', 'on it');
    expect([acknowledged.code, acknowledged.stderr]).toEqual([0, '']);
    const shown = await bed.cli('incident', id);
    expect(shown.stdout).toMatch(/api\/health[\s\S]*acknowledged by[\s\S]*on it[\s\S]*Timeline/);
    const why = await bed.cli('why', 'api/health');
    expect(why.code).toBe(0);
    expect(why.stdout).toMatch(/500/);
    await fetch(`http://127.0.0.1:${api.port}/mend`, { method: 'POST' });
    await bed.until('api', 'is up', ({ state }) => state === 'up');
    expect((await bed.cli('incidents')).stderr).toContain('No open incidents');
    expect((await bed.cli('incidents', '--all')).stdout).toContain(id);
    expect((await bed.cli('incident', 'nothing-XXXX')).code).toBe(66);
  });

  it('silences are made, listed and ended', async () => {
    const made = await bed.cli('silence', 'api', '--for', '2h', '--comment', 'migration', '--json');
    expect(made.code).toBe(0);
    const { silences } = JSON.parse(made.stdout) as { silences: readonly { id: string; comment: string }[] };
    expect(silences.map(({ comment }) => comment)).toEqual(['migration']);
    expect((await bed.cli('silence')).stdout).toMatch(/api[\s\S]*migration/);
    await bed.until('api', 'is silenced', ({ silenced }) => silenced);
    expect((await bed.cli('silence', '--end', silences[0]?.id ?? '')).code).toBe(0);
    expect((await bed.cli('silence')).stderr).toContain('Nothing is silenced');
    expect((await bed.cli('silence', 'api')).code).toBe(64);
  });
});

describe('check, kinds, config, once', () => {
  it('check says that all is well', async () => {
    const other = makeBed('notify: [hook]\nnotifiers: { hook: { webhook: "http://127.0.0.1:9/" } }\n');
    other.write('rules/ok.yaml', 'service: ok\nchecks:\n  root: { filesystem: / }\n');
    const { code, stdout } = await other.cli('check', '--strict').finally(() => other.close());
    expect([code, stdout]).toEqual([0, expect.stringMatching(/1 service, 1 check, no mistakes/)]);
  });

  it('check --host asks the machine', async () => {
    const { code } = await bed.cli('check', '--host');
    expect(code).toBe(0);
  });

  it('check --host tells what the files and what the machine say against the rules at once', async () => {
    const other = makeBed();
    other.write('rules/bad.yaml', 'service: bad\nchecks:\n  root: { filesytem: / }\n');
    other.write(
      'rules/absent.yaml',
      'service: absent\nmanager: { commands: { pidfile: /run/x.pid, start: [/no/such/program] } }\nchecks:\n  alive: { process: {} }\n',
    );
    const { code, stdout } = await other.cli('check', '--host').finally(() => other.close());
    expect(code).toBe(78);
    expect(stdout).toMatch(/bad\.yaml:3:11 error: unknown key 'filesytem'/);
    expect(stdout).toMatch(/absent\.yaml:2:45 error:.*\/no\/such\/program/);
  });

  it('kinds documents every kind', async () => {
    const { stdout } = await bed.cli('kinds');
    for (const kind of [
      'process',
      'http',
      'tcp',
      'system',
      'filesystem',
      'commands',
      'email',
      'webhook',
      'restart',
    ]) {
      expect(stdout).toMatch(new RegExp(`^${kind}\\s`, 'm'));
    }
    expect((await bed.cli('kinds', 'http')).stdout).toMatch(
      /OPTION[\s\S]*url[\s\S]*READING[\s\S]*latency[\s\S]*Example/,
    );
    const wrong = await bed.cli('kinds', 'htpp');
    expect([wrong.code, wrong.stderr]).toEqual([66, expect.stringContaining("did you mean 'http'?")]);
  });

  it('errors are data for programs that ask for JSON', async () => {
    const nope = await bed.cli('incident', 'nope', '--json');
    expect(nope.code).toBe(66);
    expect(JSON.parse(nope.stdout)).toEqual({
      version: 1,
      error: {
        code: 'unknown-incident',
        message: "there is no incident 'nope'",
        hint: 'see: watcher incidents',
      },
    });
    const option = await bed.cli('summary', '--json', '--nope');
    expect(JSON.parse(option.stdout)).toMatchObject({ version: 1, error: { code: 'usage' } });
    const events = await bed.cli('events', 'nosuch', '--json');
    expect(events.code).toBe(66);
    expect(JSON.parse(events.stdout)).toMatchObject({ error: { code: 'unknown-service' } });
    expect((await bed.cli('silence', 'cache/nope', '--for', '1h')).code).toBe(66);
    expect((await bed.cli('silence', 'cache', '--for', '0s')).stderr).toContain('no time at all');
  });

  it('config show prints the rules with every default', async () => {
    const { code, stdout } = await bed.cli('config', 'show', 'cache');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^service: cache$/m);
    expect(stdout).toMatch(/^ +recover_after: 2 +# built in$/m);
    expect(stdout).toMatch(/# told (after|to nobody)/);
    expect(stdout).toMatch(/# \/.*\.yaml:\d+:\d+ the (check|service|defaults)/);
  });

  it('config diff tells files and agent apart', async () => {
    expect((await bed.cli('config', 'diff')).code).toBe(0);
    bed.write('rules/more.yaml', 'service: more\nchecks:\n  root: { filesystem: / }\n');
    const differs = await bed.cli('config', 'diff');
    expect([differs.code, differs.stdout]).toEqual([1, expect.stringContaining('more')]);
    expect((await bed.cli('reload')).stdout).toMatch(/added more/);
    expect((await bed.cli('config', 'diff')).code).toBe(0);
    await bed.until('more', 'is up', ({ state }) => state === 'up');
  });

  it('once needs no agent and ends by the worst state', async () => {
    const other = makeBed('every: 1s\n');
    try {
      other.write('rules/ok.yaml', 'service: ok\nchecks:\n  root: { filesystem: / }\n');
      const well = await other.cli('once');
      expect([well.code, well.stdout]).toEqual([0, expect.stringMatching(/ok\s+up/)]);
      other.write('rules/bad.yaml', 'service: bad\nchecks:\n  port: { tcp: "127.0.0.1:1" }\n');
      const ill = await other.cli('once');
      expect([ill.code, ill.stdout]).toEqual([2, expect.stringMatching(/bad\s+(down|failing)/)]);
      other.write(
        'rules/warn.yaml',
        'service: warn\nchecks:\n  root: { filesystem: /, warn: [used > 0%] }\n',
      );
      expect((await other.cli('once', 'warn', 'ok')).code).toBe(1);
      expect(existsSync(other.socket)).toBe(false);
    } finally {
      await other.close();
    }
  });

  it('test-notify sends through the named notifier', async () => {
    const before = receivers.webhooks.length;
    expect((await bed.cli('test-notify', 'hook')).code).toBe(0);
    expect(receivers.webhooks).toHaveLength(before + 1);
    expect((await bed.cli('test-notify', 'hok')).stderr).toContain("did you mean 'hook'?");
  });

  it('init writes starter rules that load', async () => {
    const folder = bed.path('starter');
    const made = await bed.cli('init', folder);
    expect([made.code, made.stderr]).toEqual([0, '']);
    expect((await bed.cli('check', '-c', `${folder}/watcher.yaml`)).code).toBe(0);
    expect((await bed.cli('init', folder)).code).toBe(73);
  });
});

describe('signals and quit', () => {
  it('SIGHUP reloads, SIGUSR1 checks now, SIGTERM and quit end cleanly and leave the services', async () => {
    bed.write('rules/more.yaml', 'service: later\nchecks:\n  root: { filesystem: /, every: 1h }\n');
    agent.child.kill('SIGHUP');
    await eventually(
      'the reloaded service',
      async () => (await bed.summary()).services.some(({ service }) => service === 'later') || undefined,
    );
    await bed.until('later', 'is up', ({ state }) => state === 'up');
    const lastRun = async (): Promise<number> => (await bed.status('later')).checks[0]?.lastRun ?? 0;
    const before = await lastRun();
    agent.child.kill('SIGUSR1');
    await eventually('a check out of turn', async () => (await lastRun()) > before || undefined);
    expect((await bed.cli('quit')).code).toBe(0);
    expect((await agent.ended).code).toBe(0);
    expect(existsSync(bed.socket)).toBe(false);
    expect(cache.pid()).toBeDefined();
    const again = await bed.startAgent();
    again.child.kill('SIGTERM');
    expect((await again.ended).code).toBe(0);
    expect(api.pid()).toBeDefined();
  });
});
