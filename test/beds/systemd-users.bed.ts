import { copyFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemd } from '../../src/managers/systemd.ts';
import { context, eventually, must, removeUnit, reported, run, unit } from './bed.ts';

/** A program that reports on a unit and operates it, so that it can run as somebody else. */
const program = '/srv/ask.mjs';
const activation = '/usr/share/dbus-1/system-services/org.freedesktop.PolicyKit1.service';

beforeAll(async () => {
  await must('useradd', '-m', 'watcher');
  writeFileSync(
    '/root/ask.ts',
    `import { createHost } from '${process.cwd()}/src/host/real-host.ts';
import { systemd } from '${process.cwd()}/src/managers/systemd.ts';
const [unit, verb] = process.argv.slice(2);
const manager = systemd.open({ unit }, { host: createHost(), service: unit, startTimeout: 5000, stopTimeout: 5000 });
console.log(JSON.stringify(await (verb === undefined ? manager.report() : manager.operate(verb))));
process.exit(0);
`,
  );
  mkdirSync('/srv', { recursive: true });
  await build({
    entryPoints: ['/root/ask.ts'],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['koffi', 'systeminformation', 'ps-list', 'undici', 'nodemailer', 'node-cron'],
  });
  await unit('web.service', ['[Service]', 'ExecStart=/bin/sleep 1000']);
});
afterAll(() => removeUnit('web.service'));

async function ask(...words: readonly string[]): Promise<Record<string, unknown>> {
  return JSON.parse(
    await must(
      'setpriv',
      '--reuid=watcher',
      '--regid=watcher',
      '--init-groups',
      process.execPath,
      program,
      ...words,
    ),
  );
}

it('an ordinary user sees everything but the journal, and is told which rights repairs need', async () => {
  // No polkit here: systemd then refuses at once.
  await run('systemctl', 'stop', 'polkit');
  renameSync(activation, `${activation}.away`);
  await must('systemctl', 'reload', 'dbus');
  await must('systemctl', 'start', 'web');
  expect(await ask('web')).toMatchObject({
    intent: 'run',
    activity: 'running',
    main: { pid: expect.any(Number) },
  });
  const refused = await ask('web', 'restart');
  expect(refused.ok).toBe(false);
  expect(refused.detail).toContain(
    'not permitted to restart web.service: run the watcher as root, or install the polkit rule',
  );
  await must('systemctl', 'stop', 'web');
  expect(await ask('web')).toMatchObject({ intent: 'stopped', activity: 'stopped' });
  renameSync(`${activation}.away`, activation);
  await must('systemctl', 'reload', 'dbus');
});

it('with the polkit rule of deploy/ an ordinary user may repair', async () => {
  mkdirSync('/etc/polkit-1/rules.d', { recursive: true });
  copyFileSync('deploy/50-watcher.rules', '/etc/polkit-1/rules.d/50-watcher.rules');
  await must('chmod', '0644', '/etc/polkit-1/rules.d/50-watcher.rules');
  await must('systemctl', 'restart', 'polkit');
  expect(await ask('web', 'start')).toMatchObject({ ok: true });
  expect(await ask('web', 'restart')).toMatchObject({ ok: true });
  expect(await ask('web', 'stop')).toMatchObject({ ok: true });
});

it("root watches and operates a user's units through that user's own systemd", async () => {
  await must('loginctl', 'enable-linger', 'watcher');
  const uid = await must('id', '-u', 'watcher');
  await eventually(
    async () => (await run('systemctl', 'is-active', `user@${uid}`)).out.trim() === 'active',
    20_000,
  );
  const folder = '/home/watcher/.config/systemd/user';
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/mine.service`, '[Service]\nExecStart=/bin/sh -c "echo hello; exec sleep 1000"\n');
  await must('systemctl', '--user', '-M', 'watcher@', 'daemon-reload');
  const mine = systemd.open({ unit: 'mine', user: 'watcher' }, context('mine'));
  expect(await mine.operate('start')).toMatchObject({ ok: true });
  expect(await mine.report()).toMatchObject({
    intent: 'run',
    activity: 'running',
    cgroup: expect.stringContaining(`user@${uid}.service`),
  });
  await eventually(async () => ((await mine.logs?.(20)) ?? []).some((line) => line.endsWith(': hello')));
  await must('systemctl', '--user', '-M', 'watcher@', 'stop', 'mine');
  expect(await reported(mine, ({ activity }) => activity === 'stopped')).toMatchObject({
    intent: 'stopped',
    detail: 'stopped by hand',
  });
  await must('systemctl', '--user', '-M', 'watcher@', 'start', 'mine');
  await must('systemctl', '--user', '-M', 'watcher@', 'kill', '-s', 'KILL', 'mine');
  expect(await reported(mine, ({ activity }) => activity === 'failed')).toMatchObject({
    intent: 'run',
    lastExit: 'signal KILL',
  });
  mine.close();
  await must('loginctl', 'disable-linger', 'watcher');
});
