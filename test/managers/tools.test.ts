import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandResult } from '../../src/host/commands.ts';
import { createHost } from '../../src/host/real-host.ts';
import { circus } from '../../src/managers/circus.ts';
import { launchd, parsePrint } from '../../src/managers/launchd.ts';
import type { Manager, ManagerContext } from '../../src/managers/manager-kind.ts';
import { openrc } from '../../src/managers/openrc.ts';
import { oxmgr } from '../../src/managers/oxmgr.ts';
import { until } from '../../src/managers/until.ts';
import { parseStatus, upstart } from '../../src/managers/upstart.ts';
import type { ManagerReport } from '../../src/model/manager.ts';

/**
 * These managers cannot be installed where the tests run. Each is stood in for by a model of its command line program
 * that behaves as its documentation and source say, with real processes behind it.
 */
interface Model {
  /** Exit code and output of one call. */
  run(
    argv: readonly string[],
  ): Promise<{ readonly code: number; readonly out: string; readonly err?: string }>;
  readonly stop: () => Promise<unknown>;
  readonly start: () => Promise<unknown>;
}

const real = createHost();
const children = new Set<ChildProcess>();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watcher-tools-'));
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  rmSync(folder, { recursive: true });
});

/** One process that the model keeps. */
function keeper() {
  let child: ChildProcess | undefined;
  return {
    get pid() {
      return child !== undefined && child.exitCode === null && child.signalCode === null
        ? child.pid
        : undefined;
    },
    start() {
      child = spawn('sleep', ['1000'], { stdio: 'ignore' });
      children.add(child);
    },
    async stop(signal: NodeJS.Signals = 'SIGTERM') {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
  };
}

function context(model: Pick<Model, 'run'>, service = 'api'): ManagerContext {
  const run = async (argv: readonly string[]): Promise<CommandResult> => {
    const { code, out, err = '' } = await model.run(argv);
    return { outcome: 'exited', code, stdout: out, stderr: err, tookMs: 1 };
  };
  const host = {
    ...real,
    commands: { ...real.commands, run: (spec: { readonly argv: readonly string[] }) => run(spec.argv) },
  };
  return { host, service, startTimeout: 2_000, stopTimeout: 2_000 };
}

async function reported(
  manager: Manager,
  wanted: (report: ManagerReport) => boolean,
): Promise<ManagerReport> {
  let last: ManagerReport | undefined;
  const found = await until(real.clock, { within: 5_000, every: 20 }, async () => {
    last = await manager.report();
    return wanted(last) ? last : undefined;
  });
  if (found === undefined) throw new Error(`never as wanted; last: ${JSON.stringify(last)}`);
  return found;
}

const running = ({ activity }: ManagerReport) => activity === 'running';

/** What every manager must be able to do, whatever its model. */
async function behaves(manager: Manager, model: Model): Promise<void> {
  expect(await manager.operate('start')).toMatchObject({ ok: true });
  const first = await reported(manager, running);
  expect(first).toMatchObject({ intent: 'run', main: { pid: expect.any(Number) } });
  expect(await manager.operate('start')).toMatchObject({
    ok: true,
    detail: expect.stringContaining('already running'),
  });
  await model.stop();
  expect(await manager.report()).toMatchObject({ intent: 'stopped', activity: 'stopped' });
  await model.start();
  expect(await reported(manager, running)).toMatchObject({ intent: 'run' });
  const before = (await manager.report()).main;
  expect(await manager.operate('restart')).toMatchObject({ ok: true });
  expect((await manager.report()).main?.pid).not.toBe(before?.pid);
  expect(await manager.operate('stop')).toMatchObject({ ok: true });
  expect(await manager.report()).toMatchObject({ intent: 'stopped', activity: 'stopped' });
  manager.close();
}

/** A hundred deaths and starts of each of the five, who share what watches: nothing of them may stay behind. */
async function survives(
  manager: Manager,
  model: { readonly process: ReturnType<typeof keeper>; readonly start: () => Promise<unknown> },
): Promise<void> {
  let told = 0;
  manager.follow?.(() => {
    told += 1;
  });
  const round = async () => {
    await model.process.stop('SIGKILL');
    expect((await manager.report()).activity).not.toBe('running');
    await model.start();
    await reported(manager, running);
  };
  const used = () => ({
    descriptors: readdirSync('/proc/self/fd').length,
    handles: process.getActiveResourcesInfo().length,
  });
  await model.start();
  await reported(manager, running);
  for (let index = 0; index < 10; index++) await round();
  const before = used();
  for (let index = 10; index < 100; index++) await round();
  const after = used();
  expect(told).toBeGreaterThanOrEqual(95);
  expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 3);
  expect(after.handles).toBeLessThanOrEqual(before.handles + 3);
  manager.close();
}

