import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bed } from './bed.ts';
import { makeBed } from './bed.ts';
import { eventually } from './eventually.ts';
import type { Receivers } from './receivers.ts';
import { startReceivers } from './receivers.ts';
import type { Service } from './services.ts';
import { nginxService, nodeService, redisService } from './services.ts';

let receivers: Receivers;
let bed: Bed;

beforeEach(async () => {
  receivers = await startReceivers();
  bed = makeBed(`every: 1s
notify: [mail, hook]
notices: { group_wait: 0s }
notifiers:
  mail: { email: { to: ops@example.com, from: watcher@example.com, smtp: [smtp://127.0.0.1:${receivers.smtpPort}] } }
  hook: { webhook: http://127.0.0.1:${receivers.httpPort}/alerts }
`);
});

afterEach(async () => {
  await bed.close();
  await receivers.close();
});

/** A rule file with the common settings of these tests: quick, and with room for one repair after the other. */
function rule(name: string, manager: string, checks: string): string {
  return bed.write(
    `rules/${name}.yaml`,
    `service: ${name}
${manager}
start_timeout: 20s
repair_budget: { attempts: 3 in 15m, backoff: 100ms..1s, hold: 1s }
checks:
${checks}
`,
  );
}

/** Subjects of the mails that arrived. */
function subjects(): readonly string[] {
  return receivers.mails.map((mail) => mail.headers['subject'] ?? '');
}

/** Waits for the notices of one whole incident, and fails when there are more than one of each. */
async function oneOfEach(service: string): Promise<{ failed: string; recovered: string }> {
  const explain = (): string =>
    `mails: ${subjects().join(' | ')}; webhooks: ${JSON.stringify(receivers.webhooks)}`;
  await eventually(
    'notices of failure and recovery by mail and webhook',
    () => (receivers.mails.length >= 2 && receivers.webhooks.length >= 2) || undefined,
    { explain },
  );
  await eventually(
    'a delivered outbox',
    async () => (await bed.summary()).agent.undelivered === 0 || undefined,
  );
  expect(subjects()).toHaveLength(2);
  expect(receivers.webhooks.map((body) => body.status)).toEqual(['firing', 'resolved']);
  for (const body of receivers.webhooks) {
    expect(body.version).toBe('4');
    expect(body.alerts.map((alert) => alert.labels['service'])).toEqual([service]);
  }
  const [failed, recovered] = receivers.mails;
  expect(failed?.to).toEqual(['ops@example.com']);
  return {
    failed: `${failed?.headers['subject']}\n${failed?.body}`,
    recovered: `${recovered?.headers['subject']}\n${recovered?.body}`,
  };
}

