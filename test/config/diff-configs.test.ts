import { describe, expect, it } from 'vitest';
import { diffConfigs } from '../../src/config/diff-configs.ts';
import type { Config } from '../../src/model/config.ts';
import { loadTexts } from './memory-files.ts';

async function load(services: string, more = ''): Promise<Config> {
  const text = `notify: team\nnotifiers: { team: { email: { to: a@example.com } } }\n${more}services:\n${services}`;
  const { config } = await loadTexts({ '/etc/watcher/watcher.yaml': text });
  if (config === undefined) throw new Error('the rules of this test are bad');
  return config;
}

const api =
  '  api: { manager: { systemd: api }, checks: { alive: { process: {} }, up: { http: http://127.0.0.1/ } } }\n';

describe('the difference between two configurations', () => {
  it('is nothing when they say the same', async () => {
    expect(diffConfigs(await load(api), await load(api))).toEqual([]);
  });

  it('tells what was added, removed and changed', async () => {
    const after = await load(
      '  api: { manager: { systemd: api2 }, checks: { alive: { process: {}, timeout: 2s }, ready: { process: {} } } }\n  web: { manager: { systemd: web }, checks: { alive: { process: {} } } }\n',
      'watch: true\n',
    );
    expect(
      diffConfigs(await load(api), after).map(({ type, service, check, fields }) => [
        type,
        service,
        check,
        fields,
      ]),
    ).toEqual([
      ['changed', undefined, undefined, ['watchFiles']],
      ['changed', 'api', undefined, ['manager']],
      ['changed', 'api', 'alive', ['timeout']],
      ['added', 'api', 'ready', []],
      ['removed', 'api', 'up', []],
      ['added', 'web', undefined, []],
    ]);
    expect(diffConfigs(after, await load(api)).at(-1)).toMatchObject({ type: 'removed', service: 'web' });
  });

  it('never shows a secret', async () => {
    const hook = (token: string) => `  hook: { webhook: https://hooks.example/${token} }`;
    const text = (token: string) => `notify: hook\nnotifiers:\n${hook(token)}\nservices:\n${api}`;
    const configs = await Promise.all(
      ['first-token', 'other-token'].map(
        async (token) => (await loadTexts({ '/w.yaml': text(token) })).config,
      ),
    );
    const [before, after] = configs;
    if (before === undefined || after === undefined) throw new Error('the rules of this test are bad');
    const [change] = diffConfigs(before, after);
    expect(change?.fields).toEqual(['notifiers']);
    expect(change?.text).not.toMatch(/first-token|other-token/);
  });
});
