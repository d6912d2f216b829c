import { expect, it } from 'vitest';
import { circus } from '../../src/managers/circus.ts';
import { launchd } from '../../src/managers/launchd.ts';
import type { ManagerContext } from '../../src/managers/manager-kind.ts';
import { monit } from '../../src/managers/monit.ts';
import { openrc } from '../../src/managers/openrc.ts';
import { runit } from '../../src/managers/runit.ts';
import { s6 } from '../../src/managers/s6.ts';
import { createFakeHost, type FakeHost } from '../fakes/fake-host.ts';

/** Last log lines of services: each manager has its own place for them, and says so where there are none. */
function context(host: FakeHost): ManagerContext {
  return { host, service: 'api', startTimeout: 1_000, stopTimeout: 1_000 };
}
const hint = expect.stringMatching(/^\(no log: .*evidence: \{ log: FILE \}/);

it('runit: the folder that svlogd has on its command line, else main of the log service', async () => {
  const host = createFakeHost();
  const api = runit.open({ service: '/etc/service/api' }, context(host));
  expect(await api.logs?.(2)).toEqual([hint]);
  host.files.put('/etc/service/api/log/run', '');
  expect(await api.logs?.(2)).toEqual([hint]);
  host.files.put('/etc/service/api/log/main/current', 'one\ntwo\nthree\n');
  expect(await api.logs?.(2)).toEqual(['two', 'three']);
  host.files.put('/etc/service/api/log/supervise/pid', '7\n');
  host.processes.put({ pid: 7, details: { argv: ['svlogd', '-tt', '/var/log/api'] } });
  host.files.put('/var/log/api/current', 'four\n');
  expect(await api.logs?.(2)).toEqual(['four']);
});

it('s6: the folders in the script of s6-log, also of a logger beside the service', async () => {
  const host = createFakeHost();
  const api = s6.open({ service: '/run/service/api' }, context(host));
  expect(await api.logs?.(9)).toEqual([hint]);
  host.files.put('/run/service/api-log/run', '');
  host.commands.answer('s6-svstat -o pid /run/service/api-log', { stdout: '8\n' });
  host.processes.put({ pid: 8, details: { argv: ['/usr/bin/s6-log', '-b', 'n20', 's1000000', './logs'] } });
  host.files.put('/run/service/api-log/logs/current', 'one\n');
  expect(await api.logs?.(9)).toEqual(['one']);
});

it('openrc: output_log and error_log of its settings and its script', async () => {
  const host = createFakeHost();
  const api = openrc.open({ service: 'api' }, context(host));
  expect(await api.logs?.(9)).toEqual([hint]);
  host.files.put(
    '/etc/init.d/api',
    'command=/usr/bin/api\n: ${output_log:=/var/log/other.log}\nerror_log="/var/log/$RC_SVCNAME.err"\n',
  );
  host.files.put('/etc/conf.d/api', '# output_log=/nonesuch\noutput_log=/var/log/api.log\n');
  host.files.put('/var/log/api.log', 'out\n');
  host.files.put('/var/log/api.err', 'oops\n');
  expect(await api.logs?.(9)).toEqual(['-- /var/log/api.log --', 'out', '-- /var/log/api.err --', 'oops']);
});

it('circus: the files of its streams', async () => {
  const host = createFakeHost();
  const api = circus.open({ watcher: 'api' }, context(host));
  const options = (value: object) =>
    host.commands.answer('circusctl --json options api', {
      stdout: JSON.stringify({ status: 'ok', options: value }),
    });
  options({ numprocesses: 1, stdout_stream_conf: {} });
  expect(await api.logs?.(9)).toEqual([hint]);
  // The same file for both: once.
  options({
    stdout_stream_conf: { filename: '/var/log/api' },
    stderr_stream_conf: { filename: '/var/log/api' },
  });
  host.files.put('/var/log/api', 'one\n\ntwo\n');
  expect(await api.logs?.(9)).toEqual(['one', 'two']);
});

it('launchd: the paths that launchctl prints, and those of the property list once it is unloaded', async () => {
  const host = createFakeHost();
  const api = launchd.open({ label: 'x.api', domain: 'system', plist: '/L/api.plist' }, context(host));
  expect(await api.logs?.(9)).toEqual([hint]);
  host.commands.answer('launchctl print', {
    stdout:
      'system/x.api = {\n\tstate = running\n\tstdout path = /var/log/api.log\n\tstderr path = /dev/null\n}\n',
  });
  host.files.put('/var/log/api.log', 'one\n');
  expect(await api.logs?.(9)).toEqual(['one']);
  host.commands.answer('launchctl print', { code: 113, stderr: 'Could not find service' });
  host.files.put('/L/api.plist', '<key>StandardErrorPath</key>\n  <string>/var/log/api.err</string>');
  expect(await api.logs?.(9)).toEqual([expect.stringContaining('/var/log/api.err')]);
});

it('monit: what its own log says of the service', async () => {
  const host = createFakeHost();
  const given = {
    service: 'api',
    socket: '/run/monit.sock',
    log: '/var/log/monit.log',
    username: 'a',
    password: 'b',
  };
  const api = monit.open(given, context(host));
  expect(await api.logs?.(9)).toEqual([hint]);
  host.files.put(
    '/var/log/monit.log',
    "[UTC] 'db' process is not running\n[UTC] 'api' process is not running\n",
  );
  expect(await api.logs?.(9)).toEqual(["[UTC] 'api' process is not running"]);
});
