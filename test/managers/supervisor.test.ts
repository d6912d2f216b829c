import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createHost } from '../../src/host/real-host.ts';
import type { ProcessInfo } from '../../src/managers/supervisor/supervisor-client.ts';
import { supervisor, supervisorReport } from '../../src/managers/supervisor.ts';
import { createFakeHost } from '../fakes/fake-host.ts';

const info: ProcessInfo = {
  name: 'api',
  group: 'web',
  statename: 'RUNNING',
  pid: 0,
  exitstatus: 0,
  spawnerr: '',
  description: '',
  stdout_logfile: '',
  stderr_logfile: '',
};

it.each([
  [{ exitstatus: 3 }, 'exit code 3', 'it ended by itself (EXITED, exit code 3)'],
  [{ exitstatus: -1 }, 'killed by a signal', 'it ended by itself (EXITED, killed by a signal)'],
  [
    { exitstatus: -1, spawnerr: 'Bad exit code -1' },
    'killed by a signal',
    'it ended by itself (EXITED, killed by a signal)',
  ],
  [
    { statename: 'FATAL', exitstatus: -1, spawnerr: "can't find command 'x'" },
    "can't find command 'x'",
    "FATAL: Supervisor gave up: can't find command 'x'",
  ],
])('how it ended: %j', (more, lastExit, detail) => {
  const report = supervisorReport({ ...info, statename: 'EXITED', ...more }, createFakeHost(), false);
  expect(report).toMatchObject({ activity: 'failed', lastExit, detail });
});

it('is asked at the address of its [inet_http_server], with its user name', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    const members = Object.entries({ ...info, statename: 'STOPPED' })
      .map(([name, value]) => {
        const typed = typeof value === 'number' ? `<int>${value}</int>` : `<string>${value}</string>`;
        return `<member><name>${name}</name><value>${typed}</value></member>`;
      })
      .join('');
    response.end(
      `<methodResponse><params><param><value><array><data><value><struct>${members}</struct></value></data></array></value></param></params></methodResponse>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const manager = supervisor.open(
    { program: 'web:api', socket: '/nowhere', url, username: 'u', password: 'p' },
    { host: createHost(), service: 'api', startTimeout: 1000, stopTimeout: 1000 },
  );
  expect(await manager.report()).toMatchObject({ intent: 'stopped', activity: 'stopped' });
  expect(asked).toEqual([`/RPC2 Basic ${Buffer.from('u:p').toString('base64')}`]);
  manager.close();
  server.close();
});
