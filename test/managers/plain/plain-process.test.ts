import { expect, it } from 'vitest';
import { commands } from '../../../src/managers/commands.ts';
import { plainProcessFinder } from '../../../src/managers/plain/plain-process.ts';
import { createFakeHost } from '../../fakes/fake-host.ts';

const pidfile = '/srv/worker.pid';

it('starts no second copy of a service whose leader has ended while its threads run on', async () => {
  const host = createFakeHost();
  host.files.put(pidfile, '10');
  host.processes.put({ pid: 10, state: 'Z', threads: 4, details: { argv: [] } });
  const start = { argv: ['worker'], shell: false, env: {}, timeout: 1000 };
  const context = { host, service: 'worker', startTimeout: 1000, stopTimeout: 1000 };
  expect(await commands.open({ pidfile, start }, context).operate('start')).toMatchObject({
    ok: true,
    detail: 'already running, pid 10; no second copy was started',
  });
});

it('tells of a second copy, but not of a worker below a wrapper', async () => {
  const host = createFakeHost();
  const details = { argv: ['/opt/worker', '--serve'] };
  host.files.put(pidfile, '10');
  host.processes.put({ pid: 10, details });
  host.processes.put({ pid: 11, ppid: 10, details: { argv: ['sh'] } });
  host.processes.put({ pid: 12, ppid: 11, details });
  const finder = plainProcessFinder({ pidfile }, host);
  expect((await finder.look()).warnings).toEqual([]);
  host.processes.put({ pid: 40, details });
  host.processes.put({ pid: 41, ppid: 40, comm: 'sh', details: { argv: ['sh'] } });
  host.processes.put({ pid: 42, ppid: 41, details });
  await host.clock.advance(60_000);
  expect((await finder.look()).warnings).toEqual(['more than one copy runs: 10, 40']);
});

it('takes the one from before a restart for no second copy, where the table is older than that', async () => {
  const host = createFakeHost();
  const details = { argv: ['/opt/worker', '--serve'] };
  host.processes.put({ pid: 10, details });
  const before = await host.processes.table();
  host.processes.kill(10);
  host.processes.put({ pid: 20, details });
  host.files.put(pidfile, '20');
  const finder = plainProcessFinder(
    { pidfile },
    { ...host, processes: { ...host.processes, table: async () => before } },
  );
  expect(await finder.look()).toMatchObject({ main: { pid: 20 }, warnings: [] });
});

it('tells that the pid file is gone, and whether it was left behind', async () => {
  const host = createFakeHost();
  host.files.put(pidfile, '10');
  host.processes.put({ pid: 10 });
  const finder = plainProcessFinder({ pidfile }, host);
  expect(await finder.look()).toMatchObject({ named: true, warnings: [] });
  host.files.remove(pidfile);
  expect(await finder.look()).toMatchObject({
    named: false,
    warnings: [`pid file ${pidfile} does not exist, but process 10 runs`],
  });
  host.processes.kill(10);
  expect(await finder.look()).toMatchObject({ state: 'gone', leftBehind: false });
  host.files.put(pidfile, '10');
  expect(await finder.look()).toMatchObject({ state: 'gone', leftBehind: true });
});

it('looks for copies again soon, also where one look takes long by the clock of a busy machine', async () => {
  const host = createFakeHost();
  const details = { argv: ['/opt/worker', '--serve'] };
  host.files.put(pidfile, '10');
  host.processes.put({ pid: 10, details });
  const slow = {
    ...host.processes,
    table: async (age?: number) => {
      await host.clock.advance(400);
      return host.processes.table(age);
    },
  };
  const finder = plainProcessFinder({ pidfile }, { ...host, processes: slow });
  expect((await finder.look()).warnings).toEqual([]);
  host.processes.put({ pid: 40, details });
  await host.clock.advance(5_001);
  expect((await finder.look()).warnings).toEqual(['more than one copy runs: 10, 40']);
});

it('brings a restart to its end that has begun to stop the service, whoever gives up meanwhile', async () => {
  const host = createFakeHost();
  host.files.put(pidfile, '10');
  host.processes.put({ pid: 10 });
  const quits = new AbortController();
  const command = (name: string) => ({ argv: [name], shell: false, env: {}, timeout: 1000 });
  host.commands.answer('stop', () => {
    quits.abort();
    host.processes.kill(10);
    return {};
  });
  host.commands.answer('start', () => {
    host.files.put(pidfile, '20');
    host.processes.put({ pid: 20 });
    return {};
  });
  const context = { host, service: 'worker', startTimeout: 1000, stopTimeout: 1000 };
  const manager = commands.open({ pidfile, start: command('start'), stop: command('stop') }, context);
  expect(await manager.operate('restart', quits.signal)).toMatchObject({ ok: true });
  expect(host.commands.calls.map(({ command: { argv } }) => argv[0])).toEqual(['stop', 'start']);
  // One that has not begun yet does not begin.
  expect(await manager.operate('restart', quits.signal)).toMatchObject({ ok: false });
  expect(host.commands.calls.length).toBe(2);
});
