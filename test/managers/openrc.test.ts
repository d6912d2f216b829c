import { beforeEach, expect, it } from 'vitest';
import { openrc } from '../../src/managers/openrc.ts';
import { createFakeHost, type FakeHost } from '../fakes/fake-host.ts';

/** Files of OpenRC as supervise-daemon writes them (supervise-daemon.c, child_process and supervisor). */
let host: FakeHost;
beforeEach(() => {
  host = createFakeHost();
  host.files.put('/run/openrc/daemons/api/001', 'exec=/usr/bin/api\npidfile=/run/supervise-api.pid\n');
  host.files.put('/run/supervise-api.pid', '10\n');
  host.processes.put({ pid: 10, comm: 'supervise-daemon' });
});
const report = () =>
  openrc.open({ service: 'api' }, { host, service: 'api', startTimeout: 1_000, stopTimeout: 1_000 }).report();
const status = (code: number) => host.commands.answer('rc-service api status', { code });
const child = (pid: number, starts: number) => {
  host.files.put('/run/openrc/options/api/child_pid', String(pid));
  host.files.put('/run/openrc/options/api/start_count', String(starts));
};

it('the main process is the one that supervise-daemon started, not supervise-daemon', async () => {
  status(0);
  child(11, 2);
  host.processes.put({ pid: 11 });
  expect(await report()).toMatchObject({ activity: 'running', main: { pid: 11 }, restarts: 2 });
});

it('between two starts supervise-daemon is left to it', async () => {
  status(0);
  child(11, 2);
  expect(await report()).toMatchObject({ intent: 'run', activity: 'restarting' });
});

it('without supervise-daemon a process that is gone is a failure', async () => {
  status(0);
  host.processes.kill(10);
  expect(await report()).toMatchObject({ intent: 'run', activity: 'failed' });
});

it('given up is told from stopped by the mark that OpenRC leaves, until somebody takes it away', async () => {
  status(3);
  expect(await report()).toMatchObject({ intent: 'stopped', activity: 'stopped' });
  host.files.put('/run/openrc/failed/api', '');
  expect(await report()).toMatchObject({ intent: 'run', activity: 'failed' });
  host.files.remove('/run/openrc/failed/api');
  expect(await report()).toMatchObject({ intent: 'stopped' });
});
