import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadPidfdLibrary } from '../../src/host/deaths/pidfd-library.ts';
import { createHost } from '../../src/host/real-host.ts';
import { commands } from '../../src/managers/commands.ts';
import type { Manager, ManagerContext } from '../../src/managers/manager-kind.ts';
import { until } from '../../src/managers/until.ts';
import type { ManagerReport } from '../../src/model/manager.ts';
import type { CommandSpec } from '../../src/model/service.ts';

const host = createHost();
let folder: string;
let pidfile: string;
/** Unique per test, so that a match finds nothing of another one. */
let mark: string;

function command(text: string, timeout = 5_000): CommandSpec {
  return { argv: ['/bin/sh', '-c', text], shell: false, env: {}, timeout };
}

/** Starts a daemon whose argument is the mark; it is left behind by its starter, as daemons are. */
function daemonText(traps = ''): string {
  return `setsid sh -c '${traps} echo $$ > ${pidfile}; while :; do sleep 0.05; done' ${mark} </dev/null >/dev/null 2>&1 &`;
}

function open(options: Parameters<typeof commands.open>[0], changes: Partial<ManagerContext> = {}): Manager {
  return commands.open(options, {
    host,
    service: 'worker',
    startTimeout: 2_000,
    stopTimeout: 2_000,
    ...changes,
  });
}

async function reported(
  manager: Manager,
  wanted: (report: ManagerReport) => boolean,
): Promise<ManagerReport> {
  let last: ManagerReport | undefined;
  const found = await until(host.clock, { within: 10_000, every: 20 }, async () => {
    last = await manager.report();
    return wanted(last) ? last : undefined;
  });
  if (found === undefined) throw new Error(`never as wanted; last: ${JSON.stringify(last)}`);
  return found;
}

function pidNow(): number {
  return Number(readFileSync(pidfile, 'utf8'));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watcher-commands-'));
  pidfile = join(folder, 'worker.pid');
  mark = `mark-${folder.slice(-6)}`;
});
afterEach(async () => {
  const table = await host.processes.table(0);
  for (const entry of table.byPid.values()) {
    if (entry.details().argv.includes(mark)) host.processes.signal(entry.identity, 'KILL');
  }
  rmSync(folder, { recursive: true });
});

describe('start', () => {
  it('runs the command and waits for the process that the pid file names', async () => {
    const worker = open({ pidfile, start: command(`(sleep 0.3; ${daemonText()} ) >/dev/null 2>&1 &`) });
    const result = await worker.operate('start');
    expect(result).toMatchObject({ ok: true, detail: `started, pid ${pidNow()}` });
    expect(await worker.report()).toMatchObject({
      intent: 'run',
      activity: 'running',
      main: { pid: pidNow() },
    });
  });

  it('starts no second copy while one is alive, also when the pid file is gone', async () => {
    const worker = open({ pidfile, start: command(daemonText()) });
    await worker.operate('start');
    const pid = pidNow();
    expect(await worker.operate('start')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('no second copy'),
    });
    rmSync(pidfile);
    const report = await worker.report();
    expect(report).toMatchObject({ activity: 'running', main: { pid } });
    expect(report.warnings?.[0]).toContain('does not exist, but process');
    await worker.operate('start');
    expect(existsSync(pidfile)).toBe(false);
  });

  it('tells of a command that fails, with its last words', async () => {
    const worker = open({ pidfile, start: command('echo one; echo bind: address in use >&2; exit 3') });
    expect(await worker.operate('start')).toMatchObject({
      ok: false,
      detail: 'the start command failed: exit code 3: bind: address in use',
      output: 'one\nbind: address in use',
    });
  });

  it('tells the line that says why, not the one that gives up', async () => {
    const words = 'bind() failed (98: Address already in use); echo still could not bind()';
    const worker = open({
      pidfile,
      start: command(`(echo try; echo '${words.replace('; echo ', "'; echo '")}') >&2; exit 1`),
    });
    expect(await worker.operate('start')).toMatchObject({
      ok: false,
      detail: 'the start command failed: exit code 1: bind() failed (98: Address already in use)',
      output: expect.stringMatching(/^try\n.*in use\)\nstill could not bind\(\)$/),
    });
  });

  it('tells of a command that ends well without a process', async () => {
    const worker = open({ pidfile, start: command('true') }, { startTimeout: 200 });
    const result = await worker.operate('start');
    expect(result.ok).toBe(false);
    expect(result.detail).toMatch(/^the start command ended well, but after .*pid file .* does not exist$/);
  });

  it('tells of a command that stays in the foreground, and leaves nothing of it', async () => {
    const worker = open({ pidfile, start: command(`exec sleep 1000`, 200) });
    const result = await worker.operate('start');
    expect(result.ok).toBe(false);
    expect(result.detail).toContain('must leave the service behind and end by itself');
  });
});

