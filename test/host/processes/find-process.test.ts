import { describe, expect, it } from 'vitest';
import {
  type FinderMemory,
  findProcess,
  type SoughtProcess,
} from '../../../src/host/processes/find-process.ts';
import { createFakeHost, type FakeHost } from '../../fakes/fake-host.ts';

async function find(host: FakeHost, sought: SoughtProcess, memory: FinderMemory = {}) {
  const { finding, memory: next } = await findProcess(sought, memory, host);
  const shown = finding.state === 'running' ? { pid: finding.entry.pid } : { reason: finding.reason };
  return { ...finding, ...shown, memory: next };
}

const hour = 3_600_000;
const pidfile = '/srv/web.pid';

/** A pid file that is an hour older than the process it names. */
function withOldFile(path: string, details: { readonly exe?: string; readonly argv: readonly string[] }) {
  const host = createFakeHost();
  const wall = host.clock.instant().wall;
  host.processes.put({ pid: 10, startedAt: wall, details });
  host.files.put(path, '10', { modifiedAt: wall - hour });
  return host;
}

describe('a pid file that is older than its process', () => {
  const argv = ['/usr/bin/python3', 'worker.py'];

  it('is stale for another program', async () => {
    const host = withOldFile(pidfile, { argv: ['vim'] });
    expect(await find(host, { pidfile })).toMatchObject({
      state: 'gone',
      pidFile: 'stale',
      reason: 'pid file /srv/web.pid is stale: 10 is now another program (vim)',
    });
  });

  it('is not, when that is what the start command runs', async () => {
    const host = withOldFile(pidfile, { argv });
    expect(await find(host, { pidfile, program: 'python3' })).toMatchObject({ state: 'running', pid: 10 });
  });

  it('is not, when it looks just like the one of last time; one interpreter alone is no likeness', async () => {
    const host = withOldFile(pidfile, { exe: '/usr/bin/python3', argv });
    host.files.put(pidfile, '10');
    const { memory } = await find(host, { pidfile });
    host.processes.kill(10);
    const again = host.clock.instant().wall + hour;
    host.processes.put({ pid: 10, startedAt: again, details: { exe: '/usr/bin/python3', argv } });
    expect(await find(host, { pidfile }, memory)).toMatchObject({ state: 'running', pidFile: 'ok' });
    host.processes.put({
      pid: 10,
      start: 1,
      startedAt: again,
      details: { argv: ['/usr/bin/python3', 'b.py'] },
    });
    expect(await find(host, { pidfile }, memory)).toMatchObject({ state: 'gone', pidFile: 'stale' });
  });

  it('is not in /run when it seems older than the machine runs: the clock was set since', async () => {
    const host = createFakeHost();
    const wall = host.clock.instant().wall;
    host.processes.put({ pid: 10, start: 500, startedAt: wall });
    for (const path of ['/run/web.pid', pidfile]) {
      host.files.put(path, '10', { modifiedAt: wall - hour });
    }
    expect(await find(host, { pidfile: '/run/web.pid' })).toMatchObject({ state: 'running' });
    expect(await find(host, { pidfile })).toMatchObject({ state: 'gone' });
  });
});

describe('a leader that has ended', () => {
  const ended = { pid: 10, comm: 'web', state: 'Z', details: { argv: [] } };

  it('is alive while other threads of it run, also where it can no longer be matched', async () => {
    const host = createFakeHost();
    host.files.put(pidfile, '10');
    host.processes.put({ ...ended, threads: 3 });
    expect(await find(host, { pidfile, match: { command: '^web --serve' } })).toMatchObject({
      state: 'running',
      pid: 10,
      pidFile: 'ok',
    });
  });

  it('is gone without', async () => {
    const host = createFakeHost();
    host.files.put(pidfile, '10');
    host.processes.put({ ...ended, threads: 1 });
    expect(await find(host, { pidfile })).toMatchObject({ state: 'gone', processState: 'Z' });
  });
});

describe('the one of last time', () => {
  it('stays while it lives, whatever it calls itself; one that matches comes before it then', async () => {
    const host = createFakeHost();
    const match = { command: 'worker' };
    host.processes.put({ pid: 20, details: { argv: ['worker', 'starting'] } });
    const { memory } = await find(host, { match });
    host.processes.put({ pid: 20, details: { argv: ['idle'] } });
    expect(await find(host, { match }, memory)).toMatchObject({ state: 'running', pid: 20 });
    host.processes.put({ pid: 30, details: { argv: ['worker', 'starting'] } });
    expect(await find(host, { match }, memory)).toMatchObject({ state: 'running', pid: 30 });
    host.processes.kill(20);
    host.processes.kill(30);
    expect(await find(host, { match }, memory)).toMatchObject({
      state: 'gone',
      reason: 'no process matches command worker',
    });
  });
});

it('takes a matching process below a wrapper below its like for a worker', async () => {
  const host = createFakeHost();
  const details = { argv: ['worker'] };
  host.processes.put({ pid: 20, details });
  host.processes.put({ pid: 21, ppid: 20, details: { argv: ['sh'] } });
  host.processes.put({ pid: 22, ppid: 21, details });
  expect(await find(host, { match: { command: '^worker' } })).toMatchObject({ pid: 20, instances: 1 });
});
