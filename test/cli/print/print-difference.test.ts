import { describe, expect, it } from 'vitest';
import { printDifference } from '../../../src/cli/print/print-difference.ts';
import { configDifferences } from '../../../src/cli/rules/config-differences.ts';
import type { Config } from '../../../src/model/config.ts';
import { loadTexts } from '../../config/memory-files.ts';

async function load(text: string): Promise<Config> {
  const { config } = await loadTexts({ '/etc/watcher/watcher.yaml': text });
  if (config === undefined) throw new Error('the rules of this test are bad');
  return config;
}

describe('differences for people', () => {
  it('are in the words of rule files', async () => {
    const before = await load(`services:
  api:
    manager: { systemd: api }
    checks:
      alive: { process: {}, every: 5s, repair: restart }
      up: { http: http://127.0.0.1/, expect: status == 200 }
  old: { checks: { it: { http: http://127.0.0.1/ } } }
`);
    const after = await load(`notify: team
notifiers: { team: { email: { to: a@example.com } } }
services:
  api:
    manager: { systemd: api2 }
    repair_budget: { retry_after: 2h, hold: 90s }
    checks:
      alive: { process: {}, every: 1m, fail_after: 3 of 5, repair: [reload, { run: [/bin/fix, --all] }] }
      up: { http: http://127.0.0.1/up, expect: [status == 200, latency < 1 s] }
      new: { http: http://127.0.0.1/ }
`);
    expect(configDifferences(before, after).map(printDifference).join('')).toMatchInlineSnapshot(`
      "the agent: notify
        - []
        + [team]
      api: manager.unit
        - api
        + api2
      api: repair_budget.hold
        - 1m
        + 90s
      api: repair_budget.retry_after
        + 2h
      api/alive: every
        - 5s
        + 1m
      api/alive: fail_after
        - 1
        + 3 of 5
      api/alive: repair
        - [restart]
        + [reload, { run: [/bin/fix, --all] }]
      api/alive: notify
        - []
        + [team]
      api/up: url
        - http://127.0.0.1/
        + http://127.0.0.1/up
      api/up: expect
        - [status == 200]
        + [status == 200, latency < 1 s]
      api/up: notify
        - []
        + [team]
      api/new: added
      old: removed
      the notifier team: added
      "
    `);
  });
});
