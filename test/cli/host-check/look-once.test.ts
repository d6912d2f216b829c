import { expect, it } from 'vitest';
import { lookOnce } from '../../../src/cli/host-check/look-once.ts';
import { loadRules } from '../../../src/cli/rules/load-rules.ts';
import { registeredKinds } from '../../../src/config/registered-kinds.ts';
import { createFakeFiles } from '../../fakes/fake-files.ts';
import { createFakeHost } from '../../fakes/fake-host.ts';

const text = `service: api
manager: { commands: { pidfile: /run/api.pid, start: [/opt/api] } }
checks:
  alive: { process: {} }
---
service: bare
checks:
  alive: { process: { pidfile: /run/bare.pid } }
`;

/** Two services, one with a manager, of which these processes live. */
async function lookWith(...pids: readonly number[]) {
  const surroundings = { env: {}, cwd: '/', home: '/root', uid: 0 };
  const loaded = await loadRules({ embedded: [{ file: 'api.yaml', text }], title: 'api' }, surroundings);
  if (loaded.config === undefined) throw new Error('the rules do not load');
  const files = createFakeFiles({ '/run/api.pid': '100', '/run/bare.pid': '200' }, () => 0);
  const host = createFakeHost({ files });
  for (const pid of pids) host.processes.put({ pid, start: pid });
  const looking = lookOnce(
    loaded.config.services,
    { host, kinds: registeredKinds(), redact: (said) => said },
    (error) => {
      throw error;
    },
  );
  // What is gone is looked at twice.
  await host.clock.advance(2000);
  return looking;
}

it('says of each check what it found, also where the service has a manager that is asked first', async () => {
  expect(await lookWith(100, 200)).toMatchObject([
    { service: 'api', state: 'up', problem: '' },
    { service: 'bare', state: 'up', problem: '' },
  ]);
  const [api, bare] = await lookWith(200);
  expect(api).toMatchObject({ state: 'down', problem: expect.stringMatching(/^alive: .*100.*not running/) });
  expect(bare).toMatchObject({ state: 'up' });
});
