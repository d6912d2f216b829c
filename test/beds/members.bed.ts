import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event } from '../../src/model/event.ts';
import { eventually, must, removeFolder, run } from './bed.ts';
import { importImage } from './container-owners.ts';
import { putProgram, watcher } from './program.ts';

/**
 * A service of three members, with the built program beside it: one that dies is told by an event (the checks come round
 * once a minute only) and repaired, while the others live on and one that somebody stopped stays stopped.
 */
interface Scene {
  readonly name: string;
  up(): Promise<void>;
  down(): Promise<void>;
  readonly manager: unknown;
  /** Of the second member, which is killed; absent where its manager starts it again by itself. */
  pid?(member: 'm1' | 'm2'): Promise<number>;
  stop(...members: readonly ('m2' | 'm3')[]): Promise<unknown>;
  start(...members: readonly ('m2' | 'm3')[]): Promise<unknown>;
  thirdIsStopped(): Promise<boolean>;
}

const folder = '/root/members';
const config = ['-c', `${folder}/watcher.yaml`];

const engines = [
  { engine: 'docker', units: ['docker', 'docker.socket', 'containerd'] },
  { engine: 'podman', units: ['podman.socket', 'podman'] },
] as const;

const containers = engines.map(
  ({ engine, units }): Scene => ({
    name: engine,
    async up() {
      await must('systemctl', 'start', units[0]);
      await importImage(engine);
      const loop = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
      for (const name of ['m1', 'm2', 'm3'])
        await must(
          engine,
          'run',
          '-d',
          '--network=none',
          '--label=app=web',
          `--name=${name}`,
          'bb:1',
          '/bin/sh',
          '-c',
          loop,
        );
    },
    async down() {
      await run(engine, 'rm', '-f', 'm1', 'm2', 'm3');
      await run('systemctl', 'stop', ...units);
    },
    manager: { [engine]: { label: 'app=web' } },
    pid: async (member) => Number(await must(engine, 'inspect', '-f', '{{.State.Pid}}', member)),
    stop: (...members) => must(engine, 'stop', '-t', '1', ...members),
    start: (...members) => must(engine, 'start', ...members),
    thirdIsStopped: async () => (await must(engine, 'inspect', '-f', '{{.State.Status}}', 'm3')) === 'exited',
  }),
);

const conf = `${folder}/sv.conf`;
const ctl = (...words: readonly string[]) => run('supervisorctl', '-c', conf, ...words);
const supervisor: Scene = {
  name: 'supervisor',
  async up() {
    const programs = ['m1', 'm2', 'm3'].flatMap((name) => [
      `[program:${name}]`,
      'command=/bin/sleep 1000',
      'startsecs=0',
      'autorestart=false',
    ]);
    const lines = [
      '[unix_http_server]',
      `file=${folder}/sv.sock`,
      '[supervisord]',
      `logfile=${folder}/sv.log`,
      `pidfile=${folder}/sv.pid`,
      '[rpcinterface:supervisor]',
      'supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface',
      '[supervisorctl]',
      `serverurl=unix://${folder}/sv.sock`,
      '[group:web]',
      'programs=m1,m2,m3',
      ...programs,
    ];
    writeFileSync(conf, lines.join('\n'));
    await must('supervisord', '-c', conf);
    await eventually(async () => (await ctl('status')).out.match(/RUNNING/g)?.length === 3);
  },
  down: async () => void (await ctl('shutdown')),
  manager: { supervisor: { program: 'web:*', socket: `${folder}/sv.sock` } },
  pid: async (member) => Number((await ctl('pid', `web:${member}`)).out),
  stop: (...members) => ctl('stop', ...members.map((name) => `web:${name}`)),
  start: (...members) => ctl('start', ...members.map((name) => `web:${name}`)),
  thirdIsStopped: async () => (await ctl('status', 'web:m3')).out.includes('STOPPED'),
};