describe('stop', () => {
  it('sends TERM to exactly the process of the pid file', async () => {
    const worker = open({ pidfile, start: command(daemonText()) });
    await worker.operate('start');
    const pid = pidNow();
    expect(await worker.operate('stop')).toMatchObject({
      ok: true,
      detail: `stopped, pid ${pid} ended after SIGTERM`,
    });
    expect(await worker.operate('stop')).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^not running/),
    });
  });

  it('kills what ignores TERM after the stop timeout', async () => {
    const worker = open({ pidfile, start: command(daemonText('trap "" TERM;')) }, { stopTimeout: 300 });
    await worker.operate('start');
    expect((await worker.operate('stop')).detail).toContain('ignored SIGTERM for 300 ms and was killed');
  });

  it('uses its own command, and with `kill: false` never signals behind its back', async () => {
    const start = command(daemonText('trap "" TERM;'));
    const worker = open({ pidfile, start, stop: command('true'), kill: false }, { stopTimeout: 200 });
    await worker.operate('start');
    const pid = pidNow();
    const result = await worker.operate('stop');
    expect(result).toMatchObject({ ok: false });
    expect(result.detail).toContain(`pid ${pid} still runs`);
    expect(host.processes.identify(pid)).toBeDefined();
    const other = open({ pidfile, start, stop: command(`kill -9 $(cat ${pidfile})`) });
    expect(await other.operate('stop')).toMatchObject({ ok: true, detail: 'stopped' });
  });
});

describe('what a main process left behind when it was killed', () => {
  /** A daemon with a worker in its session, as the master of an nginx has; the worker's number is in a file of its own. */
  const withWorker = (): string => {
    const worker = `sh -c 'while :; do sleep 0.05; done' ${mark} & echo $! > ${pidfile}.worker`;
    return `setsid sh -c "${worker.replaceAll('$', '\\$')}; echo \\$\\$ > ${pidfile}; wait" ${mark} </dev/null >/dev/null 2>&1 &`;
  };
  const workerNow = (): number => Number(readFileSync(`${pidfile}.worker`, 'utf8'));

  it.each([
    ['restart', true],
    ['start', true],
    ['restart', false],
  ] as const)('%s, kill: %s', async (operation, kill) => {
    const manager = open({ pidfile, start: command(withWorker()), kill });
    expect(await manager.operate('start')).toMatchObject({ ok: true });
    await reported(manager, ({ activity }) => activity === 'running');
    const [main, worker] = [pidNow(), workerNow()];
    process.kill(main, 'SIGKILL');
    await reported(manager, ({ activity }) => activity !== 'running');
    const left = host.processes.identify(worker);
    expect(left).toBeDefined();
    const again = await manager.operate(operation);
    expect(again).toMatchObject({ ok: true });
    if (kill) expect(again.detail).toMatch(/; ended before: .* that the dead one had left/);
    else expect(again.detail).not.toContain('ended before');
    expect(left !== undefined && host.processes.alive(left)).toBe(!kill);
    expect(pidNow()).not.toBe(main);
    expect(host.processes.identify(workerNow())).toBeDefined();
  });
});

describe('restart and reload', () => {
  it('kills what hangs and outlives its own stop command, and starts it again', async () => {
    const start = command(daemonText());
    const worker = open({ pidfile, start, stop: command('echo asked') }, { stopTimeout: 200 });
    await worker.operate('start');
    const pid = pidNow();
    process.kill(pid, 'SIGSTOP');
    const stopped = await worker.operate('stop');
    expect(stopped).toMatchObject({ ok: true, output: 'asked' });
    expect(stopped.detail).toContain(`pid ${pid} ignored SIGTERM`);
    await worker.operate('start');
    const again = pidNow();
    process.kill(again, 'SIGSTOP');
    expect(await worker.operate('restart')).toMatchObject({ ok: true });
    expect(pidNow()).not.toBe(again);
    expect(host.processes.identify(again)).toBeUndefined();
  });

  it('stops and starts: another process', async () => {
    const worker = open({ pidfile, start: command(daemonText()) });
    await worker.operate('start');
    const before = pidNow();
    expect(await worker.operate('restart')).toMatchObject({ ok: true });
    expect(pidNow()).not.toBe(before);
  });

  it('does not start what could not be stopped', async () => {
    const worker = open(
      { pidfile, start: command(daemonText()), stop: command('false'), kill: false },
      { stopTimeout: 200 },
    );
    await worker.operate('start');
    const pid = pidNow();
    expect((await worker.operate('restart')).detail).toMatch(
      /^not started again, because it could not be stopped/,
    );
    expect(pidNow()).toBe(pid);
  });

  it('takes the restart command, which may keep the process', async () => {
    const worker = open({ pidfile, start: command(daemonText()), restart: command('true') });
    await worker.operate('start');
    expect(await worker.operate('restart')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('kept its process'),
    });
  });

  it('reload is the exit code of its command', async () => {
    expect(await open({ pidfile, reload: command('exit 0') }).operate('reload')).toMatchObject({ ok: true });
    expect(await open({ pidfile, reload: command('exit 1') }).operate('reload')).toMatchObject({ ok: false });
    expect(commands.can({ pidfile })).toEqual(['stop']);
    expect(commands.can({ pidfile, start: command('x'), reload: command('x') })).toEqual([
      'start',
      'stop',
      'restart',
      'reload',
    ]);
  });
});

