import { expect, it } from 'vitest';
import { discoverUnits } from '../../../src/managers/systemd/systemd-discovery.ts';
import { createFakeHost } from '../../fakes/fake-host.ts';

const block = (unit: string, more: string) =>
  `Id=${unit}\nDescription=${unit} for us\nMainPID=0\nRestart=no\n${more}\n`;

it('what runs, what failed although it is enabled, and the same of the own user', async () => {
  const host = createFakeHost();
  const uid = host.self.uid;
  expect(await discoverUnits(host)).toMatchObject({ present: false });
  host.files.put('/run/systemd/system/x', '');
  host.commands.answer('systemctl list-units', {
    stdout:
      'web.service loaded active running Web\n● down.service loaded failed failed Down\ntried.service loaded failed failed Tried\nsystemd-journald.service loaded active running J\n',
  });
  host.commands.answer('systemctl show', {
    stdout: [
      block('web.service', 'UnitFileState=enabled\nActiveState=active'),
      block('down.service', 'UnitFileState=enabled\nActiveState=failed'),
      block('tried.service', 'UnitFileState=static\nActiveState=failed'),
    ].join('\n'),
  });
  const names = async () => (await discoverUnits(host)).services.map(({ name, lasting }) => [name, lasting]);
  expect(await names()).toEqual([
    ['web', true],
    ['down', true],
  ]);
  const asked = host.commands.calls.find(({ command }) => command.argv.includes('show'))?.command.argv;
  expect(asked?.slice(-3)).toEqual(['web.service', 'down.service', 'tried.service']);

  host.files.put(`/run/user/${uid}/systemd/private`, '');
  host.commands.answer('systemctl --user list-units', { stdout: 'mine.service loaded active running M\n' });
  host.commands.answer('systemctl --user show', {
    stdout: block('mine.service', 'UnitFileState=enabled\nActiveState=active'),
  });
  const { services } = await discoverUnits(host);
  expect(services).toHaveLength(3);
  expect(services[2]).toMatchObject({
    name: 'mine',
    manager: { systemd: { unit: 'mine.service', user: await host.users.nameOf(uid) } },
  });
});

it('a user systemd that does not answer keeps nothing of the system away', async () => {
  const host = createFakeHost();
  host.files.put('/run/systemd/system/x', '');
  host.files.put(`/run/user/${host.self.uid}/systemd/private`, '');
  host.commands.answer('systemctl --user', { code: 1, stderr: 'Failed to connect to bus' });
  host.commands.answer('systemctl list-units', { stdout: 'web.service loaded active running Web\n' });
  host.commands.answer('systemctl show', {
    stdout: block('web.service', 'UnitFileState=enabled\nActiveState=active'),
  });
  expect(await discoverUnits(host)).toMatchObject({
    services: [{ name: 'web' }],
    trouble: expect.stringContaining('systemctl --user list-units'),
  });
});
