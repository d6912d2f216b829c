import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { forever } from '../../src/managers/forever.ts';
import type { Manager, ManagerContext } from '../../src/managers/manager-kind.ts';
import { monit } from '../../src/managers/monit.ts';
import { pm2 } from '../../src/managers/pm2.ts';
import { runit } from '../../src/managers/runit.ts';
import { s6 } from '../../src/managers/s6.ts';
import { supervisor } from '../../src/managers/supervisor.ts';
import type { ManagerReport } from '../../src/model/manager.ts';
import { context, eventually, must, reported, run } from './bed.ts';

const home = '/root/owners';
process.env.PATH = `/opt/owners/bin:${process.env.PATH}`;
process.env.PM2_HOME = '/root/.pm2';
process.env.NODE_NO_WARNINGS = '1';

interface Bed {
  readonly name: string;
  /** Starts the owner with the services `app` (runs for ever) and, where it can, `bad` (always fails). */
  up(): Promise<void>;
  down(): Promise<void>;
  open(service: 'app' | 'bad', changes?: Partial<ManagerContext>): Manager;
  stop(): Promise<unknown>;
  start(): Promise<unknown>;
  /** How it looks when the owner gave up on `bad`; absent where the owner never gives up. */
  readonly gaveUp?: string;
  readonly reloads: boolean;
  readonly logs: boolean;
}

function script(path: string, text: string): void {
  writeFileSync(path, `${text}\n`);
  chmodSync(path, 0o755);
}

/** Starts what stays, in a session of its own, and leaves it to the box. */
function daemon(program: string, ...argv: readonly string[]): void {
  spawn(program, argv, { detached: true, stdio: 'ignore' }).unref();
}

