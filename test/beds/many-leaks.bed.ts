import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, it } from 'vitest';
import { createHost } from '../../src/host/real-host.ts';
import { commands } from '../../src/managers/commands.ts';
import { docker } from '../../src/managers/docker.ts';
import { forever } from '../../src/managers/forever.ts';
import type { Manager } from '../../src/managers/manager-kind.ts';
import { monit } from '../../src/managers/monit.ts';
import { pm2 } from '../../src/managers/pm2.ts';
import { podman } from '../../src/managers/podman.ts';
import { runit } from '../../src/managers/runit.ts';
import { s6 } from '../../src/managers/s6.ts';
import { supervisor } from '../../src/managers/supervisor.ts';
import type { ManagerReport } from '../../src/model/manager.ts';
import { context as contextOf, eventually, must, removeFolder, run, vacated } from './bed.ts';
import { importImage } from './container-owners.ts';

// Most of these restart what they own at most once a second: so many services of each go round at the same time.
const services = 20;
const rounds = 25;
const home = '/root/leaks';

// All services of an agent share one host: what one of them reads, such as a list of everything, serves the others too.
const host = createHost();
const context: typeof contextOf = (service, changes) => contextOf(service, { host, ...changes });

interface Bed {
  readonly name: string;
  up(names: readonly string[]): Promise<void>;
  down(names: readonly string[]): Promise<void>;
  open(name: string): Manager;
  /** It has to be started by the watcher: left alone it would wait longer each time. */
  readonly revive: boolean;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function script(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

function daemon(program: string, ...argv: readonly string[]): void {
  spawn(program, argv, { detached: true, stdio: 'ignore' }).unref();
}

/** A folder for each service with a `run`, as runit and s6 want them. */
function runFolders(folder: string, names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(`${folder}/${name}`, { recursive: true });
    script(`${folder}/${name}/run`, 'exec sleep 1000');
  }
}

const beds: readonly Bed[] = [
  {
    name: 'supervisor',
    revive: false,
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
          'command=/bin/sleep 1000',
          'process_name=app%(process_num)d',
          `numprocs=${services}`,
          'startsecs=0',
        ].join('\n'),
      );
      await must('supervisord', '-c', `${home}/sv.conf`);
    },
    down: async () => void (await must('supervisorctl', '-c', `${home}/sv.conf`, 'shutdown')),
    open: (name) => supervisor.open({ program: `app:${name}`, socket: `${home}/sv.sock` }, context(name)),
  },
  {
    name: 'runit',
    revive: false,
    async up(names) {
      runFolders(`${home}/rv`, names);
      daemon('runsvdir', `${home}/rv`);
    },
    async down(names) {
      await must('pkill', '-HUP', '-f', `runsvdir ${home}/rv`);
      for (const name of names) await run('sv', 'exit', `${home}/rv/${name}`);
      await vacated(`${home}/rv`);
    },
    open: (name) => runit.open({ service: `${home}/rv/${name}` }, context(name)),
  },
  {
    name: 's6',
    revive: false,
    async up(names) {
      runFolders(`${home}/s6`, names);
      daemon('s6-svscan', `${home}/s6`);
    },
    async down() {
      await must('s6-svscanctl', '-t', `${home}/s6`);
      await vacated(`${home}/s6`);
    },
    open: (name) => s6.open({ service: `${home}/s6/${name}` }, context(name)),
  },
  {
    name: 'pm2',
    revive: false,
    async up(names) {
      const apps = names.map((name) => ({
        name,
        script: '/bin/sleep',
        args: '1000',
        interpreter: 'none',
        min_uptime: 100,
        max_restarts: 100_000,
      }));
      writeFileSync(`${home}/apps.json`, JSON.stringify({ apps }));
      await must('pm2', 'start', '-s', `${home}/apps.json`);
    },
    down: async () => void (await must('pm2', 'kill', '-s')),
    open: (name) => pm2.open({ name }, context(name, { startTimeout: 15_000 })),
  },
  {
    name: 'forever',
    revive: false,
    async up(names) {
      writeFileSync(`${home}/f.js`, 'setInterval(() => {}, 1000);\n');
      const quick = ['--minUptime', '10', '--spinSleepTime', '100'];
      for (const name of names) await must('forever', 'start', '-a', '--uid', name, ...quick, `${home}/f.js`);
    },
    down: async () => void (await must('forever', 'stopall')),
    open: (name) => forever.open({ uid: name }, context(name, { startTimeout: 15_000 })),
  },
  ...(['docker', 'podman'] as const).map((engine): Bed => {
    const kind = engine === 'docker' ? docker : podman;
    const socket = engine === 'docker' ? '/var/run/docker.sock' : '/run/podman/podman.sock';
    const units =
      engine === 'docker' ? ['docker', 'docker.socket', 'containerd'] : ['podman.socket', 'podman'];
    return {
      name: engine,
      revive: true,
      async up(names) {
        await must('systemctl', 'start', units[0] ?? '');
        await importImage(engine);
        for (const name of names)
          await must(engine, 'run', '-d', '--name', name, '--network=none', 'bb:1', '/bin/sleep', '1000');
      },
      async down(names) {
        await must(engine, 'rm', '-f', ...names);
        await must('systemctl', 'stop', ...units);
      },
      open: (name) => kind.open({ container: name, socket }, context(name, { startTimeout: 30_000 })),
    };
  }),
  {
    name: 'monit',
    revive: false,
    async up(names) {
      const own = ['pid', 'id', 'state'].map((word) => `set ${word}file ${home}/monit.${word}`);
      const head = ['set daemon 1', `set httpd unixsocket ${home}/monit.sock`, ' allow admin:monit', ...own];
      const checks = names.flatMap((name) => [
        `check process ${name} with pidfile ${home}/${name}.pid`,
        ` start program = "/bin/sh -c 'sleep 1000 & echo $! >${home}/${name}.pid'"`,
        ` stop program = "/bin/sh -c 'kill $(cat ${home}/${name}.pid)'"`,
      ]);
      writeFileSync(
        `${home}/monitrc`,
        `${[...head, `set logfile ${home}/monit.log`, ...checks].join('\n')}\n`,
      );
      chmodSync(`${home}/monitrc`, 0o600);
      await must('monit', '-c', `${home}/monitrc`);
    },
    async down(names) {
      await run('monit', '-c', `${home}/monitrc`, 'quit');
      for (const name of names) await run('sh', '-c', `kill $(cat ${home}/${name}.pid)`);
    },
    open: (service) =>
      monit.open(
        {
          service,
          socket: `${home}/monit.sock`,
          log: `${home}/monit.log`,
          username: 'admin',
          password: 'monit',
        },
        context(service),
      ),
  },
  {
    name: 'plain commands',
    revive: true,
    async up(names) {
      for (const name of names) {
        script(
          `${home}/${name}`,
          `setsid sleep 1000 </dev/null >/dev/null 2>&1 &\necho $! >${home}/${name}.pid`,
        );
        await must(`${home}/${name}`);
      }
    },
    async down(names) {
      for (const name of names) await run('sh', '-c', `kill $(cat ${home}/${name}.pid)`);
    },
    open: (name) =>
      commands.open(
        {
          pidfile: `${home}/${name}.pid`,
          start: { argv: [`${home}/${name}`], shell: false, env: {}, timeout: 10_000 },
        },
        context(name),
      ),
  },
];

