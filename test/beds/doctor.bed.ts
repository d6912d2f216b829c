import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { type Answer, eventually, must, removeUnit, run, unit } from './bed.ts';
import { putProgram, watcher } from './program.ts';

const config = '/etc/watcher';
const monitrc = '/etc/monit/monitrc';
process.env.PATH = `/opt/owners/bin:${process.env.PATH}`;

interface Diagnosis {
  readonly findings: readonly Finding[];
  readonly managers: readonly { kind: string; services: readonly { name: string; rule?: string }[] }[];
}

async function doctor(): Promise<Answer & { readonly said: Diagnosis }> {
  const answer = await run(watcher, 'doctor', '--json');
  expect(answer.err).toBe('');
  return { ...answer, said: JSON.parse(answer.out) as Diagnosis };
}

function rule(name: string, ...lines: readonly string[]): void {
  writeFileSync(`${config}/rules/${name}.yaml`, `service: ${name}\n${lines.join('\n')}\n`);
}

const started = ['checks:', '  alive: { process: {}, repair: restart }'];

/** Monit's settings: with its HTTP interface on a socket or without. */
async function monit(...httpd: readonly string[]): Promise<void> {
  await run('monit', '-c', monitrc, 'quit');
  // One that is still about to end would be taken for a running one.
  await eventually(async () => (await run('pgrep', '-x', 'monit')).code !== 0);
  writeFileSync(
    monitrc,
    [
      'set daemon 1',
      ...httpd,
      'set pidfile /run/monit.pid',
      'set idfile /run/monit.id',
      'set statefile /run/monit.state',
      'set logfile /var/log/monit.log',
      'include /etc/monit/more/*.rc',
      '',
    ].join('\n'),
  );
  chmodSync(monitrc, 0o600);
  await must('monit', '-c', monitrc);
}

beforeAll(async () => {
  putProgram();
  mkdirSync(`${config}/rules`, { recursive: true });
  mkdirSync('/etc/monit/more', { recursive: true });
  writeFileSync(`${config}/watcher.yaml`, 'rules: [./rules/*.yaml]\nevery: 1s\n');
  const wanted = ['[Install]', 'WantedBy=multi-user.target'];
  await unit('web.service', ['[Service]', 'ExecStart=/bin/sleep 1000', 'Restart=always', ...wanted]);
  await unit('job.service', [
    '[Service]',
    'PIDFile=/run/job.pid',
    `ExecStart=/bin/sh -c 'echo $$$$ >/run/job.pid; exec sleep 1000'`,
    ...wanted,
  ]);
  await must('systemctl', 'enable', '--now', 'web', 'job');
  writeFileSync(
    '/etc/monit/more/all.rc',
    [
      'check process web with pidfile /run/web.pid',
      '  start program = "/bin/systemctl start web"',
      '  stop program = "/bin/systemctl stop web"',
      'check process old with pidfile /run/old.pid',
      `  start program = "/bin/sh -c 'sleep 1000 & echo $! >/run/old.pid'"`,
      `  stop program = "/bin/sh -c 'kill $(cat /run/old.pid)'"`,
      '',
    ].join('\n'),
  );
  writeFileSync('/run/web.pid', await must('systemctl', 'show', '-P', 'MainPID', 'web'));
  rule('web', 'manager: { systemd: web.service }', ...started);
  await eventually(() => existsSync('/run/job.pid'));
  rule('job', 'manager: { commands: { pidfile: /run/job.pid, start: [/bin/false] } }', ...started);
}, 60_000);
afterAll(async () => {
  await run('monit', '-c', monitrc, 'quit');
  for (const name of ['web.service', 'job.service', 'watcher.service']) await removeUnit(name);
});

it('two that restart the same: Monit beside systemd, and plain commands past systemd', async () => {
  await monit('set httpd unixsocket /run/monit.sock', ' allow ops:secret42');
  await eventually(async () => {
    const { said } = await doctor();
    return said.findings.some(({ message }) =>
      message.startsWith('web: Monit (web) and the rule both restart it'),
    );
  });
  const { code, said, out } = await doctor();
  expect(code).toBe(1);
  expect(said.findings).toContainEqual(
    expect.objectContaining({ level: 'warning', code: 'two-repairers', service: 'web' }),
  );
  expect(said.findings).toContainEqual(
    expect.objectContaining({
      code: 'other-manager',
      service: 'job',
      hint: 'let repairs go through it: manager: { systemd: job.service }',
    }),
  );
  expect(said.findings).toContainEqual(
    expect.objectContaining({
      level: 'ok',
      code: 'manager-restarts',
      message: expect.stringContaining('web'),
    }),
  );
  expect(said.managers.find(({ kind }) => kind === 'monit')?.services).toMatchObject([
    { name: 'web', rule: 'web' },
    { name: 'old' },
  ]);
  expect(out).not.toContain('secret42');
});

