import { afterEach, describe, expect, it } from 'vitest';
import { createHost } from '../../src/host/real-host.ts';
import type { Manager, ManagerContext } from '../../src/managers/manager-kind.ts';
import { systemd } from '../../src/managers/systemd.ts';
import { context, eventually, must, removeUnit, reported, run, unit } from './bed.ts';

const opened: Manager[] = [];
const units: string[] = [];

function open(name: string, changes: Partial<ManagerContext> = {}): Manager {
  const manager = systemd.open({ unit: name }, context(name, changes));
  opened.push(manager);
  return manager;
}

async function service(name: string, ...lines: readonly string[]): Promise<void> {
  units.push(`${name}.service`);
  await unit(`${name}.service`, ['[Service]', ...lines]);
}

afterEach(async () => {
  for (const manager of opened.splice(0)) manager.close();
  for (const name of units.splice(0)) await removeUnit(name);
});

it('sees a unit run: main process, processes, cgroup', async () => {
  await service('web', 'ExecStart=/bin/sh -c "sleep 1000 & exec sleep 1001"');
  const web = open('web');
  expect(await web.operate('start')).toMatchObject({
    ok: true,
    detail: expect.stringMatching(/^started, pid \d+$/),
  });
  // Started is what systemd calls it before the program has done anything.
  const report = await reported(web, ({ pids }) => pids?.length === 2);
  const pid = Number(await must('systemctl', 'show', '-P', 'MainPID', 'web'));
  expect(report).toMatchObject({
    intent: 'run',
    activity: 'running',
    detail: 'active (running)',
    cgroup: '/system.slice/web.service',
    main: { pid },
  });
});

it('stopped by hand is stopped on purpose, and started by hand is watched again at once', async () => {
  await service('web', 'ExecStart=/bin/sleep 1000', 'Restart=always');
  const web = open('web');
  await must('systemctl', 'start', 'web');
  expect((await web.report()).intent).toBe('run');
  await must('systemctl', 'stop', 'web');
  expect(await reported(web, (report) => report.activity === 'stopped')).toMatchObject({
    intent: 'stopped',
    detail: 'stopped by hand',
  });
  await must('systemctl', 'start', 'web');
  expect(await web.report()).toMatchObject({ intent: 'run', activity: 'running' });
});

it('a stop by hand that leaves a failed unit behind (exit code 143) is still on purpose', async () => {
  await service(
    'java',
    `ExecStart=/bin/sh -c 'trap "exit 143" TERM; touch /run/java-ready; while :; do sleep 0.05; done'`,
  );
  await must('systemctl', 'start', 'java');
  await eventually(async () => (await run('test', '-e', '/run/java-ready')).code === 0);
  await must('systemctl', 'stop', 'java');
  const report = await open('java').report();
  expect(report).toMatchObject({ intent: 'stopped', activity: 'stopped', lastExit: 'exit code 143' });
  expect(report.detail).toContain('stopped by hand');
});

it('an alias is watched, stopped and shown as the unit that it stands for', async () => {
  const script =
    'echo hello from maria; trap "exit 143" TERM; touch /run/maria-ready; while :; do sleep 0.05; done';
  await service('maria', `ExecStart=/bin/sh -c '${script}'`);
  await unit('maria.service', [
    '[Service]',
    `ExecStart=/bin/sh -c '${script}'`,
    '[Install]',
    'WantedBy=multi-user.target',
    'Alias=our-mysql.service',
  ]);
  await must('systemctl', 'enable', 'maria');
  const mysql = open('our-mysql');
  let told = 0;
  mysql.follow?.(() => {
    told += 1;
  });
  expect(await mysql.operate('start')).toMatchObject({ ok: true });
  expect(await mysql.report()).toMatchObject({ intent: 'run', activity: 'running' });
  await eventually(async () => (await run('test', '-e', '/run/maria-ready')).code === 0);
  const before = told;
  // It leaves a failed unit behind: only the journal, which knows no alias, tells that it was asked to end.
  await must('systemctl', 'stop', 'our-mysql');
  await eventually(() => told > before);
  expect(await mysql.report()).toMatchObject({
    intent: 'stopped',
    activity: 'stopped',
    detail: expect.stringContaining('stopped by hand'),
  });
  await eventually(async () =>
    ((await mysql.logs?.(20)) ?? []).some((line) => line.endsWith('hello from maria')),
  );
  await must('systemctl', 'start', 'our-mysql');
  await must('systemctl', 'kill', '-s', 'KILL', 'maria');
  expect(await reported(mysql, ({ activity }) => activity === 'failed')).toMatchObject({ intent: 'run' });
  expect(await mysql.operate('restart')).toMatchObject({ ok: true });
  await must('systemctl', 'disable', '--now', 'maria');
});

