import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, must, removeUnit, run, unit } from './bed.ts';
import { becomes, property, putProgram, stateOf, watcher } from './program.ts';

const installed = '/etc/systemd/system/watcher.service';
const dropIns = `${installed}.d`;
const rules = '/etc/watcher/rules';
const status = () => property('StatusText');

function rule(name: string, text: string): void {
  writeFileSync(`${rules}/${name}.yaml`, text);
}

/** Settings of the unit on top of what is shipped. */
async function dropIn(...lines: readonly string[]): Promise<void> {
  rmSync(dropIns, { recursive: true, force: true });
  if (lines.length > 0) {
    mkdirSync(dropIns);
    writeFileSync(`${dropIns}/test.conf`, `[Service]\n${lines.join('\n')}\n`);
  }
  await must('systemctl', 'daemon-reload');
}

beforeAll(async () => {
  putProgram();
  await unit('web.service', ['[Service]', 'ExecStart=/bin/sleep 1000']);
  await must('systemctl', 'start', 'web');
  mkdirSync(rules, { recursive: true });
  writeFileSync('/etc/watcher/watcher.yaml', 'rules: [./rules/*.yaml]\nevery: 1s\n');
  rule(
    'web',
    'service: web\nmanager: { systemd: web.service }\nchecks:\n  alive: { process: {}, repair: restart }\n',
  );
});
afterAll(async () => {
  await removeUnit('watcher.service');
  await removeUnit('web.service');
});

describe('watcher install', () => {
  it('says what it would do, and does nothing', async () => {
    const said = await must(watcher, 'install', '--dry-run');
    expect(said).toContain('It would:');
    expect(said).toContain('keep /etc/watcher/watcher.yaml');
    expect(said).toContain(`write ${installed}`);
    expect(said).toContain('start it');
    expect(existsSync(installed)).toBe(false);
  });

  it('puts the unit in place, and it watches when the command comes back', async () => {
    expect(await must(watcher, 'install')).toContain(`write ${installed}`);
    expect(await property('ActiveState')).toBe('active');
    expect(await property('UnitFileState')).toBe('enabled');
    const verified = await run('systemd-analyze', 'verify', installed);
    expect(verified.out + verified.err).not.toContain('watcher.service:');
    await becomes(status, '1 service up');
  });

  it('changes nothing the second time', async () => {
    const before = await property('MainPID');
    const said = await must(watcher, 'install');
    expect(said).toContain(`keep ${installed} (unchanged)`);
    expect(said).toContain('leave it running');
    expect(await property('MainPID')).toBe(before);
  });

  it('replaces an older unit, keeps that, and restarts with it', async () => {
    const text = readFileSync(installed, 'utf8');
    writeFileSync(installed, text.replace('TasksMax=512', 'TasksMax=100'));
    const before = await property('MainPID');
    expect(await must(watcher, 'install')).toContain(`replace ${installed}`);
    expect(readFileSync(installed, 'utf8')).toBe(text);
    expect(readFileSync(`${installed}.before`, 'utf8')).toContain('TasksMax=100');
    expect(await property('MainPID')).not.toBe(before);
  });

  it('does nothing while the rules have mistakes', async () => {
    rule('bad', 'service: bad\nchekcs: {}\n');
    const refused = await run(watcher, 'install');
    rmSync(`${rules}/bad.yaml`);
    expect(refused.code).toBe(78);
    expect(refused.err).toContain("did you mean 'checks'?");
    expect(await property('ActiveState')).toBe('active');
  });
});