process.env.PATH = `/opt/owners/bin:${process.env.PATH}`;
process.env.PM2_HOME = '/root/.pm2';

afterAll(() => removeFolder(home));

/** Waits without asking more often than a busy agent would. */
async function waitFor(manager: Manager, wanted: (report: ManagerReport) => boolean): Promise<ManagerReport> {
  const end = performance.now() + 60_000;
  for (;;) {
    const report = await manager.report();
    if (wanted(report)) return report;
    if (performance.now() > end) throw new Error(`never as wanted; last: ${JSON.stringify(report)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function openFiles(): readonly string[] {
  return readdirSync('/proc/self/fd').map((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      return 'closed';
    }
  });
}

function used(): { descriptors: number; handles: number; heap: number } {
  collect();
  collect();
  return {
    // Those of /proc/PID/stat are kept for fifteen seconds and no longer, whatever became of the process.
    descriptors: openFiles().filter((path) => !/^\/proc\/\d+\/stat$/.test(path)).length,
    handles: process.getActiveResourcesInfo().length,
    heap: process.memoryUsage().heapUsed / 1e6,
  };
}

it.each(beds)(
  `${services * rounds} deaths and restarts beside $name leave nothing behind`,
  async (bed) => {
    mkdirSync(home, { recursive: true });
    const names = Array.from({ length: services }, (_, number) => `app${number}`);
    await bed.up(names);
    const first = used();
    let told = 0;
    const watched = names.map((name) => {
      const manager = bed.open(name);
      manager.follow?.(() => {
        told += 1;
      });
      return { manager, pid: 0 };
    });
    const settle = async (one: (typeof watched)[number]): Promise<void> => {
      const report = await waitFor(
        one.manager,
        ({ activity, main }) => activity === 'running' && main !== undefined && main.pid !== one.pid,
      );
      expect(report.intent).toBe('run');
      one.pid = report.main?.pid ?? 0;
    };
    const round = async (one: (typeof watched)[number]): Promise<void> => {
      process.kill(one.pid, 'SIGKILL');
      if (bed.revive) {
        await waitFor(one.manager, ({ activity }) => activity !== 'running');
        expect(await one.manager.operate('start')).toMatchObject({ ok: true });
      }
      await settle(one);
    };
    const turns = (count: number): Promise<unknown> =>
      Promise.all(
        watched.map(async (one) => {
          for (let turn = 0; turn < count; turn += 1) await round(one);
        }),
      );
    await Promise.all(watched.map(settle));
    await turns(5);
    const before = used();
    await turns(rounds - 5);
    const after = used();
    // A death that a report found first need not be told any more.
    expect(told).toBeGreaterThanOrEqual(services * rounds * 0.95);
    expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 5);
    expect(after.handles).toBeLessThanOrEqual(before.handles + 5);
    // 400 rounds: five kilobytes left behind by each would be two megabytes.
    expect(after.heap).toBeLessThan(before.heap + 2);
    for (const { manager } of watched) manager.close();
    await eventually(() => used().descriptors <= first.descriptors + 5).catch(() => {
      throw new Error(`still open: ${openFiles().join(', ')}`);
    });
    await bed.down(names);
  },
  600_000,
);
