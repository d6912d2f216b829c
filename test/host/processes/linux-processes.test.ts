import { spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPidfdLibrary } from '../../../src/host/deaths/pidfd-library.ts';
import { parseStat } from '../../../src/host/proc/parse-stat.ts';
import { parseArgv, parseCgroup, parseOwner } from '../../../src/host/proc/process-details.ts';
import { parseIo, parsePss } from '../../../src/host/proc/process-usage.ts';
import { createProcReader, GONE, UNREADABLE } from '../../../src/host/proc/read-proc.ts';
import { createStatFiles } from '../../../src/host/proc/stat-files.ts';
import { createLinuxProcesses } from '../../../src/host/processes/linux-processes.ts';
import { sendSignalSurely } from '../../../src/host/processes/send-signal.ts';
import { createRealClock } from '../../../src/host/time/real-clock.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';
import { haveSameShape } from '../../fakes/same-shape.ts';
import { killAll, startOrphans } from '../orphans.ts';
import { until } from '../until.ts';

const processes = createLinuxProcesses(createRealClock());

/** How many descriptors of a sort this process holds; others come and go with the test runner. */
function open(sort: string): number {
  const links = readdirSync('/proc/self/fd').map((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      return '';
    }
  });
  return links.filter((link) => link.includes(sort)).length;
}