describe('what systemd is told', () => {
  it('the status changes with the services', async () => {
    await must('systemctl', 'stop', 'web');
    await becomes(status, '0 services up, 1 stopped');
    await must('systemctl', 'start', 'web');
    await becomes(status, '1 service up');
  });

  it('a reload is over when systemctl comes back, and fails when it is refused', async () => {
    rule('root', 'service: root\nchecks:\n  space: { filesystem: /, expect: [used < 100%] }\n');
    await must('systemctl', 'reload', 'watcher');
    await becomes(status, '2 services up');
    rule('root', 'service: root\nchecks:\n  space: { filesystem: /, expect: [usd < 100%] }\n');
    expect((await run('systemctl', 'reload', 'watcher')).code).not.toBe(0);
    expect(await property('ActiveState')).toBe('active');
    await becomes(status, /^2 services up; last reload refused, the old rules run: 1 error/);
    rmSync(`${rules}/root.yaml`);
    await must('systemctl', 'reload', 'watcher');
    await becomes(status, '1 service up');
    await must('systemctl', 'kill', '-s', 'HUP', '--kill-who=main', 'watcher');
    await becomes(() => property('ActiveState'), 'active');
  });

  it('rules with mistakes: it does not start, says why, and is not tried again', async () => {
    rule('bad', 'service: bad\nchekcs: {}\n');
    await must('systemctl', 'stop', 'watcher');
    expect((await run('systemctl', 'start', 'watcher')).code).not.toBe(0);
    expect(await property('ActiveState')).toBe('failed');
    expect(await property('ExecMainStatus')).toBe('78');
    expect(await property('NRestarts')).toBe('0');
    expect(await status()).toMatch(/watcher\.yaml does not load: \d errors?/);
    rmSync(`${rules}/bad.yaml`);
    await must('systemctl', 'start', 'watcher');
    await becomes(status, '1 service up');
  });
});

describe('an agent that ends or hangs', () => {
  it('that stands still is ended by the watchdog, and goes on with what it knew', async () => {
    await dropIn('WatchdogSec=2s', 'RestartSec=100ms');
    await must('systemctl', 'restart', 'watcher');
    await must(watcher, 'unmonitor', 'web', '--wait');
    const before = await property('MainPID');
    process.kill(Number(before), 'SIGSTOP');
    await becomes(async () => {
      const [pid, active] = [await property('MainPID'), await property('ActiveState')];
      return pid !== before && active === 'active' ? 'another' : 'the same';
    }, 'another');
    const journal = await must('journalctl', '-u', 'watcher', '--no-pager', '-o', 'cat');
    expect(journal).toContain('Watchdog timeout');
    await becomes(stateOf('web'), 'unmonitored');
    await must(watcher, 'monitor', 'web', '--wait');
    await becomes(stateOf('web'), 'up');
  });

  it('that is well is left alone by a watchdog of a second', async () => {
    await dropIn('WatchdogSec=1s');
    await must('systemctl', 'restart', 'watcher');
    const before = await property('MainPID');
    const from = performance.now();
    await eventually(() => performance.now() - from > 5000);
    expect(await property('MainPID')).toBe(before);
    expect(await property('NRestarts')).toBe('0');
    await dropIn();
  });

  it('that is killed is started again, and goes on with what it knew', async () => {
    await must('systemctl', 'restart', 'watcher');
    await must(watcher, 'silence', 'web', '--for', '2h', '--comment', 'kept');
    await must('systemctl', 'kill', '-s', 'KILL', '--kill-who=main', 'watcher');
    await becomes(() => property('NRestarts'), '1');
    await becomes(() => property('ActiveState'), 'active');
    expect(await must(watcher, 'silence')).toContain('kept');
  });
});

describe.each([
  ['as shipped', false],
  ['hardened', true],
])('%s', (_, hardened) => {
  it('repairs a unit that died, and leaves alone one that was stopped by hand', async () => {
    await dropIn();
    if (hardened) {
      mkdirSync(dropIns);
      cpSync('deploy/watcher.service.d/hardening.conf', `${dropIns}/hardening.conf`);
      await must('systemctl', 'daemon-reload');
    }
    await must('systemctl', 'restart', 'watcher');
    await becomes(stateOf('web'), 'up');
    const before = await must('systemctl', 'show', '-P', 'MainPID', 'web');
    await must('systemctl', 'kill', '-s', 'KILL', 'web');
    await eventually(async () => {
      const now = await must('systemctl', 'show', '-P', 'MainPID', 'web');
      return now !== '0' && now !== before;
    }, 20_000);
    await becomes(stateOf('web'), 'up');
    await must('systemctl', 'stop', 'web');
    await becomes(stateOf('web'), 'stopped');
    await must('systemctl', 'start', 'web');
    await becomes(stateOf('web'), 'up');
    await must('systemctl', 'reload', 'watcher');
    await becomes(stateOf('web'), 'up');
    await must('systemctl', 'stop', 'watcher');
    expect(await property('Result')).toBe('success');
  });
});

