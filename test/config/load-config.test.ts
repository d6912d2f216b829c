import { describe, expect, it } from 'vitest';
import { describeConfig } from '../../src/config/describe/describe-config.ts';
import { registeredKinds } from '../../src/config/registered-kinds.ts';
import { createRedactor } from '../../src/lib/redactor.ts';
import { renderProblems } from '../../src/schema/frame.ts';
import { loadTexts } from './memory-files.ts';

const main = `
rules: [./rules/*.yaml]
every: 30s
notifiers:
  team:   { email: { to: ops@example.com, smtp: [smtp://mail-1:25, smtp://mail-2:25] } }
  oncall: { pagerduty: { routing_key: "\${file:/etc/watcher/pagerduty.key}" }, min_severity: critical, fallback: team }
maintenance:
  - { name: nightly-backup, cron: "0 3 * * *", for: 30m, timezone: Europe/Berlin, services: [postgres] }
heartbeat: { url: https://hc.example/ping/abcd, every: 1m }
`;

const api = `
# yaml-language-server: $schema=./watcher.schema.json
service: api
description: Public HTTP API
manager: { systemd: api.service }
groups: [web]
depends_on: [postgres]
runbook: https://wiki.example/runbooks/api
every: 10s
notify: [team, oncall]
repair_budget: { attempts: 3 in 15m, backoff: 2s..5m, hold: 60s, retry_after: 1h }

checks:
  alive:
    process: {}                       # the manager's main process
    repair: restart

  responds:
    http: http://127.0.0.1:3000/health
    timeout: 2s
    expect:
      - status == 200
      - latency < 500 ms
      - json.status == "ok"
    fail_after: 3
    recover_after: 2
    repair: [reload, restart]

  leak:
    process: {}
    warn: memory > 400 MB
    expect: memory < 500 MB
    fail_after: 5 of 6
    repair: restart

  certificate:
    tls: api.example.com:443
    every: 6h
    warn: expires_in < 21d
    expect: expires_in > 7d
---
service: worker
manager:
  commands:
    pidfile: /run/worker.pid
    start: [/usr/local/bin/worker, --daemon]
    stop: { run: [/usr/local/bin/worker, --stop], timeout: 30s, user: worker }
checks:
  alive: { process: {}, repair: restart }
---
service: postgres
manager: { systemd: postgresql.service }
checks:
  alive: { process: {} }
`;

describe('the examples of the design', () => {
  it('load', async () => {
    const result = await loadTexts({
      '/etc/watcher/watcher.yaml': main,
      '/etc/watcher/rules/api.yaml': api,
      '/etc/watcher/pagerduty.key': 'R0UTING-KEY\n',
    });
    const errors = result.problems.filter(({ level }) => level === 'error');
    expect(renderProblems(errors, result.sources)).toBe('');
    // Nobody named anybody for these two.
    expect(result.problems.map(({ code }) => code)).toEqual(['told-to-nobody', 'told-to-nobody']);
    const { config } = result;
    expect(config?.services.map(({ name }) => name)).toEqual(['api', 'worker', 'postgres']);
    expect(config?.services[0]).toMatchObject({
      manager: { kind: 'systemd', options: { unit: 'api.service' } },
      groups: ['web'],
      dependsOn: ['postgres'],
      budget: {
        attempts: 3,
        window: 900_000,
        backoff: { min: 2000, max: 300_000 },
        hold: 60_000,
        retryAfter: 3_600_000,
      },
    });
    const [alive, responds, leak, certificate] = config?.services[0]?.checks ?? [];
    expect(alive).toMatchObject({ vital: true, repair: [{ kind: 'restart' }], cadence: { every: 10_000 } });
    expect(alive?.failAfter).toEqual({ count: 1, of: 1 });
    expect(responds).toMatchObject({ timeout: 2000, vital: false, notify: ['team', 'oncall'] });
    expect(responds?.expect.map(({ text }) => text)).toEqual([
      'status == 200',
      'latency < 500 ms',
      'json.status == "ok"',
    ]);
    expect(leak?.failAfter).toEqual({ count: 5, of: 6 });
    expect(certificate).toMatchObject({
      options: { address: { host: 'api.example.com', port: 443 } },
      cadence: { every: 21_600_000 },
    });
    expect(config?.notifiers['oncall']).toMatchObject({
      fallback: ['team'],
      minSeverity: 'critical',
      options: { routing_key: 'R0UTING-KEY' },
    });
    expect(config?.secrets).toContainEqual({
      text: 'R0UTING-KEY',
      source: '${file:/etc/watcher/pagerduty.key}',
    });
    expect(config?.maintenance[0]?.when).toEqual({
      cron: '0 3 * * *',
      timezone: 'Europe/Berlin',
      duration: 1_800_000,
    });
    expect(config).toMatchObject({
      stateDir: '/var/lib/watcher',
      socket: '/run/watcher/watcher.sock',
      hostName: 'testhost',
    });
  });
});

