import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { forever } from '../../src/managers/forever.ts';
import type { Manager, ManagerContext } from '../../src/managers/manager-kind.ts';
import { monit } from '../../src/managers/monit.ts';
import { pm2 } from '../../src/managers/pm2.ts';
import { runit } from '../../src/managers/runit.ts';
import { s6 } from '../../src/managers/s6.ts';
import { supervisor } from '../../src/managers/supervisor.ts';
import { context, eventually, must, run, vacated } from './bed.ts';

export const home = '/root/owners';
process.env.PATH = `/opt/owners/bin:${process.env.PATH}`;
process.env.PM2_HOME = '/root/.pm2';
process.env.NODE_NO_WARNINGS = '1';

/** A process manager in the box with the services `app` and `bad`. */
export interface Owner {
  readonly name: string;
  /** Starts the owner with the services `app` (runs for ever) and, where it can, `bad` (always fails). */
  up(): Promise<void>;
  down(): Promise<void>;
  open(service: 'app' | 'bad', changes?: Partial<ManagerContext>): Manager;
  /** The same in a rule, below `manager:`. */
  rule(service: 'app' | 'bad'): unknown;
  stop(): Promise<unknown>;
  start(): Promise<unknown>;
  /** Starts `bad`, where `up` did not. */
  startBad?(): Promise<unknown>;
  /** How it looks when the owner gave up on `bad`; absent where the owner never gives up. */
  readonly gaveUp?: string;
  readonly reloads: boolean;
  readonly logs: boolean;
}

/** Writes a program. */
export function script(path: string, text: string): void {
  writeFileSync(path, `${text}\n`);
  chmodSync(path, 0o755);
}

/** Starts what stays, in a session of its own, and leaves it to the box. */
function daemon(program: string, ...argv: readonly string[]): void {
  spawn(program, argv, { detached: true, stdio: 'ignore' }).unref();
}

/** Every manager that a box can run and that is no part of the system. */
export const owners: readonly Owner[] = [
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
    rule: (service) => ({ supervisor: { program: service, socket: `${home}/sv.sock` } }),
    stop: () => must('supervisorctl', '-c', `${home}/sv.conf`, 'stop', 'app'),
    start: () => must('supervisorctl', '-c', `${home}/sv.conf`, 'start', 'app'),
    startBad: () => run('supervisorctl', '-c', `${home}/sv.conf`, 'start', 'bad'),
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
    rule: (service) => ({ pm2: service }),
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
      mkdirSync(`${home}/rv/app/log/kept`, { recursive: true });
      script(`${home}/rv/app/log/run`, '#!/bin/sh\nexec svlogd -tt ./kept');
      daemon('runsvdir', `${home}/rv`);
      await eventually(async () => (await run('sv', 'status', `${home}/rv/app`)).out.startsWith('run:'));
    },
    async down() {
      await run('sv', 'exit', `${home}/rv/app`);
      await run('pkill', '-HUP', '-f', `runsvdir ${home}/rv`);
      await vacated(`${home}/rv`);
    },
    open: (service, changes) => runit.open({ service: `${home}/rv/${service}` }, context(service, changes)),
    rule: (service) => ({ runit: `${home}/rv/${service}` }),
    stop: () => must('sv', 'down', `${home}/rv/app`),
    start: () => must('sv', 'up', `${home}/rv/app`),
    reloads: true,
    logs: true,
  },
  {
    name: 's6',
    async up() {
      mkdirSync(`${home}/s6/app`, { recursive: true });
      script(`${home}/s6/app/run`, `#!/bin/sh\nexec ${home}/app`);
      mkdirSync(`${home}/s6/app/log`, { recursive: true });
      script(`${home}/s6/app/log/run`, `#!/bin/sh\nexec s6-log t ${home}/s6-kept`);
      mkdirSync(`${home}/s6/bad`, { recursive: true });
      script(`${home}/s6/bad/run`, `#!/bin/sh\nexec ${home}/bad`);
      script(`${home}/s6/bad/finish`, '#!/bin/sh\n[ "$(wc -c <supervise/death_tally)" -lt 42 ] || exit 125');
      daemon('s6-svscan', `${home}/s6`);
      await eventually(async () =>
        (await run('s6-svstat', '-o', 'up', `${home}/s6/app`)).out.startsWith('true'),
      );
    },
    async down() {
      await run('s6-svscanctl', '-t', `${home}/s6`);
      await vacated(`${home}/s6`);
    },
    open: (service, changes) => s6.open({ service: `${home}/s6/${service}` }, context(service, changes)),
    rule: (service) => ({ s6: `${home}/s6/${service}` }),
    stop: () => must('s6-svc', '-wD', '-d', `${home}/s6/app`),
    start: () => must('s6-svc', '-wu', '-u', `${home}/s6/app`),
    gaveUp: 's6 gave up',
    reloads: true,
    logs: true,
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
    rule: (service) => ({
      forever: {
        uid: service,
        start: foreverStart(service, service === 'app' ? `${home}/f.js` : `${home}/bad.js`),
      },
    }),
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
    rule: (service) => ({
      monit: { service, socket: `${home}/monit.sock`, log: `${home}/monit.log` },
    }),
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