describe('real processes', () => {
  it('finds this very process with its facts', async () => {
    const table = await processes.table(0);
    const self = table.byPid.get(process.pid);
    expect(self?.ppid).toBe(process.ppid);
    expect(self?.details().exe).toBe(process.execPath);
    expect(self?.details().argv.length).toBeGreaterThan(0);
    expect(self?.details().uid).toBe(process.getuid?.());
    expect(self?.details().gid).toBe(process.getgid?.());
    expect(self?.details().euid).toBe(process.geteuid?.());
    expect(self?.threads).toBeGreaterThan(1);
    expect(self?.rss).toBeGreaterThan(10_000_000);
    expect(self?.cpuMs).toBeGreaterThan(0);
    expect(Math.abs((self?.startedAt ?? 0) - (Date.now() - process.uptime() * 1000))).toBeLessThan(5000);
    expect(table.memoryTotal).toBe(totalmem());
  });

  it('gives its tables, processes and their details one shape each', async () => {
    // V8 gives copies shapes of their own only from some time on.
    let [first, second] = [await processes.table(0), await processes.table(0)];
    for (let more = 0; more < 10; more += 1) [first, second] = [second, await processes.table(0)];
    expect(haveSameShape(first, second)).toBe(true);
    const [self, parent] = [process.pid, process.ppid].map((pid) => second.byPid.get(pid));
    expect(haveSameShape(self, parent)).toBe(true);
    expect(haveSameShape(self?.details(), parent?.details())).toBe(true);
  });

  it('knows trees of processes that are not ours', async () => {
    const [shell = 0] = startOrphans(1, "sh -c 'sleep 601 & sleep 602 & wait'");
    try {
      const tree = await until(async () => {
        const found = (await processes.table(-1)).tree(shell);
        return found.length === 3 && found.every(({ comm }) => /sh|sleep/.test(comm)) ? found : undefined;
      });
      expect(tree[0]?.pid).toBe(shell);
      expect(tree.slice(1).every(({ ppid }) => ppid === shell)).toBe(true);
      killAll(tree.map(({ pid }) => pid));
    } finally {
      killAll([shell]);
    }
  });

  it('tells the living from zombies and from later processes with the same number', async () => {
    const child = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 600'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const text = await new Promise<string>((resolve) =>
        child.stdout?.once('data', (data) => resolve(`${data}`)),
      );
      const zombie = Number(text);
      await until(async () => (await processes.one(zombie))?.state === 'Z');
      expect(processes.identify(zombie)).toBeUndefined();
      const living = processes.identify(child.pid ?? 0);
      expect(living && processes.alive(living)).toBe(true);
      expect(living && processes.alive({ ...living, start: living.start - 1 })).toBe(false);
      expect(processes.signal({ pid: child.pid ?? 0, start: 1 }, 'KILL')).toMatchObject({
        ok: false,
        code: 'ESRCH',
      });
      expect(child.exitCode).toBeNull();
    } finally {
      child.kill('SIGKILL');
    }
  });

  it.each([
    ['its parent collects it', 'wait'],
    ['nobody collects it', 'true'],
  ])('says what a leader that died has left in its session: %s', async (_, collect) => {
    await loadPidfdLibrary();
    // Two that lead sessions of their own: a worker outlives the first, nobody the second.
    const lead = (work: string) => `setsid sh -c '${work} echo $$; exec sleep 600' & `;
    const script = `${lead('sleep 601 & echo $!;')} ${collect}; exec sleep 600`;
    const child = spawn('sh', ['-c', `${lead('')} ${script}`], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    let text = '';
    const pids = () => text.trim().split('\n').map(Number);
    try {
      child.stdout?.on('data', (data) => {
        text += data;
      });
      await until(() => pids().length === 3);
      const { byPid } = await processes.table(0);
      const sessions = pids().filter((pid) => byPid.get(pid)?.session === pid);
      expect(sessions).toHaveLength(2);
      const left: number[] = [];
      for (const pid of sessions) {
        const identity = processes.identify(pid);
        if (!identity) throw new Error('not started');
        processes.signal(identity, 'KILL');
        await until(() => !processes.alive(identity));
        left.push(...(await processes.remains(identity)).map((entry) => entry.pid));
      }
      expect(left).toEqual(pids().filter((pid) => !sessions.includes(pid)));
    } finally {
      killAll([-(child.pid ?? 0), ...pids().flatMap((pid) => [pid, -pid])]);
    }
  });

  it('tells at once who has a number, of a zombie too', async () => {
    await loadPidfdLibrary();
    const child = spawn('sh', ['-c', 'sleep 600 & echo $!; exec sleep 601'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let pid = 0;
    try {
      child.stdout?.on('data', (data) => {
        pid = Number(data);
      });
      await until(() => pid > 0);
      expect(processes.isFree(pid)).toBe(false);
      expect(processes.oneNow(pid)?.identity).toEqual(processes.identify(pid));
      const living = processes.identify(pid);
      killAll([pid]);
      await until(() => living !== undefined && !processes.alive(living));
      // Its parent is a program now that does not collect it.
      expect(processes.isFree(pid)).toBe(false);
      expect(processes.oneNow(pid)).toMatchObject({ state: 'Z', ppid: child.pid, identity: living });
      child.kill('SIGKILL');
      await until(() => processes.isFree(pid));
      expect(processes.oneNow(pid)).toBeUndefined();
    } finally {
      killAll([pid]);
      child.kill('SIGKILL');
    }
  });

  it('signals exactly the process that is meant', async () => {
    const [pid = 0] = startOrphans(1);
    try {
      const identity = processes.identify(pid);
      if (!identity) throw new Error('not started');
      expect(processes.signal(identity, 'TERM')).toEqual({ ok: true });
      await until(() => !processes.alive(identity));
      expect(processes.signal(identity, 'TERM')).toMatchObject({ ok: false, code: 'ESRCH' });
    } finally {
      killAll([pid]);
    }
  });

  it('signals through a descriptor of the process once the package for it is loaded', async () => {
    const library = await loadPidfdLibrary();
    expect(library).toBeDefined();
    const [pid = 0, other = 0] = startOrphans(2);
    try {
      const identity = processes.identify(pid);
      if (!identity || !library) throw new Error('not started');
      const before = open('pidfd');
      expect(processes.signal({ pid: other, start: 1 }, 'KILL')).toMatchObject({ ok: false, code: 'ESRCH' });
      expect(processes.signal(identity, 'TERM')).toEqual({ ok: true });
      await until(() => !processes.alive(identity));
      expect(processes.identify(other)).toBeDefined();
      expect(open('pidfd')).toBe(before);
      const seen: number[] = [];
      const spied = { ...library, signal: (_: number, number: number) => seen.push(number) && 1 };
      const refused = sendSignalSurely(spied, other, 'HUP', () => ({ ok: true }));
      expect([refused?.ok === false && refused.code, seen]).toEqual(['EPERM', [1]]);
    } finally {
      killAll([pid, other]);
    }
  });

  it('measures usage; what cannot be read is absent', async () => {
    const usage = await processes.usage(process.pid, { files: true, io: true, pss: true });
    expect(usage.files?.open).toBeGreaterThan(3);
    expect(usage.files?.limit).toBeGreaterThan(usage.files?.open ?? 0);
    expect(usage.io?.read).toBeGreaterThan(0);
    expect(usage.pss).toBeGreaterThan(1_000_000);
    expect(await processes.usage(4_194_303, { files: true, io: true, pss: true })).toEqual({});
    expect(await processes.usage(process.pid, {})).toEqual({});
  });
});

describe('a made-up /proc', () => {
  let root = '';
  const stat = (
    pid: number,
    comm: string,
    rest = 'S 1 1 1 0 -1 0 1 0 0 0 30 12 0 0 20 0 7 0 4242 900000 250',
  ) => `${pid} (${comm}) ${rest} 18446744073709551615 0 0 0\n`;
  const put = (pid: number, comm: string, rest?: string, argv = [comm]) => {
    mkdirSync(join(root, String(pid)), { recursive: true });
    writeFileSync(join(root, String(pid), 'stat'), stat(pid, comm, rest));
    writeFileSync(join(root, String(pid), 'cmdline'), `${argv.join('\0')}\0`);
  };
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'watcher-proc-'));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it('shares one reading among all who ask within the time, and reads anew after it', async () => {
    const clock = createFakeClock();
    const made = createLinuxProcesses(clock, root);
    put(10, 'first');
    const table = await made.table(200);
    put(11, 'second');
    expect(await made.table(200)).toBe(table);
    await clock.advance(201);
    expect((await made.table(200)).byPid.size).toBe(2);
  });

  it('keeps files of processes that are asked for again, at most its share, and closes them when nobody asks', async () => {
    const clock = createFakeClock();
    const reader = createProcReader();
    const files = createStatFiles(reader, clock, root, () => 16);
    for (const pid of [21, 22, 23]) put(pid, 'kept');
    expect(files.glance(21)).toBeGreaterThan(0);
    expect(files.glance(21)).toBeGreaterThan(0);
    expect(open(root)).toBe(0);
    for (const pid of [21, 22, 23, 21, 22, 23]) expect(files.fill(pid)).toBeGreaterThan(0);
    expect(open(root)).toBe(2);
    put(21, 'glanced');
    const glanced = files.glance(21);
    expect(reader.bytes.toString().slice(0, glanced)).toContain('(glanced)');
    expect(files.glance(29)).toBe(GONE);
    await clock.advance(14_000);
    expect(files.glance(21)).toBeGreaterThan(0);
    // Being glanced at keeps nothing open.
    await clock.advance(17_000);
    expect(open(root)).toBe(0);
    expect(files.fill(24)).toBe(GONE);
    put(25, 'odd');
    rmSync(join(root, '25', 'stat'));
    mkdirSync(join(root, '25', 'stat'));
    expect(files.fill(25)).toBe(UNREADABLE);
    const made = createLinuxProcesses(clock, root);
    await expect(made.one(25)).rejects.toThrow('could not be looked at (EISDIR)');
    rmSync(join(root, '25'), { recursive: true });
  });

  it('reads details anew when a process became another program', async () => {
    const clock = createFakeClock();
    const made = createLinuxProcesses(clock, root);
    put(12, 'sh', undefined, ['sh', '-c', 'exec nginx']);
    expect((await made.one(12))?.details().argv).toEqual(['sh', '-c', 'exec nginx']);
    put(12, 'nginx', undefined, ['nginx', '-g', 'daemon off;']);
    expect((await made.one(12))?.details().argv).toEqual(['nginx', '-g', 'daemon off;']);
  });

  it('takes a leader whose threads go on for alive', () => {
    const made = createLinuxProcesses(createFakeClock(), root);
    put(13, 'leader', 'Z 1 1 1 0 -1 0 1 0 0 0 30 12 0 0 20 0 3 0 4242 0 0');
    put(14, 'gone', 'Z 1 1 1 0 -1 0 1 0 0 0 30 12 0 0 20 0 1 0 4242 0 0');
    expect(made.identify(13)).toEqual({ pid: 13, start: 4242 });
    expect(made.identify(14)).toBeUndefined();
  });

  it('does without what it cannot read', async () => {
    const made = createLinuxProcesses(createFakeClock(), root);
    put(15, 'half');
    symlinkSync('/usr/sbin/nginx (deleted)', join(root, '15', 'exe'));
    const entry = await made.one(15);
    expect(entry?.details().exe).toBe('/usr/sbin/nginx');
    expect(entry?.details().uid).toBe(-1);
    expect(entry?.details().cgroup).toBeUndefined();
    expect(await made.one(999)).toBeUndefined();
    writeFileSync(join(root, '15', 'stat'), '15 (half');
    expect(await made.one(15)).toBeUndefined();
  });
});