it('a service of plain commands outlives a restart of the watcher', async () => {
  await dropIn();
  rule(
    'worker',
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
  await becomes(stateOf('worker'), 'up');
  const pid = readFileSync('/run/worker.pid', 'utf8').trim();
  await must('systemctl', 'restart', 'watcher');
  await becomes(stateOf('worker'), 'up');
  expect(readFileSync('/run/worker.pid', 'utf8').trim()).toBe(pid);
  await must('systemctl', 'stop', 'watcher');
  process.kill(Number(pid));
  rmSync(`${rules}/worker.yaml`);
});

describe('watcher uninstall', () => {
  it('takes the unit away and leaves configuration and state, and says so', async () => {
    await must('systemctl', 'start', 'watcher');
    expect(await must(watcher, 'uninstall', '--dry-run')).toContain(`remove ${installed}`);
    expect(await property('ActiveState')).toBe('active');
    const said = await must(watcher, 'uninstall');
    expect(said).toMatch(/Left in place.*\/etc\/watcher, \/var\/lib\/watcher/);
    expect(existsSync(installed)).toBe(false);
    expect(await property('LoadState')).toBe('not-found');
    expect(existsSync('/var/lib/watcher')).toBe(true);
    expect(await must('systemctl', 'is-active', 'web')).toBe('active');
    expect(await must(watcher, 'uninstall')).toContain('nothing to do');
  });

  it('on a machine without rules, install writes some to begin with', async () => {
    rmSync('/etc/watcher', { recursive: true });
    expect(await must(watcher, 'install')).toContain('write /etc/watcher/watcher.yaml');
    expect(existsSync(`${rules}/host.yaml`)).toBe(true);
    await must(watcher, 'check');
    await becomes(stateOf('host'), /up|warning|down/);
    await must(watcher, 'uninstall');
  });
});

it("an ordinary user's own service", async () => {
  await must('useradd', '-m', '-s', '/bin/sh', 'ann');
  await must('loginctl', 'enable-linger', 'ann');
  const uid = await must('id', '-u', 'ann');
  const asAnn = (text: string) =>
    run(
      'setpriv',
      '--reuid=ann',
      '--regid=ann',
      '--init-groups',
      'env',
      '-i',
      `XDG_RUNTIME_DIR=/run/user/${uid}`,
      'HOME=/home/ann',
      `PATH=${process.env.PATH}`,
      'sh',
      '-c',
      `cd && ${text}`,
    );
  await eventually(
    async () => (await run('systemctl', 'is-active', `user@${uid}`)).out.trim() === 'active',
    20_000,
  );
  await must('systemctl', 'start', 'web');
  const refused = await asAnn('watcher install');
  expect(refused.code).toBe(77);
  expect(refused.err).toContain('watcher install --user');
  await asAnn(
    "mkdir -p .config/watcher && printf 'rules: [./*.rules.yaml]\nevery: 1s\n' > .config/watcher/watcher.yaml",
  );
  await asAnn(
    "printf 'service: web\nmanager: { systemd: web.service }\nchecks:\n  alive: { process: {}, repair: restart }\n' > .config/watcher/web.rules.yaml",
  );
  const installing = await asAnn('watcher install --user');
  expect(installing.err).toBe('');
  expect(installing.out).toContain('write /home/ann/.config/systemd/user/watcher.service');
  const shown = async () => (await asAnn('systemctl --user show -P StatusText watcher')).out.trim();
  await becomes(shown, '1 service up');
  expect((await asAnn('watcher summary')).out).toMatch(/web +up/);
  expect(existsSync('/home/ann/.local/state/watcher')).toBe(true);
  expect((await asAnn('systemctl --user reload watcher')).code).toBe(0);
  await must('systemctl', 'kill', '-s', 'KILL', 'web');
  await becomes(shown, '0 services up, 1 down');
  expect((await asAnn('watcher events web')).out).toContain('not permitted to');
  const gone = await asAnn('watcher uninstall --user');
  expect(gone.code).toBe(0);
  expect(gone.out).toContain('/home/ann/.config/watcher');
  await must('loginctl', 'disable-linger', 'ann');
}, 60_000);