it('killed without a restart policy is failed, and the repair starts it', async () => {
  await service('web', 'ExecStart=/bin/sleep 1000');
  const web = open('web');
  await web.operate('start');
  await must('systemctl', 'kill', '-s', 'KILL', 'web');
  expect(await reported(web, (report) => report.activity === 'failed')).toMatchObject({
    intent: 'run',
    lastExit: 'signal KILL',
  });
  expect(await web.operate('restart')).toMatchObject({ ok: true });
  expect(await web.report()).toMatchObject({ activity: 'running' });
});

it('ended by itself with exit code 0 is not stopped on purpose', async () => {
  await service('brief', 'ExecStart=/bin/sleep 0.1');
  await must('systemctl', 'start', 'brief');
  const report = await reported(open('brief'), ({ activity }) => activity !== 'running');
  expect(report).toMatchObject({ intent: 'run', activity: 'failed' });
  expect(report.detail).toContain('nobody stopped it');
});

it('terminated by a stranger is not stopped on purpose either', async () => {
  await service('web', 'ExecStart=/bin/sleep 1000', 'Restart=on-failure');
  await must('systemctl', 'start', 'web');
  await must('systemctl', 'kill', '-s', 'TERM', 'web');
  expect(await reported(open('web'), ({ activity }) => activity !== 'running')).toMatchObject({
    intent: 'run',
  });
});

it('restarting by itself: waits as long as systemd will need', async () => {
  await service('slow', 'ExecStart=/bin/sleep 1000', 'Restart=always', 'RestartSec=3s');
  const slow = open('slow');
  await slow.operate('start');
  await must('systemctl', 'kill', '-s', 'KILL', 'slow');
  const report = await reported(slow, ({ activity }) => activity === 'restarting');
  expect(report.intent).toBe('run');
  expect(report.readyIn).toBeGreaterThan(0);
  expect(report.readyIn).toBeLessThanOrEqual(3000);
  await reported(slow, ({ activity }) => activity === 'running');
  expect((await slow.report()).restarts).toBe(1);
});

it('a crash loop until systemd gives up is told as such, and a start repairs it', async () => {
  await service(
    'loop',
    'ExecStart=/bin/sh -c "test -e /run/loop-works && exec sleep 1000"',
    'Restart=always',
    'RestartSec=10ms',
  );
  const loop = open('loop');
  await must('systemctl', 'start', 'loop');
  const report = await reported(loop, ({ activity }) => activity === 'failed');
  expect(report.intent).toBe('run');
  expect(report.detail).toContain('systemd gave up: it restarted it 5 times');
  await must('touch', '/run/loop-works');
  expect(await loop.operate('start')).toMatchObject({ ok: true });
  await reported(loop, ({ activity }) => activity === 'running');
  await must('rm', '/run/loop-works');
});

it('a restart whose start fails is a failure of the service, not a stop on purpose', async () => {
  await service('web', 'ExecStart=/bin/sleep 1000');
  const web = open('web');
  await web.operate('start');
  await unit('web.service', ['[Service]', 'Type=notify', 'ExecStart=/bin/nonesuch']);
  const result = await web.operate('restart');
  expect(result.ok).toBe(false);
  expect(result.detail).toContain('exit code 203 (its program could not be started)');
  expect(result.output).toContain('nonesuch');
  expect(await web.report()).toMatchObject({ intent: 'run', activity: 'failed' });
});

it.each([
  [
    'exit code 200 (its working folder does not exist)',
    ['WorkingDirectory=/nonesuch', 'ExecStart=/bin/sleep 1000'],
  ],
  ['exit code 217 (its user does not exist)', ['User=nonesuch', 'ExecStart=/bin/sleep 1000']],
  ['signal ABRT (it missed its watchdog)', ['WatchdogSec=200ms', 'ExecStart=/bin/sleep 1000']],
  ['signal TERM (timeout)', ['RuntimeMaxSec=200ms', 'ExecStart=/bin/sleep 1000']],
])('%s', async (lastExit, lines) => {
  await service('odd', ...lines);
  await run('systemctl', 'start', 'odd');
  expect(await reported(open('odd'), ({ activity }) => activity === 'failed')).toMatchObject({
    intent: 'run',
    lastExit,
  });
});

it('start and stop time limits of the unit file are named', async () => {
  await service('never', 'Type=notify', 'ExecStart=/bin/sleep 1000', 'TimeoutStartSec=300ms');
  const result = await open('never').operate('start');
  expect(result).toMatchObject({ ok: false });
  expect(result.detail).toContain('took longer than its unit file allows');
});