describe('parsing', () => {
  it('takes names with blanks and parentheses apart', () => {
    const line = Buffer.from('42 (a b) (c) d) R 7 42 42 0 -1 0 1 0 0 0 15 5 0 0 20 0 3 0 9000 1 77 0');
    expect(parseStat(line, line.length)).toEqual({
      pid: 42,
      session: 42,
      comm: 'a b) (c) d',
      state: 'R',
      ppid: 7,
      cpuTicks: 20,
      threads: 3,
      startTicks: 9000,
      rssPages: 77,
    });
    expect(parseStat(Buffer.from(''), 0)).toBeUndefined();
    expect(parseStat(Buffer.from('nonsense'), 8)).toBeUndefined();
  });

  it('reads arguments, owners, cgroups, io and pss', () => {
    expect(parseArgv('nginx: master process\0\0\0\0')).toEqual(['nginx: master process']);
    expect(parseArgv('a\0\0b\0')).toEqual(['a', '', 'b']);
    expect(parseArgv('')).toEqual([]);
    expect(parseOwner('Name:\tx\nUid:\t33\t0\t33\t33\nGid:\t34\t34\t34\t34\n')).toEqual({
      uid: 33,
      euid: 0,
      gid: 34,
    });
    expect(parseCgroup('9:name=systemd:/system.slice/a.service\n0::/\n')).toBe('/system.slice/a.service');
    expect(parseCgroup('0::/system.slice/b.service\n')).toBe('/system.slice/b.service');
    expect(parseCgroup('')).toBeUndefined();
    expect(parseIo('rchar: 1\nwchar: 2\nsyscr: 0\nread_bytes: 3\nwrite_bytes: 4\n')).toEqual({
      read: 1,
      written: 2,
      diskRead: 3,
      diskWritten: 4,
    });
    expect(parseIo('')).toBeUndefined();
    expect(parsePss('Rss: 5 kB\nPss:                2 kB\nPss_Anon: 1 kB\n')).toBe(2048);
  });
});