describe('circus', () => {
  function model() {
    const process = keeper();
    let status = 'stopped';
    const start = async () => {
      process.start();
      status = 'active';
    };
    const stop = async () => {
      await process.stop();
      status = 'stopped';
    };
    return {
      process,
      start,
      stop,
      async run(argv: readonly string[]) {
        const words = argv.slice(1).filter((word) => !word.startsWith('--') && !/^\d+$/.test(word));
        const [verb = '', name] = words;
        const json = (value: object) => ({ code: 0, out: JSON.stringify({ ...value, time: 1.5 }) });
        if (name !== 'api') return json({ status: 'error', reason: `program ${name} not found`, errno: 2 });
        if (verb === 'status') return json({ status });
        if (verb === 'list')
          return json({ status: 'ok', pids: process.pid === undefined ? [] : [process.pid] });
        if (verb !== 'start') await stop();
        if (verb !== 'stop') await start();
        return json({ status: 'ok' });
      },
    };
  }

  it('behaves', async () => {
    const circusd = model();
    await behaves(circus.open({ watcher: 'api' }, context(circusd)), circusd);
  });

  it('a hundred deaths leave nothing behind', async () => {
    const circusd = model();
    await survives(circus.open({ watcher: 'api' }, context(circusd)), circusd);
  });

  it('waits while circus itself starts a process anew, and knows no other watcher', async () => {
    const circusd = model();
    await circusd.start();
    await circusd.process.stop('SIGKILL');
    expect(await circus.open({ watcher: 'api' }, context(circusd)).report()).toMatchObject({
      intent: 'run',
      activity: 'restarting',
    });
    expect(await circus.open({ watcher: 'x' }, context(circusd)).report()).toMatchObject({
      activity: 'missing',
    });
    const away = { run: async () => ({ code: 1, out: '', err: 'Timed out.' }) };
    expect(await circus.open({ watcher: 'api' }, context(away)).report()).toMatchObject({
      activity: 'unknown',
    });
  });
});

describe('oxmgr', () => {
  function model() {
    const process = keeper();
    const entry = { status: 'stopped', desired: 'stopped', exit: null as number | null };
    const start = async () => {
      process.start();
      Object.assign(entry, { status: 'running', desired: 'running' });
    };
    const stop = async () => {
      await process.stop();
      Object.assign(entry, { status: 'stopped', desired: 'stopped' });
    };
    return {
      process,
      entry,
      start,
      stop,
      async run(argv: readonly string[]) {
        const [, verb, name] = argv;
        if (verb === 'list') {
          const api = {
            id: 0,
            name: 'api',
            pid: process.pid ?? null,
            status: entry.status,
            desired_state: entry.desired,
            restart_count: 2,
            last_exit_code: entry.exit,
            health_status: 'unknown',
            env: {},
          };
          return { code: 0, out: JSON.stringify([api]) };
        }
        if (name !== 'api') return { code: 1, out: '', err: 'Error: process not found' };
        await stop();
        if (verb !== 'stop') await start();
        return { code: 0, out: '' };
      },
    };
  }

  it('behaves', async () => {
    const daemon = model();
    await behaves(oxmgr.open({ name: 'api', home: folder }, context(daemon)), daemon);
  });

  it('a hundred deaths leave nothing behind', async () => {
    const daemon = model();
    await survives(oxmgr.open({ name: 'api', home: folder }, context(daemon)), daemon);
  });

  it('tells giving up, a clean end and a restart apart', async () => {
    const daemon = model();
    const api = oxmgr.open({ name: 'api', home: folder }, context(daemon));
    Object.assign(daemon.entry, { status: 'errored', desired: 'running', exit: 3 });
    expect(await api.report()).toMatchObject({ intent: 'run', activity: 'failed', lastExit: 'exit code 3' });
    Object.assign(daemon.entry, { status: 'stopped', exit: 0 });
    expect(await api.report()).toMatchObject({ intent: 'run', activity: 'failed' });
    Object.assign(daemon.entry, { status: 'restarting' });
    expect(await api.report()).toMatchObject({ activity: 'restarting' });
    expect(await oxmgr.open({ name: 'x', home: folder }, context(daemon)).report()).toMatchObject({
      activity: 'missing',
    });
  });

  it('hears of changes over the event socket, and again after it broke', async () => {
    const heard: string[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (bytes) => {
        heard.push(bytes.toString());
        socket.write('{"event":"process:crashed","process":{"name":"api"}}\n');
        if (heard.length === 1) socket.end();
      });
    });
    server.listen(`${folder}/events.sock`);
    await once(server, 'listening');
    let told = 0;
    const api = oxmgr.open({ name: 'api', home: folder }, context(model()));
    const stop = api.follow?.(() => {
      told += 1;
    });
    await until(real.clock, { within: 5_000, every: 10 }, () =>
      heard.length > 1 && told > 2 ? true : undefined,
    );
    expect(JSON.parse(heard[0] ?? '')).toMatchObject({ process: 'api' });
    expect(told).toBeGreaterThan(2);
    stop?.();
    server.close();
  });
});