const beds: readonly Bed[] = [
  {
    name: 'supervisor',
    async up() {
      writeFileSync(
        `${home}/sv.conf`,
        [
          '[unix_http_server]',
          `file=${home}/sv.sock`,
          '[supervisord]',
          `logfile=${home}/sv.log`,
          `pidfile=${home}/sv.pid`,
          '[rpcinterface:supervisor]',
          'supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface',
          '[supervisorctl]',
          `serverurl=unix://${home}/sv.sock`,
          '[program:app]',
          `command=${home}/app`,
          'startsecs=0',
          '[program:bad]',
          `command=${home}/bad`,
          'startretries=1',
          'autostart=false',
        ].join('\n'),
      );
      await must('supervisord', '-c', `${home}/sv.conf`);
      await eventually(async () =>
        (await run('supervisorctl', '-c', `${home}/sv.conf`, 'status', 'app')).out.includes('RUNNING'),
      );
    },
    down: async () => void (await run('supervisorctl', '-c', `${home}/sv.conf`, 'shutdown')),
    open: (service, changes) =>
      supervisor.open({ program: service, socket: `${home}/sv.sock` }, context(service, changes)),
    stop: () => must('supervisorctl', '-c', `${home}/sv.conf`, 'stop', 'app'),
    start: () => must('supervisorctl', '-c', `${home}/sv.conf`, 'start', 'app'),
    gaveUp: 'Supervisor gave up',
    reloads: true,
    logs: true,
  },
  {
    name: 'pm2',
    async up() {
      await must('pm2', 'start', '-s', '--interpreter', 'none', '--name', 'app', `${home}/app`);
      await must(
        'pm2',
        'start',
        '-s',
        '--interpreter',
        'none',
        '--max-restarts',
        '3',
        '--name',
        'bad',
        `${home}/bad`,
      );
    },
    down: async () => void (await run('pm2', 'kill', '-s')),
    open: (service, changes) => pm2.open({ name: service }, context(service, changes)),
    stop: () => must('pm2', 'stop', '-s', 'app'),
    start: () => must('pm2', 'start', '-s', 'app'),
    gaveUp: 'PM2 gave up',
    reloads: true,
    logs: true,
  },
  {
    name: 'runit',
    async up() {
      mkdirSync(`${home}/rv/app`, { recursive: true });
      script(`${home}/rv/app/run`, `#!/bin/sh\nexec ${home}/app`);
      daemon('runsvdir', `${home}/rv`);
      await eventually(async () => (await run('sv', 'status', `${home}/rv/app`)).out.startsWith('run:'));
    },
    async down() {
      await run('sv', 'exit', `${home}/rv/app`);
      await run('pkill', '-HUP', '-f', `runsvdir ${home}/rv`);
    },
    open: (service, changes) => runit.open({ service: `${home}/rv/${service}` }, context(service, changes)),
    stop: () => must('sv', 'down', `${home}/rv/app`),
    start: () => must('sv', 'up', `${home}/rv/app`),
    reloads: true,
    logs: false,
  },
  {
    name: 's6',
    async up() {
      mkdirSync(`${home}/s6/app`, { recursive: true });
      script(`${home}/s6/app/run`, `#!/bin/sh\nexec ${home}/app`);
      daemon('s6-svscan', `${home}/s6`);
      await eventually(async () =>
        (await run('s6-svstat', '-o', 'up', `${home}/s6/app`)).out.startsWith('true'),
      );
    },
    down: async () => void (await run('s6-svscanctl', '-t', `${home}/s6`)),
    open: (service, changes) => s6.open({ service: `${home}/s6/${service}` }, context(service, changes)),
    stop: () => must('s6-svc', '-wD', '-d', `${home}/s6/app`),
    start: () => must('s6-svc', '-wu', '-u', `${home}/s6/app`),
    reloads: true,
    logs: false,
  },
  {
    name: 'forever',
    async up() {
      writeFileSync(`${home}/f.js`, 'console.log("hello from app"); setInterval(() => {}, 1000);\n');
      writeFileSync(`${home}/bad.js`, 'process.exit(3);\n');
      await this.start();
      await must(...foreverStart('bad', `${home}/bad.js`));
    },
    down: async () => void (await run('forever', 'stopall')),
    open: (service, changes) =>
      forever.open(
        {
          uid: service,
          start: {
            argv: foreverStart(service, service === 'app' ? `${home}/f.js` : `${home}/bad.js`),
            shell: false,
            env: {},
            timeout: 20_000,
          },
        },
        context(service, changes),
      ),
    stop: () => must('forever', 'stop', 'app'),
    start: () => must(...foreverStart('app', `${home}/f.js`)),
    gaveUp: 'forever gave up',
    reloads: false,
    logs: true,
  },
  {
    name: 'monit',
    async up() {
      writeFileSync(
        `${home}/monitrc`,
        [
          'set daemon 1',
          `set httpd unixsocket ${home}/monit.sock`,
          ' allow admin:monit',
          `set pidfile ${home}/monit.pid`,
          `set idfile ${home}/monit.id`,
          `set statefile ${home}/monit.state`,
          `set logfile ${home}/monit.log`,
          `check process app with pidfile ${home}/app.pid`,
          ` start program = "/bin/sh -c '${home}/app & echo $! >${home}/app.pid'"`,
          ` stop program = "/bin/sh -c 'kill $(cat ${home}/app.pid); rm ${home}/app.pid'"`,
          `check process bad with pidfile ${home}/bad.pid`,
          ' start program = "/bin/false" with timeout 1 seconds',
          ' if 2 restarts within 4 cycles then unmonitor',
          '',
        ].join('\n'),
      );
      chmodSync(`${home}/monitrc`, 0o600);
      await must('monit', '-c', `${home}/monitrc`);
    },
    async down() {
      await run('monit', '-c', `${home}/monitrc`, 'quit');
      await run('sh', '-c', `kill $(cat ${home}/app.pid)`);
    },
    open: (service, changes) =>
      monit.open(
        {
          service,
          socket: `${home}/monit.sock`,
          log: `${home}/monit.log`,
          username: 'admin',
          password: 'monit',
        },
        context(service, changes),
      ),
    stop: () => must('monit', '-c', `${home}/monitrc`, 'stop', 'app'),
    start: () => must('monit', '-c', `${home}/monitrc`, 'start', 'app'),
    gaveUp: 'Monit gave up',
    reloads: false,
    logs: false,
  },
];

function foreverStart(uid: string, file: string): [string, ...string[]] {
  const quick = ['-m', '3', '--minUptime', '100', '--spinSleepTime', '100'];
  return [
    'forever',
    'start',
    '-a',
    '--uid',
    uid,
    ...(uid === 'bad' ? quick : ['--minUptime', '100', '--spinSleepTime', '100']),
    file,
  ];
}