it('gives up waiting at its own deadline and says that systemd goes on', async () => {
  await service('never', 'Type=notify', 'ExecStart=/bin/sleep 1000', 'TimeoutStartSec=60s');
  const never = open('never', { startTimeout: 300 });
  const result = await never.operate('start');
  expect(result.ok).toBe(false);
  expect(result.detail).toContain('systemd goes on with it');
  const report = await never.report();
  expect(report).toMatchObject({ intent: 'run', activity: 'starting' });
  expect(report.readyIn).toBeGreaterThan(50_000);
});

it('conditions, asserts, masked, unknown and broken units are told as what they are', async () => {
  await service('cond', 'ExecStart=/bin/sleep 1000');
  await unit('cond.service', [
    '[Unit]',
    'ConditionPathExists=/nonesuch',
    '[Service]',
    'ExecStart=/bin/sleep 1000',
  ]);
  const cond = open('cond');
  const start = await cond.operate('start');
  expect(start.ok).toBe(false);
  expect(start.detail).toContain('ConditionPathExists=/nonesuch');
  await service('assert', 'ExecStart=/bin/sleep 1000');
  await unit('assert.service', [
    '[Unit]',
    'AssertPathExists=/nonesuch',
    '[Service]',
    'ExecStart=/bin/sleep 1000',
  ]);
  expect(await open('assert').operate('start')).toMatchObject({ ok: false });

  await service('gone', 'ExecStart=/bin/sleep 1000');
  await removeUnit('gone.service');
  await must('systemctl', 'mask', 'gone');
  expect(await open('gone').report()).toMatchObject({
    intent: 'stopped',
    warnings: [expect.stringContaining('systemctl unmask gone.service')],
  });
  expect(await open('gone').operate('start')).toMatchObject({
    ok: false,
    detail: expect.stringContaining('masked'),
  });
  await must('systemctl', 'unmask', 'gone');

  expect(await open('nonesuch').report()).toMatchObject({ activity: 'missing' });
  expect((await open('nonesuch').operate('start')).detail).toContain('knows no unit');
  await service('broken', 'Type=nonsense', 'Foo');
  expect(await open('broken').report()).toMatchObject({
    warnings: [expect.stringContaining('cannot be loaded')],
  });
});

it('a unit stopped because what it is bound to failed was not stopped on purpose', async () => {
  await service('base', 'ExecStart=/bin/sleep 1000');
  await service('top', 'ExecStart=/bin/sleep 1000');
  await unit('top.service', [
    '[Unit]',
    'BindsTo=base.service',
    'After=base.service',
    '[Service]',
    'ExecStart=/bin/sleep 1000',
  ]);
  await must('systemctl', 'start', 'top');
  await must('systemctl', 'kill', '-s', 'KILL', 'base');
  expect(await reported(open('top'), ({ activity }) => activity === 'failed')).toMatchObject({
    intent: 'run',
    detail: expect.stringContaining('together with base.service'),
  });
});

it('a deploy: stopped, changed, started', async () => {
  await service('web', 'ExecStart=/bin/sleep 1000');
  const web = open('web');
  await web.operate('start');
  await must('systemctl', 'stop', 'web');
  expect(await web.report()).toMatchObject({ intent: 'stopped' });
  await unit('web.service', ['[Service]', 'ExecStart=/bin/sleep 2000']);
  expect(await web.report()).toMatchObject({ intent: 'stopped' });
  await must('systemctl', 'start', 'web');
  expect(await web.report()).toMatchObject({ intent: 'run', activity: 'running' });
});

it('a process left behind by the main one hides nothing; a frozen unit is no failure', async () => {
  await service('left', `ExecStart=/bin/sh -c 'sleep 1000 & exec sleep 1001'`, 'KillMode=process');
  const left = open('left');
  await left.operate('start');
  const { main } = await reported(left, ({ pids }) => pids?.length === 2);
  let told = 0;
  left.follow?.(() => {
    told += 1;
  });
  // Only the unified hierarchy can freeze (systemd.unit(5), FreezerState).
  if ((await run('systemctl', 'freeze', 'left')).code === 0) {
    expect(await reported(left, ({ activity }) => activity === 'stopped')).toMatchObject({
      intent: 'stopped',
      detail: expect.stringContaining('frozen by hand'),
    });
    await must('systemctl', 'thaw', 'left');
    await reported(left, ({ activity }) => activity === 'running');
    expect(told).toBeGreaterThan(0);
  }
  process.kill(main?.pid ?? 0, 'SIGKILL');
  const report = await reported(left, ({ activity }) => activity === 'failed');
  expect(report.intent).toBe('run');
  await run('systemctl', 'kill', '-s', 'KILL', 'left');
});

