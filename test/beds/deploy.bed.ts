import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/control/api.ts';
import { eventually, must, removeUnit, run, unit } from './bed.ts';

const program = `${process.cwd()}/dist/watcher.js`;
const socket = '/run/watcher/watcher.sock';

/** The shipped unit with the program where it is here. Started by `exec`, as only the program itself can say that it is ready. */
async function install(hardened: boolean): Promise<void> {
  const text = readFileSync('deploy/watcher.service', 'utf8').replace(
    '/usr/bin/watcher run',
    `${process.execPath} ${program} run`,
  );
  await unit('watcher.service', [text]);
  const dropIns = '/etc/systemd/system/watcher.service.d';
  rmSync(dropIns, { recursive: true, force: true });
  mkdirSync(dropIns);
  if (hardened) cpSync('deploy/watcher.service.d/hardening.conf', `${dropIns}/hardening.conf`);
  writeFileSync(`${dropIns}/here.conf`, '[Service]\nType=exec\nWatchdogSec=0\n');
  await must('systemctl', 'daemon-reload');
}

async function state(service: string): Promise<string> {
  const ran = await run(process.execPath, program, 'summary', '--json', '-c', '/etc/watcher/watcher.yaml');
  if (ran.out === '') return `no summary: ${ran.err}`;
  const summary = JSON.parse(ran.out) as Summary;
  return summary.services.find((row) => row.service === service)?.state ?? 'absent';
}

async function becomes(service: string, wanted: string): Promise<void> {
  let last = '';
  await eventually(async () => {
    last = await state(service);
    return last === wanted;
  }, 20_000).catch(async () => {
    const log = (await run('journalctl', '-u', 'watcher', '-n', '30', '--no-pager')).out;
    throw new Error(`${service} is '${last}', not '${wanted}'\n${log}`);
  });
}

beforeAll(async () => {
  await unit('web.service', ['[Service]', 'ExecStart=/bin/sleep 1000']);
  mkdirSync('/etc/watcher/rules', { recursive: true });
  writeFileSync('/etc/watcher/watcher.yaml', 'rules: [/etc/watcher/rules/*.yaml]\nevery: 1s\n');
  writeFileSync(
    '/etc/watcher/rules/web.yaml',
    'service: web\nmanager: { systemd: web.service }\nchecks:\n  alive: { process: {}, repair: restart }\n',
  );
});
afterAll(async () => {
  await removeUnit('watcher.service');
  await removeUnit('web.service');
});

it('systemd has nothing to say against the unit', async () => {
  await install(false);
  const verified = await run('systemd-analyze', 'verify', '/etc/systemd/system/watcher.service');
  expect(verified.out + verified.err).not.toContain('watcher.service:');
});

describe.each([
  ['as shipped', false],
  ['hardened', true],
])('%s', (_, hardened) => {
  it('repairs a unit that died, and leaves alone one that was stopped by hand', async () => {
    await install(hardened);
    await must('systemctl', 'start', 'web');
    await must('systemctl', 'start', 'watcher');
    await eventually(() => existsSync(socket), 20_000);
    await becomes('web', 'up');
    const before = await must('systemctl', 'show', '-P', 'MainPID', 'web');
    await must('systemctl', 'kill', '-s', 'KILL', 'web');
    await eventually(async () => {
      const now = await must('systemctl', 'show', '-P', 'MainPID', 'web');
      return now !== '0' && now !== before;
    }, 20_000);
    await becomes('web', 'up');
    await must('systemctl', 'stop', 'web');
    await becomes('web', 'stopped');
    await must('systemctl', 'start', 'web');
    await becomes('web', 'up');
    await must('systemctl', 'reload', 'watcher');
    await becomes('web', 'up');
    await must('systemctl', 'stop', 'watcher');
    expect((await run('systemctl', 'show', '-P', 'Result', 'watcher')).out.trim()).toBe('success');
  });
});

it('a service of plain commands outlives a restart of the watcher', async () => {
  await install(false);
  writeFileSync(
    '/etc/watcher/rules/worker.yaml',
    `service: worker
manager:
  commands:
    pidfile: /run/worker.pid
    start: [/bin/sh, -c, 'setsid sh -c "echo \\$\\$ > /run/worker.pid; exec sleep 1000" </dev/null >/dev/null 2>&1 &']
checks:
  alive: { process: {}, repair: start }
`,
  );
  await must('systemctl', 'start', 'watcher');
  await becomes('worker', 'up');
  const pid = readFileSync('/run/worker.pid', 'utf8').trim();
  await must('systemctl', 'restart', 'watcher');
  await becomes('worker', 'up');
  expect(readFileSync('/run/worker.pid', 'utf8').trim()).toBe(pid);
  await must('systemctl', 'stop', 'watcher');
  process.kill(Number(pid));
  rmSync('/etc/watcher/rules/worker.yaml');
});
