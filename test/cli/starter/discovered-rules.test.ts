import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { proposeRules } from '../../../src/cli/starter/discovered-rules.ts';
import { inlineYaml } from '../../../src/cli/starter/inline-yaml.ts';
import type { Surveyed } from '../../../src/cli/starter/survey-managers.ts';
import type { Host } from '../../../src/host/host.ts';
import type { Discovered } from '../../../src/managers/manager-kind.ts';

const host = {
  processes: { table: async () => ({ byPid: new Map([[5, { comm: 'nginx' }]]) }) },
} as unknown as Host;
const nginx = {
  file: '',
  name: 'nginx',
  whenRunning: ['nginx'],
  text: '#   manager: { systemd: nginx.service }\nservice: nginx\nchecks: {}\n',
};

function service(name: string, changes: Partial<Discovered> = {}): Discovered {
  return { name, manager: { pm2: name }, detail: 'x', pids: [], lasting: true, ...changes };
}
const survey = (kind: string, ...services: readonly Discovered[]): Surveyed => ({
  kind,
  present: true,
  services,
});

it('ready-made rules learn who runs the service, others get a file each', async () => {
  const proposals = await proposeRules(
    [nginx],
    [
      survey('systemd', service('nginx', { manager: { systemd: 'nginx.service' }, pids: [5] })),
      survey('pm2', service('api', { detail: 'app of\nPM2' }), service('once', { lasting: false })),
    ],
    host,
  );
  expect(proposals).toEqual([
    { name: 'nginx', text: 'service: nginx\nmanager: { systemd: nginx.service }\nchecks: {}\n' },
    { name: 'api', text: expect.stringContaining('\nservice: api\nmanager: { pm2: api }\n') },
  ]);
  expect(proposals[1]?.text).toContain('beside pm2: app of PM2\n');
});

it('a process that two managers have is proposed once; names that are taken get another', async () => {
  const proposals = await proposeRules(
    [nginx],
    [
      survey('systemd', service('api', { pids: [8] })),
      survey('docker', service('api', { pids: [9] }), service('nginx'), service('my app!')),
      survey(
        'monit',
        service('api', { pids: [8] }),
        service('cron', { instead: { commands: { pidfile: '/run/c' } } }),
      ),
    ],
    host,
  );
  expect(proposals.map(({ name }) => name)).toEqual([
    'nginx',
    'api',
    'api-docker',
    'nginx-docker',
    'my-app-',
    'cron',
  ]);
  expect(proposals.at(-1)?.text).toContain('# Without Monit: manager: { commands: { pidfile: /run/c } }\n');
});

it.each([
  [{ systemd: 'api.service' }, '{ systemd: api.service }'],
  [{ supervisor: 'web:api' }, '{ supervisor: "web:api" }'],
  [{ pm2: { name: '0', home: '/srv/my apps' } }, '{ pm2: { name: "0", home: "/srv/my apps" } }'],
  [{ x: ['yes', 'a'], y: 1.5, z: true }, '{ x: ["yes", a], y: 1.5, z: true }'],
])('%j in one line', (value, text) => {
  expect(inlineYaml(value)).toBe(text);
  expect(parse(text)).toEqual(value);
});