it('what Monit watches is read from its control file where Monit cannot be asked', async () => {
  await monit();
  const { said } = await doctor();
  expect(said.managers.find(({ kind }) => kind === 'monit')?.services.map(({ name }) => name)).toEqual([
    'web',
    'old',
  ]);
  expect(said.findings).toContainEqual(
    expect.objectContaining({ code: 'manager-not-asked', message: expect.stringContaining('set httpd') }),
  );
});

it('Monit at a port, found by its control file and watched through it', async () => {
  await monit('set httpd port 2812 and use address 127.0.0.1', ' allow admin:monit');
  await eventually(async () =>
    (await doctor()).said.findings.every(({ code }) => code !== 'manager-not-asked'),
  );
  await eventually(() => existsSync('/run/old.pid'));
  rule(
    'old',
    'manager: { monit: { service: old, url: "http://127.0.0.1:2812" } }',
    'checks:',
    '  alive: { process: {} }',
  );
  await eventually(async () => (await run(watcher, 'once', 'old')).code === 0);
  rmSync(`${config}/rules/old.yaml`);
});

it('an agent that is away, one that runs, and one that goes on with old rules', async () => {
  const about = async (topic: string) =>
    (await doctor()).said.findings.filter((finding) => finding.topic === topic);
  expect(await about('agent')).toMatchObject([{ code: 'agent-away' }]);
  await must(watcher, 'install');
  expect(await about('agent')).toMatchObject([{ code: 'agent-runs' }]);
  rule('bad', 'chekcs: {}');
  await run('systemctl', 'reload', 'watcher');
  const { code, said } = await doctor();
  expect(code).toBe(78);
  expect(said.findings.map((finding) => finding.code)).toEqual(
    expect.arrayContaining(['rules-refused', 'reload-refused']),
  );
  rmSync(`${config}/rules/bad.yaml`);
  await must('systemctl', 'reload', 'watcher');
  expect(await about('notices')).toMatchObject([{ code: 'nobody-told' }]);
  await must(watcher, 'uninstall');
});

it('an ordinary user is told which rights are missing', async () => {
  await must('useradd', '-m', 'ann');
  const asAnn = await run(
    'setpriv',
    '--reuid=ann',
    '--regid=ann',
    '--init-groups',
    watcher,
    'doctor',
    '--json',
    '-c',
    `${config}/watcher.yaml`,
  );
  const { findings } = JSON.parse(asAnn.out) as Diagnosis;
  expect(findings).toContainEqual(
    expect.objectContaining({
      code: 'may-not-repair',
      service: 'web',
      message: expect.stringContaining('polkit'),
    }),
  );
  expect(findings).toContainEqual(expect.objectContaining({ code: 'journal-closed' }));
});

it('init writes a rule for what each manager has; what Monit alone has comes with a way without it', async () => {
  await monit('set httpd unixsocket /run/monit.sock', ' allow ops:secret42');
  spawn('pm2', ['start', '-s', '/bin/sleep', '--interpreter', 'none', '--name', 'api', '--', '1000'], {
    env: { ...process.env, PM2_HOME: '/srv/pm2', HOME: '/root' },
    stdio: 'ignore',
  });
  await eventually(async () => {
    const { said } = await doctor();
    return said.managers.some(({ kind, services }) => kind === 'pm2' && services.length > 0);
  }, 20_000);
  await must(watcher, 'init', '/root/rules');
  const read = (name: string) => readFileSync(`/root/rules/rules/${name}.yaml`, 'utf8');
  expect(read('web')).toContain('manager: { systemd: web.service }');
  expect(read('job')).toContain('manager: { systemd: job.service }');
  expect(read('api')).toContain('manager: { pm2: { name: api, home: /srv/pm2 } }');
  expect(read('old')).toContain('password: "${file:/etc/watcher/monit-password}"');
  expect(read('old')).toContain(
    '# Without Monit: manager: { commands: { pidfile: /run/old.pid, start: [/bin/sh, "-c",',
  );
  writeFileSync('/etc/watcher/monit-password', 'secret42', { mode: 0o600 });
  await must(watcher, 'check', '-c', '/root/rules/watcher.yaml');
  const once = await run(watcher, 'once', 'web', 'job', 'api', 'old', '-c', '/root/rules/watcher.yaml');
  expect(once.out + once.err).toMatch(/web +up[\s\S]*job +up[\s\S]*api +up[\s\S]*old +up|old +up/);
  expect(once.code).toBe(0);
  await must('env', 'PM2_HOME=/srv/pm2', 'pm2', 'kill', '-s');
  await run('sh', '-c', 'kill $(cat /run/old.pid)');
});