describe('openrc', () => {
  function model() {
    const process = keeper();
    let started = false;
    const pidfile = () => `${folder}/api.pid`;
    const start = async () => {
      process.start();
      writeFileSync(pidfile(), `${process.pid}\n`);
      started = true;
    };
    const stop = async () => {
      await process.stop();
      started = false;
    };
    return {
      process,
      start,
      stop,
      pidfile,
      async run(argv: readonly string[]) {
        const [, name, verb] = argv;
        if (name !== 'api')
          return { code: 1, out: '', err: ` * rc-service: service \`${name}' does not exist\n` };
        if (verb === 'status') {
          if (!started) return { code: 3, out: ' * status: stopped\n' };
          return process.pid === undefined
            ? { code: 32, out: '', err: ' * status: crashed\n' }
            : { code: 0, out: ' * status: started\n' };
        }
        if (verb === 'start' && started)
          return { code: 0, out: ' * WARNING: api has already been started\n' };
        await stop();
        if (verb !== 'stop') await start();
        return { code: 0, out: '' };
      },
    };
  }

  it('behaves', async () => {
    const rc = model();
    await behaves(openrc.open({ service: 'api', pidfile: rc.pidfile() }, context(rc)), rc);
  });

  it('a hundred deaths leave nothing behind', async () => {
    const rc = model();
    await survives(openrc.open({ service: 'api', pidfile: rc.pidfile() }, context(rc)), rc);
  });

  it('starts what crashed, which OpenRC takes for started', async () => {
    const rc = model();
    const api = openrc.open({ service: 'api', pidfile: rc.pidfile() }, context(rc));
    await rc.start();
    await rc.process.stop('SIGKILL');
    expect(await api.report()).toMatchObject({ intent: 'run', activity: 'failed', detail: 'crashed' });
    expect(await api.operate('start')).toMatchObject({ ok: true });
    expect(await api.report()).toMatchObject({ activity: 'running' });
    expect(await openrc.open({ service: 'x' }, context(rc)).report()).toMatchObject({ activity: 'missing' });
  });
});