describe('the pid file', () => {
  it('left behind by a process that died is a failure', async () => {
    const worker = open({ pidfile, start: command(daemonText()) });
    await worker.operate('start');
    const identity = (await worker.report()).main;
    if (identity !== undefined) host.processes.signal(identity, 'KILL');
    const report = await reported(worker, ({ activity }) => activity === 'failed');
    expect(report.detail).toContain('which is not running');
    expect(report.intent).toBe('unknown');
  });

  it('that is older than the process it names is stale, unless it is the same program', async () => {
    writeFileSync(pidfile, `${process.pid}\n`);
    const longAgo = new Date(Date.now() - 86_400_000 * 30);
    utimesSync(pidfile, longAgo, longAgo);
    const report = await open({ pidfile, start: command('x') }).report();
    expect(report).toMatchObject({ activity: 'failed' });
    expect(report.detail).toContain(`is stale: ${process.pid} is now another program`);
    const same = open({ pidfile, start: { ...command('x'), argv: [process.execPath] } });
    expect(await same.report()).toMatchObject({ activity: 'running' });
  });

  it('that names a program which does not match is stale, and the one that matches is found', async () => {
    const start = command(daemonText());
    const worker = open({ pidfile, match: mark, start });
    writeFileSync(pidfile, `${process.pid}\n`);
    expect((await worker.report()).detail).toContain('is stale');
    await worker.operate('start');
    const pid = pidNow();
    writeFileSync(pidfile, `${process.pid}\n`);
    expect(await open({ pidfile, match: mark }).report()).toMatchObject({
      activity: 'running',
      main: { pid },
    });
  });

  it('that is empty for a moment is not dead', async () => {
    const worker = open({ pidfile });
    writeFileSync(pidfile, '');
    expect(await worker.report()).toMatchObject({
      activity: 'unknown',
      detail: expect.stringContaining('is empty just now'),
    });
    writeFileSync(pidfile, 'nonsense');
    expect(await worker.report()).toMatchObject({ activity: 'unknown' });
  });

  it('rewritten while the process lives is no death', async () => {
    const worker = open({ pidfile, start: command(daemonText()) });
    await worker.operate('start');
    writeFileSync(pidfile, '');
    expect(await worker.report()).toMatchObject({ activity: 'running' });
  });
});

it('finds a service by its command line alone, and tells of a second copy', async () => {
  const worker = open({ match: mark });
  expect(await worker.report()).toMatchObject({
    activity: 'stopped',
    detail: expect.stringContaining('no process matches'),
  });
  const starter = open({ pidfile, start: command(daemonText()) });
  await starter.operate('start');
  expect(await worker.report()).toMatchObject({ activity: 'running', main: { pid: pidNow() } });
  await host.commands.run(command(daemonText()), { leaves: 'daemon' });
  const report = await reported(worker, ({ warnings }) => warnings !== undefined);
  expect(report.warnings?.[0]).toMatch(/^more than one copy runs: \d+, \d+$/);
});

describe('a status program', () => {
  it.each([
    [0, 'running', 'run'],
    [1, 'failed', 'run'],
    [2, 'failed', 'run'],
    [3, 'stopped', 'stopped'],
    [4, 'unknown', 'unknown'],
  ])('exit code %i is %s', async (code, activity, intent) => {
    expect(await open({ status: command(`exit ${code}`) }).report()).toMatchObject({ activity, intent });
  });

  it("does not take the watcher's own failed restart for a stop on purpose", async () => {
    const worker = open({ status: command('exit 3'), stop: command('true'), start: command('false') });
    expect((await worker.report()).intent).toBe('stopped');
    await worker.operate('restart');
    expect((await worker.report()).intent).toBe('run');
    await worker.operate('stop');
    expect((await worker.report()).intent).toBe('stopped');
  });

  it('that contradicts the pid file is told', async () => {
    writeFileSync(pidfile, `${process.pid}\n`);
    const report = await open({ pidfile, status: command('exit 3') }).report();
    expect(report.warnings?.join('; ')).toContain('but: running, pid');
  });
});

