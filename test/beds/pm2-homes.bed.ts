import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Manager } from '../../src/managers/manager-kind.ts';
import { pm2 } from '../../src/managers/pm2.ts';
import { context, must, reported, run } from './bed.ts';

/** Three PM2s on one machine, each with an app of the same name: root's own, another folder of root's, and a user's. */
const places = [
  { title: "root's own", user: 'root', home: '/root/.pm2', options: {} },
  { title: 'another PM2_HOME', user: 'root', home: '/srv/pm2', options: { home: '/srv/pm2' } },
  { title: "a user's", user: 'ben', home: '/home/ben/.pm2', options: { user: 'ben' } },
] as const;

const opened: Manager[] = [];

function call({ user, home }: (typeof places)[number], ...words: readonly string[]): Promise<string> {
  const path = `PATH=/opt/owners/bin:${process.env.PATH}`;
  const env = ['env', '-i', path, `PM2_HOME=${home}`, `HOME=${user === 'root' ? '/root' : `/home/${user}`}`];
  const as = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups'];
  return must('setpriv', ...as.slice(1), ...env, 'pm2', '-s', ...words);
}

function open(place: (typeof places)[number]): Manager {
  const manager = pm2.open({ name: 'api', ...place.options }, context('api', { startTimeout: 15_000 }));
  opened.push(manager);
  return manager;
}

beforeAll(async () => {
  await must('useradd', '-m', 'ben');
  process.chdir('/');
  for (const place of places)
    await call(place, 'start', '/bin/sleep', '--interpreter', 'none', '--name', 'api', '--', '1000');
});
afterAll(async () => {
  for (const manager of opened) manager.close();
  for (const place of places) await call(place, 'kill');
});

it('each rule sees its own, and acts on no other', async () => {
  const running = ({ activity }: { activity: string }) => activity === 'running';
  const pids = new Map<string, number | undefined>();
  for (const place of places) {
    const { main } = await reported(open(place), running);
    pids.set(place.title, main?.pid);
    expect((await run('ps', '-o', 'user=', '-p', String(main?.pid))).out.trim()).toBe(place.user);
  }
  expect(new Set(pids.values()).size).toBe(places.length);

  const ben = open(places[2]);
  expect(await ben.operate('restart')).toMatchObject({ ok: true });
  const after = await reported(ben, running);
  expect(after.main?.pid).not.toBe(pids.get(places[2].title));
  expect((await run('ps', '-o', 'user=', '-p', String(after.main?.pid))).out.trim()).toBe('ben');
  for (const place of places.slice(0, 2)) {
    expect((await open(place).report()).main?.pid).toBe(pids.get(place.title));
  }

  await call(places[1], 'stop', 'api');
  expect((await reported(open(places[1]), ({ activity }) => activity === 'stopped')).intent).toBe('stopped');
  expect((await open(places[0]).report()).intent).toBe('run');
});

it('a PM2 that does not run is told as that, and is never started', async () => {
  const nobody = pm2.open({ name: 'api', home: '/srv/nobody' }, context('api'));
  const report = await nobody.report();
  expect(report).toMatchObject({ intent: 'unknown', activity: 'unknown' });
  expect(report.detail).toContain('PM2 does not answer at /srv/nobody/rpc.sock');
  expect((await nobody.operate('start')).ok).toBe(false);
  expect((await run('test', '-e', '/srv/nobody')).code).not.toBe(0);
  nobody.close();
});