describe('upstart', () => {
  function model() {
    const process = keeper();
    let goal = 'stop';
    const start = async () => {
      process.start();
      goal = 'start';
    };
    const stop = async () => {
      await process.stop();
      goal = 'stop';
    };
    return {
      process,
      start,
      stop,
      giveUp: async () => {
        await process.stop('SIGKILL');
        goal = 'stop';
      },
      async run(argv: readonly string[]) {
        const [, verb, name] = argv;
        if (name !== 'api') return { code: 1, out: '', err: `initctl: Unknown job: ${name}\n` };
        if (verb === 'status') {
          return {
            code: 0,
            out: goal === 'stop' ? 'api stop/waiting\n' : `api start/running, process ${process.pid}\n`,
          };
        }
        if (verb !== 'start' && goal === 'stop')
          return { code: 1, out: '', err: 'initctl: Unknown instance: \n' };
        if (verb !== 'start') await stop();
        if (verb !== 'stop') await start();
        return { code: 0, out: '' };
      },
    };
  }

  it('behaves', async () => {
    const init = model();
    await behaves(upstart.open({ job: 'api', log: `${folder}/syslog` }, context(init)), init);
  });

  it('a hundred deaths leave nothing behind', async () => {
    const init = model();
    await survives(upstart.open({ job: 'api', log: `${folder}/syslog` }, context(init)), init);
  });

  it('tells giving up from a stop by the log of init, unless the line is old', async () => {
    const init = model();
    const log = `${folder}/syslog`;
    const line = 'Jan  1 00:00:00 host init: api respawning too fast, stopped\n';
    writeFileSync(log, line);
    const api = upstart.open({ job: 'api', log }, context(init));
    await init.start();
    expect(await api.report()).toMatchObject({ activity: 'running' });
    await init.stop();
    expect(await api.report()).toMatchObject({ intent: 'stopped' });
    await init.start();
    await api.report();
    await init.giveUp();
    writeFileSync(log, `${line}Jan  1 00:00:09 host init: api respawning too fast, stopped\n`);
    expect(await api.report()).toMatchObject({ intent: 'run', activity: 'failed' });
    expect(await upstart.open({ job: 'x', log }, context(init)).report()).toMatchObject({
      activity: 'missing',
    });
  });

  it.each([
    ['api start/running, process 1234', { goal: 'start', state: 'running', pid: 1234 }],
    ['api stop/waiting', { goal: 'stop', state: 'waiting' }],
    ['worker (3) start/spawned, process 5', { goal: 'start', state: 'spawned', pid: 5 }],
    ['api start/pre-start, process 7\n\tpre-start process 8', { goal: 'start', state: 'pre-start', pid: 7 }],
  ])('reads %j', (output, state) => {
    expect(parseStatus(output)).toEqual(state);
  });
});

describe('launchd', () => {
  const printed = (pid: number | undefined, exit: string) =>
    [
      'system/com.example.api = {',
      '\tactive count = 1',
      '\tpath = /Library/LaunchDaemons/com.example.api.plist',
      `\tstate = ${pid === undefined ? 'not running' : 'running'}`,
      '\tprogram = /usr/local/bin/api',
      '\truns = 3',
      ...(pid === undefined ? [] : [`\tpid = ${pid}`]),
      `\tlast exit code = ${exit}`,
      '\tendpoints = {',
      '\t\tstate = active',
      '\t}',
      '}',
      '',
    ].join('\n');

  function model() {
    const process = keeper();
    let loaded = false;
    const start = async () => {
      loaded = true;
      process.start();
    };
    const stop = async () => {
      await process.stop();
      loaded = false;
    };
    return {
      process,
      start,
      stop,
      async run(argv: readonly string[]) {
        const [, verb] = argv;
        const done = { code: 0, out: '' };
        if (verb === 'print') {
          return loaded
            ? { code: 0, out: printed(process.pid, '(never exited)') }
            : { code: 113, out: '', err: 'Could not find service "com.example.api" in domain for system\n' };
        }
        if (verb === 'enable') return done;
        if (verb === 'bootstrap') {
          loaded = true;
          return done;
        }
        if (verb === 'bootout') {
          await stop();
          return done;
        }
        if (argv.includes('-k')) await process.stop();
        if (process.pid === undefined) process.start();
        return done;
      },
    };
  }

  it('behaves', async () => {
    const launchctl = model();
    const plist = `${folder}/com.example.api.plist`;
    writeFileSync(plist, '');
    await behaves(
      launchd.open({ label: 'com.example.api', domain: 'system', plist }, context(launchctl)),
      launchctl,
    );
  });

  it('a hundred deaths leave nothing behind', async () => {
    const job = model();
    const plist = `${folder}/com.example.api.plist`;
    await survives(launchd.open({ label: 'com.example.api', domain: 'system', plist }, context(job)), job);
  });

  it('reads what launchctl prints: the job, not its endpoints', () => {
    expect(parsePrint(printed(undefined, '78: EX_CONFIG'))).toEqual({
      state: 'not running',
      runs: 3,
      lastExit: 'exit code 78',
    });
    expect(parsePrint(printed(42, '(never exited)'))).toEqual({ state: 'running', runs: 3, pid: 42 });
  });

  it('a job whose property list is gone is missing', async () => {
    const open = launchd.open({ label: 'x', domain: 'system', plist: `${folder}/none` }, context(model()));
    expect(await open.report()).toMatchObject({ activity: 'missing' });
  });
});