process.env.PATH = `/opt/owners/bin:${process.env.PATH}`;
process.env.PM2_HOME = '/root/.pm2';
const ids = { m1: '0', m2: '1', m3: '2' };
const instances = {
  name: 'web',
  script: '/bin/sleep',
  args: '1000',
  interpreter: 'none',
  exec_mode: 'fork',
  instances: 3,
};
const pm2: Scene = {
  name: 'pm2',
  async up() {
    writeFileSync(`${folder}/web.json`, JSON.stringify({ apps: [instances] }));
    await must('pm2', 'start', '-s', `${folder}/web.json`);
  },
  down: async () => void (await run('pm2', 'kill', '-s')),
  manager: { pm2: { name: 'web', home: '/root/.pm2' } },
  stop: (...members) => must('pm2', 'stop', '-s', ...members.map((name) => ids[name])),
  start: (...members) => must('pm2', 'start', '-s', ...members.map((name) => ids[name])),
  async thirdIsStopped() {
    const all = JSON.parse(await must('pm2', 'jlist')) as {
      readonly pm_id: number;
      readonly pm2_env: { readonly status: string };
    }[];
    return all.find(({ pm_id: id }) => id === 2)?.pm2_env.status === 'stopped';
  },
};

async function events(): Promise<readonly Event[]> {
  const out = await must(watcher, 'events', '--json', '-n', '1000', ...config);
  return out
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Event);
}

async function state(): Promise<string | undefined> {
  const { code, out } = await run(watcher, 'summary', '--json', ...config);
  if (code !== 0) return undefined;
  return (JSON.parse(out) as { services: { state: string }[] }).services[0]?.state;
}

describe.each([...containers, supervisor, pm2])('$name', (scene) => {
  beforeAll(async () => {
    putProgram();
    mkdirSync(folder, { recursive: true });
    await scene.up();
    writeFileSync(
      `${folder}/web.yaml`,
      [
        'service: web',
        `manager: ${JSON.stringify(scene.manager)}`,
        'every: 1m',
        'start_timeout: 5s',
        'stop_timeout: 2s',
        'repair_budget: { backoff: 100ms..200ms, hold: 1s }',
        'checks:',
        '  alive: { process: {}, repair: restart }',
        '',
      ].join('\n'),
    );
    writeFileSync(
      `${folder}/watcher.yaml`,
      `rules: [./web.yaml]\nstate_dir: ${folder}/state\nsocket: ${folder}/socket\n`,
    );
    await must('systemd-run', '-q', '--unit=agent', watcher, 'run', ...config);
    await eventually(async () => (await state()) === 'up', 25_000);
  }, 60_000);
  afterAll(async () => {
    await run(watcher, 'quit', ...config);
    await run('systemctl', 'stop', 'agent');
    await run('systemctl', 'reset-failed', 'agent');
    await scene.down();
    removeFolder(folder);
  }, 60_000);

  it('one or two are stopped and started by hand again and again: that is no failure, and nothing is repaired', async () => {
    for (let round = 0; round < 10; round++) {
      const members = round % 2 === 0 ? (['m3'] as const) : (['m2', 'm3'] as const);
      await scene.stop(...members);
      expect(await scene.thirdIsStopped()).toBe(true);
      await scene.start(...members);
    }
    await eventually(async () => (await state()) === 'up', 25_000);
    const happened = await events();
    expect(happened.filter(({ type }) => type === 'failed' || type === 'repair-started')).toEqual([]);
  }, 120_000);

  const { pid } = scene;
  if (pid === undefined) return;

  it('the second of three dies: it is repaired at once, the first lives on, the third stays stopped', async () => {
    await scene.stop('m3');
    const [first, second] = [await pid('m1'), await pid('m2')];
    // 0 would be everybody who runs this.
    expect(second).toBeGreaterThan(1);
    process.kill(second, 'SIGKILL');
    await eventually(async () => {
      const now = await pid('m2');
      return now > 0 && now !== second;
    }, 25_000).catch(async () => {
      throw new Error(JSON.stringify([await state(), await events()], null, 1));
    });
    await eventually(async () => (await state()) === 'up', 25_000);
    const happened = await events();
    expect(happened.filter(({ type }) => type === 'repair-started')).toHaveLength(1);
    expect(happened.find(({ type }) => type === 'failed')?.text).toMatch(/\bm2\b/);
    expect(await pid('m1')).toBe(first);
    expect(readFileSync(`/proc/${first}/comm`, 'utf8')).toMatch(/sh|sleep/);
    expect(await scene.thirdIsStopped()).toBe(true);
  }, 60_000);
});
