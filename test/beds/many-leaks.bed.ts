import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, it } from 'vitest';
import { docker } from '../../src/managers/docker.ts';
import type { Manager } from '../../src/managers/manager-kind.ts';
import { pm2 } from '../../src/managers/pm2.ts';
import { runit } from '../../src/managers/runit.ts';
import { s6 } from '../../src/managers/s6.ts';
import { supervisor } from '../../src/managers/supervisor.ts';
import type { ManagerReport } from '../../src/model/manager.ts';
import { context, eventually, must, run } from './bed.ts';

// Most of these restart what they own at most once a second: so many services of each go round at the same time.
const services = 20;
const rounds = 25;
const home = '/root/leaks';

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
    down: async () => void (await must('s6-svscanctl', '-t', `${home}/s6`)),
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
    name: 'docker',
    revive: true,
    async up(names) {
      const rootfs = `${home}/rootfs`;
      mkdirSync(`${rootfs}/bin`, { recursive: true });
      cpSync('/bin/busybox', `${rootfs}/bin/busybox`);
      symlinkSync('busybox', `${rootfs}/bin/sleep`);
      await must('systemctl', 'start', 'docker');
      await must('sh', '-c', `tar -C ${rootfs} -c . | docker import - bb:leaks`);
      for (const name of names)
        await must('docker', 'run', '-d', '--name', name, '--network=none', 'bb:leaks', '/bin/sleep', '1000');
    },
    async down(names) {
      await must('docker', 'rm', '-f', ...names);
      await must('systemctl', 'stop', 'docker', 'docker.socket', 'containerd');
    },
    open: (name) =>
      docker.open(
        { container: name, socket: '/var/run/docker.sock' },
        context(name, { startTimeout: 30_000 }),
      ),
  },
];

process.env.PATH = `/opt/owners/bin:${process.env.PATH}`;
process.env.PM2_HOME = '/root/.pm2';

afterAll(() => rmSync(home, { recursive: true, force: true }));

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
    descriptors: readdirSync('/proc/self/fd').length,
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
  300_000,
);