describe.each(beds)('$name', (bed) => {
  const opened: Manager[] = [];
  const patient = { startTimeout: 15_000, stopTimeout: 10_000 };

  function open(service: 'app' | 'bad'): Manager {
    const manager = bed.open(service, patient);
    opened.push(manager);
    return manager;
  }
  const running = ({ activity }: ManagerReport) => activity === 'running';

  beforeAll(async () => {
    mkdirSync(home, { recursive: true });
    script(`${home}/app`, '#!/bin/sh\necho hello from app\nexec /bin/sleep 1000');
    script(`${home}/bad`, '#!/bin/sh\nexit 3');
    await bed.up();
  });
  afterEach(() => {
    for (const manager of opened.splice(0)) manager.close();
  });
  afterAll(async () => {
    await bed.down();
    rmSync(home, { recursive: true, force: true });
  });

  it('runs: main process with identity', async () => {
    const report = await reported(open('app'), running, 15_000);
    expect(report.intent).toBe('run');
    expect(report.main?.pid).toBeGreaterThan(1);
    expect((await run('cat', `/proc/${report.main?.pid}/comm`)).out.trim()).toMatch(/^(sleep|node)$/);
  });

  it('stopped by hand is stopped on purpose; started by hand it is watched again', async () => {
    const app = open('app');
    await reported(app, running);
    await bed.stop();
    const report = await reported(app, ({ activity }) => activity === 'stopped', 15_000);
    expect(report.intent).toBe('stopped');
    await bed.start();
    expect((await reported(app, running, 15_000)).intent).toBe('run');
  });

  it('killed: its manager restarts it by itself, and the reports in between never say stopped', async () => {
    const app = open('app');
    const before = await reported(app, running);
    process.kill(before.main?.pid ?? 0, 'SIGKILL');
    const seen: ManagerReport[] = [];
    await reported(
      app,
      (report) => {
        seen.push(report);
        return running(report) && report.main !== undefined && report.main.pid !== before.main?.pid;
      },
      20_000,
    );
    expect(seen.map(({ intent }) => intent)).not.toContain('stopped');
  });

  it('restart, stop and start through it, and each of them once more', async () => {
    const app = open('app');
    const before = await reported(app, running);
    const restart = await app.operate('restart');
    expect(restart).toMatchObject({ ok: true });
    const after = await reported(app, running);
    expect(after.main?.pid).not.toBe(before.main?.pid);
    expect(await app.operate('stop')).toMatchObject({ ok: true });
    expect((await reported(app, ({ activity }) => activity === 'stopped')).intent).toBe('stopped');
    expect(await app.operate('stop')).toMatchObject({ ok: true });
    expect(await app.operate('start')).toMatchObject({ ok: true });
    expect(await app.operate('start')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('already running'),
    });
    expect((await app.report()).intent).toBe('run');
  });

  it('tells of a death at once', async () => {
    const app = open('app');
    const before = await reported(app, running, 15_000);
    let told = 0;
    app.follow?.(() => {
      told += 1;
    });
    await app.report();
    process.kill(before.main?.pid ?? 0, 'SIGKILL');
    await eventually(() => told > 0, 3_000);
    await reported(app, running, 20_000);
  });

  if (bed.gaveUp !== undefined) {
    it('a crash loop until it gives up is a failure', async () => {
      const bad = open('bad');
      if (bed.name === 'supervisor') expect((await bad.operate('start')).ok).toBe(false);
      const report = await reported(bad, ({ activity }) => activity === 'failed', 25_000);
      expect(report.intent).toBe('run');
      expect(report.detail).toContain(bed.gaveUp);
    });
  }

  if (bed.reloads) {
    it('reloads by what its manager has for it', async () => {
      const app = open('app');
      await reported(app, running);
      expect(await app.operate('reload')).toMatchObject({ ok: true });
      await reported(app, running, 20_000);
    });
  }

  if (bed.logs) {
    it('shows the end of its log', async () => {
      const app = open('app');
      await eventually(async () =>
        ((await app.logs?.(50)) ?? []).some((line) => line.includes('hello from app')),
      );
    });
  }
});