describe('where D-Bus cannot be used, by systemctl', () => {
  const host = createHost();
  const without = {
    ...host,
    dbus: {
      open: async () => ({ ok: false, code: 'EACCES', reason: 'refused' }) as const,
      opened: () => undefined,
    },
  };

  it('starts what ran into its start limit', async () => {
    await service(
      'loop',
      'ExecStart=/bin/sh -c "test -e /run/loop-works && exec sleep 1000"',
      'Restart=always',
      'RestartSec=10ms',
    );
    const loop = open('loop', { host: without });
    await must('systemctl', 'start', 'loop');
    const report = await reported(loop, ({ activity }) => activity === 'failed');
    expect(report).toMatchObject({ intent: 'run', detail: expect.stringContaining('systemd gave up') });
    await must('touch', '/run/loop-works');
    expect(await loop.operate('start')).toMatchObject({ ok: true });
    expect(await reported(loop, ({ activity }) => activity === 'running')).toMatchObject({ intent: 'run' });
    await must('rm', '/run/loop-works');
    expect(await loop.operate('stop')).toMatchObject({ ok: true });
    expect(await loop.report()).toMatchObject({ intent: 'stopped', detail: 'stopped by hand' });
  });

  it('knows how long a restart and a start still take', async () => {
    await service('slow', 'ExecStart=/bin/sleep 1000', 'Restart=always', 'RestartSec=20s');
    const slow = open('slow', { host: without });
    await slow.operate('start');
    await must('systemctl', 'kill', '-s', 'KILL', 'slow');
    const first = await reported(slow, ({ activity }) => activity === 'restarting');
    expect(first.readyIn).toBeLessThanOrEqual(20_000);
    await reported(
      slow,
      ({ activity, readyIn = 0 }) => activity === 'restarting' && readyIn < (first.readyIn ?? 0) - 1_000,
    );
    await unit('slow.service', [
      '[Service]',
      'Type=notify',
      'ExecStart=/bin/sleep 1000',
      'TimeoutStartSec=60s',
    ]);
    await must('systemctl', '--no-block', 'restart', 'slow');
    const starting = await reported(slow, ({ activity }) => activity === 'starting');
    expect(starting.readyIn).toBeGreaterThan(30_000);
    expect(starting.readyIn).toBeLessThanOrEqual(60_000);
  });
});

it('as many restarts as the limit allows are no start limit when they took long', async () => {
  // Each run lasts longer than the interval in which starts are counted, and the last code is not to be restarted.
  await service(
    'weeks',
    'ExecStart=/bin/sh -c "sleep 0.2; test -e /run/weeks-end && exit 9; exit 3"',
    'Restart=always',
    'RestartSec=10ms',
    'RestartPreventExitStatus=9',
  );
  await unit('weeks.service', [
    '[Unit]',
    'StartLimitIntervalSec=100ms',
    'StartLimitBurst=2',
    '[Service]',
    'ExecStart=/bin/sh -c "sleep 0.2; test -e /run/weeks-end && exit 9; exit 3"',
    'Restart=always',
    'RestartSec=10ms',
    'RestartPreventExitStatus=9',
  ]);
  await must('systemctl', 'start', 'weeks');
  await eventually(async () => Number(await must('systemctl', 'show', '-P', 'NRestarts', 'weeks')) >= 3);
  await must('touch', '/run/weeks-end');
  const report = await reported(open('weeks'), ({ activity }) => activity === 'failed');
  expect(report).toMatchObject({
    intent: 'run',
    lastExit: 'exit code 9',
    detail: 'failed (failed): exit-code, exit code 9',
  });
  await must('rm', '/run/weeks-end');
});

it('shows journal lines of the unit and of systemd about it', async () => {
  await service('talk', 'ExecStart=/bin/sh -c "echo hello from talk; exec sleep 1000"');
  const talk = open('talk');
  await talk.operate('start');
  await eventually(async () =>
    ((await talk.logs?.(20)) ?? []).some((line) => line.endsWith(']: hello from talk')),
  );
  const lines = (await talk.logs?.(20)) ?? [];
  expect(lines.some((line) => line.includes('systemd[1]: Started talk.service'))).toBe(true);
});