describe('linting the files of an agent', () => {
  const text = `
notifiers: { team: { pagerduty: { routing_key: sesame-open } } }
notify: team
---
service: api
checks: { responds: { http: "\${env:ONLY_THE_AGENT_HAS_IT}" } }
`;
  const path = '/etc/watcher/watcher.yaml';
  const codes = async (mode: number, permissions: boolean): Promise<readonly string[]> => {
    const facts = { [path]: { mode, uid: 0, gid: 0 } };
    const { problems } = await loadTexts({ [path]: text }, { facts, pure: true, permissions });
    return problems.filter(({ level }) => level === 'error').map(({ code }) => code);
  };

  it('refuses the permissions that the agent would refuse, and asks for nothing else of the machine', async () => {
    expect(await codes(0o644, true)).toEqual(['readable-secret']);
    expect(await codes(0o622, true)).toEqual(['writable-file']);
    expect(await codes(0o600, true)).toEqual([]);
    expect(await codes(0o666, false)).toEqual([]);
  });
});

describe('secrets by their names', () => {
  const text = `
service: api
checks:
  web:
    http:
      url: http://127.0.0.1:1/health?token=abc&page=2
      headers: { Authorization: Bearer 0123456789, X-Api-Key: "\${env:SOMETHING}", Accept: text/plain }
  try: { command: { run: { run: [/bin/true], env: { DB_PASSWORD: sesame, TOKEN_FILE: /etc/token } } } }
`;

  it('are known to whoever prints: values of headers and variables, parameters of addresses', async () => {
    const env = { SOMETHING: 'open-sesame' };
    const { secrets, config } = await loadTexts(
      { '/etc/watcher/watcher.yaml': text },
      { env, kinds: registeredKinds() },
    );
    const texts = secrets.map((secret) => secret.text).sort();
    expect(texts).toEqual(['0123456789', 'Bearer 0123456789', 'open-sesame', 'sesame', 'token=abc']);
    const shown = createRedactor(config?.secrets ?? [])(JSON.stringify(config?.services));
    expect(shown).not.toMatch(/0123456789|sesame|token=abc/);
    expect(shown).toContain('page=2');
    expect(shown).toContain('/etc/token');
  });

  it('are not printed by config show', async () => {
    const kinds = registeredKinds();
    const loaded = await loadTexts(
      { '/etc/watcher/watcher.yaml': text },
      { env: { SOMETHING: 'open-sesame' }, kinds },
    );
    const shown = describeConfig(loaded, { kinds }) ?? '';
    expect(shown).not.toMatch(/0123456789|sesame|abc/);
    expect(shown).toContain('Accept: text/plain');
  });
});

it('loads a thousand services of five checks each', async () => {
  const texts: Record<string, string> = {
    '/etc/watcher/watcher.yaml':
      'rules: [./rules/*.yaml]\nnotify: team\nnotifiers: { team: { exec: [/bin/true] } }\n',
  };
  for (let index = 0; index < 1000; index += 1) {
    texts[`/etc/watcher/rules/s${index}.yaml`] = `service: s${index}
manager: { systemd: s${index}.service }
groups: [g${index % 10}]
checks:
  alive: { process: {}, repair: restart }
  responds: { http: "http://127.0.0.1:${3000 + index}/", expect: [status == 200, latency < 500 ms, json.status == "ok"] }
  port: { tcp: "127.0.0.1:${3000 + index}" }
  leak: { process: {}, warn: memory_tree > 400 MB, expect: memory_tree < 500 MB, fail_after: 5 of 6 }
  log: { file: "/var/log/s${index}.log", expect: "rate(size, 10m) < 5 MB/min" }
`;
  }
  const { problems, config } = await loadTexts(texts, { kinds: registeredKinds() });
  expect(problems).toEqual([]);
  expect(config?.services).toHaveLength(1000);
  expect(config?.services.every(({ checks }) => checks.length === 5)).toBe(true);
});