async function post(service: Service, path: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${service.port}${path}`, { method: 'POST' });
  await response.text();
}

describe('three real services', () => {
  it('are seen up with what is measured of them', async () => {
    const [web, cache, api] = [
      await nginxService(bed, 'web'),
      await redisService(bed, 'cache'),
      await nodeService(bed, 'api'),
    ];
    for (const service of [web, cache, api]) await service.start();
    rule(
      'web',
      web.manager,
      `  alive: { process: {} }
  page: { http: "http://127.0.0.1:${web.port}/", expect: [status == 200, latency < 10 s, body contains "works"] }`,
    );
    rule(
      'cache',
      cache.manager,
      `  alive: { process: {}, expect: [memory < 2 GB, threads < 1000, children < 10, cpu < 1000%] }
  port: { tcp: "127.0.0.1:${cache.port}" }`,
    );
    rule(
      'api',
      api.manager,
      `  alive: { process: {} }
  found: { process: { match: { command: "${api.pidfile}" } } }
  health: { http: "http://127.0.0.1:${api.port}/health", expect: ['json.status == "ok"'] }`,
    );
    bed.write('rules/machine.yaml', machineRule(bed.folder));
    await bed.startAgent();
    for (const name of ['web', 'cache', 'api', 'machine'])
      await bed.until(name, 'is up', ({ state }) => state === 'up');
    const process = (await bed.status('cache')).checks.find(({ name }) => name === 'alive');
    expect(process?.reading['pid']).toBe(cache.pid());
    expect(process?.measurements.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['memory', 'threads']),
    );
    const found = (await bed.status('api')).checks.find(({ name }) => name === 'found');
    expect(found?.reading['pid']).toBe(api.pid());
    expect(receivers.mails).toEqual([]);
  });
});

function machineRule(folder: string): string {
  return `service: machine
checks:
  system: { system: {}, expect: [load1 < 1000, memory < 100%] }
  space: { filesystem: ${folder}, expect: [used < 100%] }
`;
}

describe('a service that breaks', () => {
  it('is restarted after kill -9, and people are told of both', async () => {
    const cache = await redisService(bed, 'cache');
    await cache.start();
    rule('cache', cache.manager, '  alive: { process: {}, repair: restart }');
    await bed.startAgent();
    await bed.until('cache', 'is up', ({ state }) => state === 'up');
    const before = cache.pid();
    process.kill(before ?? 0, 'SIGKILL');
    const { failed, recovered } = await oneOfEach('cache');
    expect(cache.pid()).not.toBe(before);
    expect(cache.pid()).toBeDefined();
    expect(failed).toMatch(/cache\/alive/);
    expect(recovered).toMatch(/cache\/alive[\s\S]*restart/);
    await bed.until('cache', 'is up again', ({ state }) => state === 'up');
  });

  it('is restarted when it accepts and never answers', async () => {
    const { failed, recovered } = await breakHttp('/hang');
    expect(failed).toMatch(/1 s|time/i);
    expect(recovered).toMatch(/restart/);
  });

  it('is restarted when it answers 500', async () => {
    const { failed, recovered } = await breakHttp('/fail');
    expect(failed).toMatch(/status[\s\S]*500[\s\S]*200/);
    expect(recovered).toMatch(/restart/);
  });

  it('is restarted when it leaks memory', async () => {
    const api = await nodeService(bed, 'api');
    await api.start();
    rule(
      'api',
      api.manager,
      '  leak: { process: {}, expect: memory_tree < 250 MB, fail_after: 2 of 3, repair: restart }',
    );
    await bed.startAgent();
    await bed.until('api', 'is up', ({ state }) => state === 'up');
    const before = api.pid();
    await post(api, '/leak?mb=300');
    const { failed } = await oneOfEach('api');
    expect(failed).toMatch(/memory_tree[\s\S]*250 MB/);
    expect(api.pid()).not.toBe(before);
  });

  async function breakHttp(how: '/hang' | '/fail'): Promise<{ failed: string; recovered: string }> {
    const api = await nodeService(bed, 'api');
    await api.start();
    rule(
      'api',
      api.manager,
      `  responds:
    http: http://127.0.0.1:${api.port}/health
    timeout: 1s
    expect: [status == 200]
    fail_after: 2
    repair: restart`,
    );
    await bed.startAgent();
    await bed.until('api', 'is up', ({ state }) => state === 'up');
    const before = api.pid();
    await post(api, how);
    const notices = await oneOfEach('api');
    expect(api.pid()).not.toBe(before);
    await bed.until('api', 'is up again', ({ state }) => state === 'up');
    return notices;
  }
});

describe('a file system that fills up', () => {
  it('is told, and told again when there is room', async () => {
    const mount = bed.path('small');
    mkdirSync(mount);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'watcher-test', mount]);
    bed.onClose(() => {
      execFileSync('umount', [mount]);
    });
    bed.write(
      'rules/small.yaml',
      `service: small\nchecks:\n  space: { filesystem: ${mount}, expect: [used < 90%], fail_after: 2 }\n`,
    );
    await bed.startAgent();
    await bed.until('small', 'is up', ({ state }) => state === 'up');
    writeFileSync(`${mount}/ballast`, Buffer.alloc(4_100_000));
    await bed.until('small', 'is down', ({ state }) => state === 'down');
    rmSync(`${mount}/ballast`);
    const { failed, recovered } = await oneOfEach('small');
    expect(failed).toMatch(/small\/space[\s\S]*9\d(\.\d)? ?%[\s\S]*90 ?%/);
    expect(recovered).toMatch(/small\/space/);
  });
});