it('a crash loop does not drown the last words of the run that worked, and what is new is marked', async () => {
  const crash = 'test -e /run/crash && { seq 1 30; exit 3; }; echo serving; sleep 1000';
  await service(
    'chatty',
    `ExecStart=/bin/sh -c '${crash}'`,
    'Restart=always',
    'RestartSec=50ms',
    'StartLimitBurst=4',
  );
  const chatty = open('chatty');
  await chatty.operate('start');
  // Seen working for a while.
  const from = performance.now();
  await eventually(async () => {
    await chatty.report();
    return performance.now() - from > 2_500;
  });
  expect((await chatty.logs?.(40))?.join('\n')).toContain(': serving');
  await must('touch', '/run/crash');
  process.kill((await chatty.report()).main?.pid ?? 0, 'SIGKILL');
  await reported(chatty, ({ activity }) => activity === 'failed');
  await eventually(async () =>
    ((await chatty.logs?.(40)) ?? []).some((line) => line.endsWith('too quickly.')),
  );
  const again = open('chatty');
  await again.report();
  const lines = (await chatty.logs?.(40)) ?? [];
  expect(lines.length).toBeLessThanOrEqual(41);
  expect(lines.findIndex((line) => line.endsWith(': serving'))).toBeLessThan(
    lines.indexOf('-- later runs --'),
  );
  expect(lines.join('\n')).toContain('status=9/KILL');
  await must('rm', '/run/crash');
  expect(await chatty.operate('start')).toMatchObject({ ok: true });
  const lastWords = async () => ((await chatty.logs?.(40)) ?? []).slice(-3);
  await eventually(async () => (await lastWords()).some((line) => line.endsWith(': serving')));
  expect((await again.logs?.(5))?.join('')).not.toContain('new since');
  await must('systemctl', 'restart', 'chatty');
  await eventually(async () => ((await again.logs?.(50)) ?? []).includes('-- new since the last look --'));
});

it('a failed operation shows only what was written since it began', async () => {
  await service('web', `ExecStart=/bin/sh -c 'echo old words; sleep 1000'`);
  const web = open('web');
  await web.operate('start');
  await eventually(async () => ((await web.logs?.(5)) ?? []).some((line) => line.endsWith('old words')));
  await unit('web.service', ['[Service]', 'Type=notify', `ExecStart=/bin/sh -c 'echo new words; exit 3'`]);
  const result = await web.operate('restart');
  expect(result).toMatchObject({ ok: false, output: expect.stringContaining('new words') });
  expect(result.output).not.toContain('old words');
});

it('reloads what can reload, and says so of what cannot', async () => {
  await service('web', 'ExecStart=/bin/sleep 1000');
  const web = open('web');
  await web.operate('start');
  expect((await web.operate('reload')).detail).toContain('ExecReload=');
  await unit('web.service', [
    '[Service]',
    'ExecStart=/bin/sleep 1000',
    'ExecReload=/bin/touch /run/reloaded',
  ]);
  expect(await web.operate('reload')).toMatchObject({ ok: true });
  expect((await run('test', '-e', '/run/reloaded')).code).toBe(0);
});

it('other kinds of units: a timer and a socket', async () => {
  units.push('tick.timer', 'tick.service');
  await unit('tick.service', ['[Service]', 'Type=oneshot', 'ExecStart=/bin/true']);
  await unit('tick.timer', ['[Timer]', 'OnBootSec=1h']);
  const tick = open('tick.timer');
  await tick.operate('start');
  expect(await tick.report()).toMatchObject({ activity: 'running', detail: 'active (waiting)' });
  expect(await open('tick').report()).toMatchObject({ intent: 'stopped', activity: 'stopped' });
  await must('systemctl', 'stop', 'tick.timer');
  expect(await tick.report()).toMatchObject({ intent: 'stopped' });
});

it('discovers what runs, and what failed although it is enabled', async () => {
  await service('web', 'ExecStart=/bin/sleep 1000');
  await must('systemctl', 'start', 'web');
  await service('down', 'ExecStart=/bin/false');
  await unit('down.service', [
    '[Service]',
    'ExecStart=/bin/false',
    '[Install]',
    'WantedBy=multi-user.target',
  ]);
  await must('systemctl', 'enable', 'down');
  await run('systemctl', 'start', 'down');
  await reported(open('down'), ({ activity }) => activity === 'failed');
  const found = await systemd.discover?.(context('x').host);
  expect(found?.services).toContainEqual(
    expect.objectContaining({ name: 'web', manager: { systemd: 'web.service' }, lasting: false }),
  );
  expect(found?.services).toContainEqual(expect.objectContaining({ name: 'down', pids: [], lasting: true }));
  await must('systemctl', 'disable', 'down');
});