it('tells of the death of its process and of a new pid file', async () => {
  const worker = open({ pidfile, start: command(daemonText()) });
  await worker.operate('start');
  let told = 0;
  const stop = worker.follow?.(() => {
    told += 1;
  });
  const main = (await worker.report()).main;
  if (main !== undefined) host.processes.signal(main, 'KILL');
  await until(host.clock, { within: 5_000, every: 10 }, () => (told > 0 ? true : undefined));
  expect(told).toBeGreaterThan(0);
  stop?.();
  worker.close();
});

describe('what it says at once of a process that has ended', () => {
  let inMemory: string;
  beforeEach(() => {
    inMemory = mkdtempSync('/dev/shm/watcher-commands-');
    pidfile = join(inMemory, 'worker.pid');
  });
  afterEach(() => rmSync(inMemory, { recursive: true }));

  async function running(options: object = {}): Promise<Manager> {
    await loadPidfdLibrary();
    const worker = open({ pidfile, start: command(daemonText()), ...options });
    expect(await worker.operate('start')).toMatchObject({ ok: true });
    expect(await worker.report()).toMatchObject({ activity: 'running' });
    return worker;
  }

  it('is what it says later, too', async () => {
    const worker = await running();
    const pid = pidNow();
    expect(worker.reportNow?.()).toBeUndefined();
    const main = host.processes.identify(pid);
    await ended();
    expect(main && host.processes.alive(main)).toBe(false);
    const now = worker.reportNow?.();
    expect(now).toEqual({
      intent: 'unknown',
      activity: 'failed',
      detail: `pid file ${pidfile} names ${pid}, which is not running`,
    });
    expect(await worker.report()).toEqual(now);
    worker.close();
  });

  it('is what its start goes by', async () => {
    let reads = 0;
    const files = {
      ...host.files,
      read: (path: string, limit?: number) => {
        if (path === pidfile) reads += 1;
        return host.files.read(path, limit);
      },
    };
    const clock = { ...host.clock, monotonic: () => 1000 };
    await loadPidfdLibrary();
    const child = spawn('sleep', ['600'], { stdio: 'ignore' });
    writeFileSync(pidfile, `${child.pid}\n`);
    const worker = open(
      { pidfile, start: command('true') },
      { startTimeout: 0, host: { ...host, files, clock } },
    );
    await worker.report();
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    reads = 0;
    expect(worker.reportNow?.()).toMatchObject({ activity: 'failed' });
    await worker.operate('start');
    // The one read is whether it came up.
    expect(reads).toBe(1);
    worker.close();
  });

  /** Kills it and waits until nobody has its number any more. */
  async function ended(): Promise<void> {
    const pid = pidNow();
    process.kill(pid, 'SIGKILL');
    const isFree = async () => (host.processes.isFree(pid) ? true : undefined);
    expect(await until(host.clock, { within: 5000, every: 5 }, isFree)).toBe(true);
  }

  it('is nothing while it is operated', async () => {
    const worker = await running();
    await ended();
    expect(worker.reportNow?.()).toBeDefined();
    const starting = worker.operate('start');
    expect(worker.reportNow?.()).toBeUndefined();
    await starting;
    worker.close();
  });

  it('is nothing where a program has to be asked', async () => {
    const worker = await running({ status: command('exit 0') });
    await ended();
    expect(worker.reportNow?.()).toBeUndefined();
    worker.close();
  });
});

describe('a start right after the look that found it gone', () => {
  /** A manager whose host counts how often the pid file is read, with a clock that the test sets forward. */
  function counting() {
    const seen = { reads: 0, later: 0 };
    const files = {
      ...host.files,
      read: (path: string, limit?: number) => {
        if (path === pidfile) seen.reads += 1;
        return host.files.read(path, limit);
      },
    };
    const clock = { ...host.clock, monotonic: () => 1000 + seen.later };
    const manager = open(
      { pidfile, start: command('true') },
      { startTimeout: 0, host: { ...host, files, clock } },
    );
    return { manager, seen };
  }

  it('goes by that look', async () => {
    const { manager, seen } = counting();
    await manager.report();
    expect(seen.reads).toBe(1);
    await manager.operate('start');
    // The one read more is whether it came up.
    expect(seen.reads).toBe(2);
    manager.close();
  });

  it('looks again when that is longer ago, and starts no second copy', async () => {
    const { manager, seen } = counting();
    expect((await manager.report()).activity).not.toBe('running');
    writeFileSync(pidfile, `${process.pid}\n`);
    seen.later += 21;
    expect((await manager.operate('start')).detail).toContain('no second copy was started');
    manager.close();
  });
});
