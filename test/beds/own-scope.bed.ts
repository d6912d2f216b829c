import { readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { must, run } from './bed.ts';

it('a service started by a plain command outlives the unit of the watcher, in a scope of its own', async () => {
  const script = '/root/start.ts';
  writeFileSync(
    script,
    `import { createHost } from '${process.cwd()}/src/host/real-host.ts';
import { commands } from '${process.cwd()}/src/managers/commands.ts';
const start = { argv: ['/bin/sh', '-c', 'setsid sh -c "echo \\\\$\\\\$ > /run/worker.pid; exec sleep 1000" </dev/null >/dev/null 2>&1 &'], shell: false, env: {}, timeout: 5000 };
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
  const limits = ['-p', 'OOMScoreAdjust=-500', '-p', 'Nice=-5'];
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
  process.kill(Number(pid));
});
