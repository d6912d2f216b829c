import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandResult } from '../../src/host/commands.ts';
import type { Host } from '../../src/host/host.ts';
import { createHost } from '../../src/host/real-host.ts';
import { circus } from '../../src/managers/circus.ts';
import { launchd, parsePrint } from '../../src/managers/launchd.ts';
import type { Manager, ManagerContext } from '../../src/managers/manager-kind.ts';
import { openrc } from '../../src/managers/openrc.ts';
import { oxmgr } from '../../src/managers/oxmgr.ts';
import { until } from '../../src/managers/until.ts';
import { parseStatus, upstart, upstartReport } from '../../src/managers/upstart.ts';
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
let folder: string;
let nursery: ReturnType<typeof openNursery>;

/** A small shell starts the processes: to fork this large program hundreds of times would take most of the time. */
function openNursery() {
  const shell = spawn('sh', ['-s'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const pids = createInterface(shell.stdout)[Symbol.asyncIterator]();
  const started = new Set<number>();
  return {
    async start(): Promise<number> {
      shell.stdin.write('sleep 1000 >/dev/null & echo $!\n');
      const pid = Number((await pids.next()).value);
      started.add(pid);
      return pid;
    },
    async end(pid: number, signal: NodeJS.Signals): Promise<void> {
      started.delete(pid);
      process.kill(pid, signal);
      await until(real.clock, { within: 5_000, every: 1 }, () => !isUp(pid) || undefined);
    },
    close() {
      for (const pid of started) process.kill(pid, 'SIGKILL');
      shell.kill();
    },
  };
}

function isUp(pid: number): boolean {
  return real.processes.identify(pid) !== undefined;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watcher-tools-'));
  nursery = openNursery();
});
afterEach(() => {
  nursery.close();
  rmSync(folder, { recursive: true });
});

/** One process that the model keeps. */
function keeper() {
  let pid: number | undefined;
  return {
    get pid() {
      return pid !== undefined && isUp(pid) ? pid : undefined;
    },
    async start() {
      pid = await nursery.start();
    },
    async stop(signal: NodeJS.Signals = 'SIGTERM') {
      if (pid !== undefined && isUp(pid)) await nursery.end(pid, signal);
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
  // A deploy: stopped, changed meanwhile, started; looked at all the time.
  await model.stop();
  for (let look = 0; look < 3; look++) expect((await manager.report()).intent).toBe('stopped');
  await model.start();
  expect(await reported(manager, running)).toMatchObject({ intent: 'run' });
  const before = (await manager.report()).main;
  expect(await manager.operate('restart')).toMatchObject({ ok: true });
  expect((await manager.report()).main?.pid).not.toBe(before?.pid);
  expect(await manager.operate('stop')).toMatchObject({ ok: true });
  expect(await manager.report()).toMatchObject({ intent: 'stopped', activity: 'stopped' });
  manager.close();
}

/** Five hundred deaths and starts of each of the five, who share what watches: every one is told, and nothing of them stays behind. */
async function survives(
  manager: Manager,
  model: { readonly process: ReturnType<typeof keeper>; readonly start: () => Promise<unknown> },
): Promise<void> {
  let told = () => {};
  manager.follow?.(() => told());
  const round = async () => {
    const news = new Promise<void>((resolve) => {
      told = resolve;
    });
    await model.process.stop('SIGKILL');
    // The report may find the death before the kernel tells it: it is told once all the same.
    expect((await manager.report()).activity).not.toBe('running');
    await news;
    await model.start();
    await reported(manager, running);
  };
  const used = () => ({
    descriptors: readdirSync('/proc/self/fd').length,
    handles: process.getActiveResourcesInfo().length,
  });
  await model.start();
  await reported(manager, running);
  for (let index = 0; index < 20; index++) await round();
  const before = used();
  for (let index = 20; index < 500; index++) await round();
  const after = used();
  expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 3);
  expect(after.handles).toBeLessThanOrEqual(before.handles + 3);
  manager.close();
}

describe('circus', () => {
  function model() {
    const process = keeper();
    let status = 'stopped';
    const start = async () => {
      await process.start();
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
      /** What it answers to a request instead of doing it. */
      refusal: undefined as string | undefined,
      async run(argv: readonly string[]) {
        const words = argv.slice(1).filter((word) => !word.startsWith('--') && !/^\d+$/.test(word));
        const [verb = '', name] = words;
        const json = (value: object) => ({ code: 0, out: JSON.stringify({ ...value, time: 1.5 }) });
        if (name !== 'api') return json({ status: 'error', reason: `program ${name} not found`, errno: 2 });
        if (verb === 'status') return json({ status });
        if (verb === 'list')
          return json({ status: 'ok', pids: process.pid === undefined ? [] : [process.pid] });
        // circusctl shows this as text unless asked for JSON, and ends with 0 all the same.
        if (this.refusal !== undefined && !argv.includes('--json'))
          return { code: 0, out: `error: ${this.refusal}\n` };
        if (this.refusal !== undefined) return json({ status: 'error', reason: this.refusal, errno: 5 });
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

  it('five hundred deaths are told and leave nothing behind', { timeout: 120_000 }, async () => {
    const circusd = model();
    await survives(circus.open({ watcher: 'api' }, context(circusd)), circusd);
  });

  it('what circusd refuses is a failure at once, with its reason', async () => {
    const circusd = model();
    circusd.refusal = 'arbiter is already running arbiter_reload command';
    const api = circus.open({ watcher: 'api' }, context(circusd));
    expect(await api.operate('start')).toMatchObject({
      ok: false,
      detail: 'Circus refused to start api: arbiter is already running arbiter_reload command',
    });
    expect(await api.operate('reload')).toMatchObject({ ok: false });
    circusd.refusal = undefined;
    expect(await api.operate('reload')).toMatchObject({ ok: true });
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
      await process.start();
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

  it('five hundred deaths are told and leave nothing behind', { timeout: 120_000 }, async () => {
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
      await process.start();
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

  it('five hundred deaths are told and leave nothing behind', { timeout: 120_000 }, async () => {
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
      await process.start();
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

  it('five hundred deaths are told and leave nothing behind', { timeout: 120_000 }, async () => {
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
    ['killed by KILL signal', true, 'failed'],
    ['terminated with status 1', true, 'failed'],
    ['terminated with status 143', true, 'stopped'],
    ['killed by TERM signal', true, 'stopped'],
    // A stop writes these as well, and a death of such a job is followed by another line.
    ['terminated with status 1', false, 'stopped'],
    ['killed by KILL signal', false, 'stopped'],
  ])('%s, ended by its death alone: %s', (said, endsAtDeath, activity) => {
    const line = `Jan  1 00:00:09 host init: api main process (12) ${said}`;
    const state = { goal: 'stop', state: 'waiting' };
    expect(upstartReport(state, undefined, line, endsAtDeath)).toMatchObject({ activity });
  });

  it('a stop of a job with respawn whose program answers SIGTERM with a code of its own is on purpose', async () => {
    const init = model();
    const log = `${folder}/syslog`;
    const files: Host['files'] = {
      ...real.files,
      read: async (path) => real.files.read(path.replace('/etc/init', folder)),
    };
    const { host, ...rest } = context(init);
    writeFileSync(`${folder}/api.conf`, 'exec /usr/bin/api\n\trespawn\n');
    writeFileSync(log, '');
    const api = upstart.open({ job: 'api', log }, { host: { ...host, files }, ...rest });
    const line = 'Jan  1 00:00:09 host init: api main process (12) terminated with status 1\n';
    await init.start();
    await api.report();
    await init.stop();
    writeFileSync(log, line);
    expect(await api.report()).toMatchObject({ intent: 'stopped', activity: 'stopped' });
    writeFileSync(`${folder}/api.conf`, 'exec /usr/bin/api\nrespawn limit 10 5\n');
    expect(await api.report()).toMatchObject({ intent: 'run', activity: 'failed' });
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
      await process.start();
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
        if (process.pid === undefined) await process.start();
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

  it('five hundred deaths are told and leave nothing behind', { timeout: 120_000 }, async () => {
    const job = model();
    const plist = `${folder}/com.example.api.plist`;
    await survives(launchd.open({ label: 'com.example.api', domain: 'system', plist }, context(job)), job);
  });

  it('reads what launchctl prints: the job, not its endpoints', () => {
    expect(parsePrint(printed(undefined, '78: EX_CONFIG'))).toEqual({
      state: 'not running',
      runs: 3,
      lastExit: 'exit code 78',
      outputs: [],
    });
    expect(parsePrint(printed(42, '(never exited)'))).toEqual({
      state: 'running',
      runs: 3,
      pid: 42,
      outputs: [],
    });
  });

  it('a job whose property list is gone is missing', async () => {
    const open = launchd.open({ label: 'x', domain: 'system', plist: `${folder}/none` }, context(model()));
    expect(await open.report()).toMatchObject({ activity: 'missing' });
  });
});
