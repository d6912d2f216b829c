import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { eventually, must, run } from './bed.ts';

/** Writes its number to a file, then a line each 0.2 s to what it inherited; it dies when nobody reads that any more. */
const worker = 'echo $$ > "$1"; while echo line; do sleep 0.2; done';

it.each([
  ['redirected to nowhere', '</dev/null >/dev/null 2>&1'],
  ['inherited from the watcher', '</dev/null'],
])(
  'a service with its output %s outlives the unit of the watcher, in a scope of its own',
  async (_, output) => {
    writeFileSync('/srv/worker.sh', worker);
    const script = '/root/start.ts';
    writeFileSync(
      script,
      `import { createHost } from '${process.cwd()}/src/host/real-host.ts';
import { commands } from '${process.cwd()}/src/managers/commands.ts';
const start = { argv: ['/bin/sh', '-c', 'setsid sh /srv/worker.sh /run/worker.pid ${output} &'], shell: false, env: {}, timeout: 5000 };
const manager = commands.open({ pidfile: '/run/worker.pid', start }, { host: createHost(), service: 'my worker', startTimeout: 5000, stopTimeout: 5000 });
console.log(JSON.stringify(await manager.operate('start')));
process.exit(0);
`,
    );
    await build({
      entryPoints: [script],
      outfile: '/root/start.mjs',
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['koffi', 'systeminformation', 'ps-list', 'undici', 'nodemailer', 'node-cron'],
      nodePaths: [`${process.cwd()}/node_modules`],
    });
    const limits = ['-p', 'OOMScoreAdjust=-500', '-p', 'Nice=-5', '-p', 'KillMode=mixed'];
    const out = await must(
      'systemd-run',
      '--wait',
      '--pipe',
      '--quiet',
      '--unit=fakewatcher',
      ...limits,
      process.execPath,
      '/root/start.mjs',
    );
    expect(JSON.parse(out)).toMatchObject({ ok: true, detail: expect.stringMatching(/^started, pid \d+$/) });
    const pid = readFileSync('/run/worker.pid', 'utf8').trim();
    expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).toMatch(
      /0::\/system\.slice\/watcher-my_worker-\d+-\d+\.scope/,
    );
    expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim()).not.toMatch(/^-/);
    expect((await run('systemctl', 'is-active', 'fakewatcher')).out.trim()).toBe('inactive');
    // The unit has ended, and all that was left in it with it: the worker writes on.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const state = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2];
    expect(state()).toMatch(/[SR]/);
    process.kill(Number(pid));
    rmSync('/run/worker.pid');
  },
);

const polkitRule = '/etc/polkit-1/rules.d/50-watcher.rules';

/** Stops a transient unit and waits until systemd has let go of it, which it does once nothing of it is left: until then none of its name can be started. */
async function forgotten(unit: string): Promise<void> {
  await run('systemctl', 'stop', unit);
  await run('systemctl', 'reset-failed', unit);
  const list = ['list-units', '--all', '--no-legend', '--plain', unit];
  await eventually(async () => (await must('systemctl', ...list)) === '');
}

it('also when that unit of the system has a user of its own, with the polkit rule; without it that is said', async () => {
  if ((await run('id', 'watcher')).code !== 0) await must('useradd', '-m', 'watcher');
  await run('pkill', '-f', '/srv/worker.sh');
  rmSync('/run/worker', { recursive: true, force: true });
  rmSync(polkitRule, { force: true });
  await must('systemctl', 'restart', 'polkit');
  await forgotten('fakewatcher.service');
  mkdirSync('/run/worker', { recursive: true });
  await must('chown', 'watcher', '/run/worker');
  const user = ['-p', 'User=watcher', '-p', 'KillMode=process'];
  const start = () =>
    must(
      'systemd-run',
      '--wait',
      '--pipe',
      '--quiet',
      '--unit=fakewatcher',
      ...user,
      process.execPath,
      '/srv/start.mjs',
    );
  writeFileSync(
    '/srv/start.mjs',
    readFileSync('/root/start.mjs', 'utf8').replaceAll('/run/worker.pid', '/run/worker/pid'),
  );
  const pid = () => readFileSync('/run/worker/pid', 'utf8').trim();
  const group = () => readFileSync(`/proc/${pid()}/cgroup`, 'utf8');

  const refused = JSON.parse(await start()) as { detail: string };
  expect(refused.detail).toContain("it still lives in the watcher's own unit");
  expect(group()).toContain('fakewatcher.service');
  process.kill(Number(pid()));
  await forgotten('fakewatcher.service');

  mkdirSync('/etc/polkit-1/rules.d', { recursive: true });
  copyFileSync('deploy/50-watcher.rules', polkitRule);
  await must('chmod', '0644', polkitRule);
  await must('systemctl', 'restart', 'polkit');
  expect(JSON.parse(await start())).toMatchObject({
    ok: true,
    detail: expect.stringMatching(/^started, pid \d+$/),
  });
  expect(group()).toMatch(/0::\/system\.slice\/watcher-my_worker-\d+-\d+\.scope/);
  process.kill(Number(pid()));
});
