import { describe, expect, it } from 'vitest';
import { loadRules } from '../../src/cli/load-rules.ts';
import { printRules } from '../../src/cli/print-rules.ts';
import { plainStyle } from '../../src/cli/style.ts';

const text = `service: api
manager:
  commands: { pidfile: /run/api.pid, start: [/bin/api] }
every: 10s
checks:
  responds:
    http:
      url: http://127.0.0.1/
      bearer: very-secret-token
    expect: [status == 200]
    repair: restart
    notify: [team]
---
notifiers: { team: { webhook: "http://127.0.0.1/hook" } }
defaults: { kinds: { http: { timeout: 2s } } }
`;

describe('printRules', () => {
  it('shows every value with where it came from, and how long a failure takes to count', async () => {
    const surroundings = { env: {}, cwd: '/', home: '/root', uid: 0 };
    const loaded = await loadRules({ embedded: [{ file: 'api.yaml', text }], title: 'api' }, surroundings);
    const [service] = loaded.config?.services ?? [];
    if (service === undefined || loaded.config === undefined) throw new Error('the rules do not load');
    const printed = printRules(service, loaded.origins.get('api'), loaded.config, { style: plainStyle });
    const row = (name: string): string =>
      printed.split('\n').find((line) => line.trim().startsWith(`${name} `)) ?? '';
    expect(row('timeout')).toMatch(/2 s .*api\.yaml:15/);
    expect(row('every')).toMatch(/10 s .*api\.yaml:4/);
    expect(row('expect')).toMatch(/status == 200 .*api\.yaml:10/);
    expect(row('fail_after')).toMatch(/3 in a row .*built in/);
    expect(row('manager')).toMatch(/commands: .*\/run\/api\.pid/);
    expect(row('repaired')).toMatch(/20 s to 32 s after it broke/);
    expect(row('told')).toMatch(/25 s to 37 s after it broke/);
    expect(printed).not.toContain('very-secret-token');
  });
});
