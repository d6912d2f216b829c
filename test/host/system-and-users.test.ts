import { cpus, totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { createGenericSystem } from '../../src/host/machine/generic-system.ts';
import { createLinuxSystem } from '../../src/host/machine/linux-system.ts';
import { createRealUsers } from '../../src/host/machine/real-users.ts';
import { parseCpuLine, parseMeminfo, parsePressure } from '../../src/host/proc/system-files.ts';
import { createListedProcesses, parsePsLine } from '../../src/host/processes/listed-processes.ts';
import { createRealClock } from '../../src/host/time/real-clock.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

const clock = createRealClock();

describe('facts of the machine', () => {
  it('are read from /proc', async () => {
    const reading = await createLinuxSystem(clock).read();
    expect(reading.cpus).toBe(cpus().length);
    expect(reading.memory.total).toBe(totalmem());
    expect(reading.memory.available).toBeLessThan(reading.memory.total);
    expect(reading.load.every((load) => load >= 0)).toBe(true);
    expect(reading.uptimeMs).toBeGreaterThan(1000);
    expect(reading.cpuMs.idle).toBeGreaterThan(0);
    expect(reading.openFiles?.used).toBeGreaterThan(0);
    expect(reading.processes).toBeGreaterThan(1);
  });

  it('are had without /proc as well', async () => {
    const reading = await createGenericSystem(clock).read();
    expect(reading.cpus).toBe(cpus().length);
    expect(reading.memory.total).toBe(totalmem());
    expect(reading.cpuMs.idle).toBeGreaterThan(0);
  });

  it('count guest time once', () => {
    const { cpuMs, cpus: count } = parseCpuLine('cpu  100 10 20 300 5 1 2 3 40 4\ncpu0 1\ncpu1 1\nintr 5\n');
    expect(count).toBe(2);
    expect(cpuMs).toMatchObject({ user: 600, nice: 60, guest: 400, guest_nice: 40, idle: 3000, wait: 50 });
  });

  it('do without what old kernels do not say', () => {
    const old = parseMeminfo('MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 200 kB\n');
    expect(old).toEqual({ total: 1_024_000, available: 358_400, swapTotal: 0, swapFree: 0 });
    expect(parsePressure('')).toBeUndefined();
    expect(parsePressure('some avg10=1.25 avg60=0.00 avg300=0.00 total=0\n')).toBe(1.25);
  });
});

describe('processes by ps', () => {
  it('are listed and found', async () => {
    const processes = createListedProcesses(clock);
    const table = await processes.table();
    expect(table.byPid.get(process.pid)?.ppid).toBe(process.ppid);
    const identity = processes.identify(process.pid);
    expect(identity && processes.alive(identity)).toBe(true);
    expect(processes.identify(4_194_303)).toBeUndefined();
    expect((await processes.one(process.pid))?.rss).toBeGreaterThan(10_000_000);
  });

  it('reads a line of ps', () => {
    const line = '    1     501 Ss    4512    1-02:03:04.50 Sat Nov 21 01:10:00 2026 /usr/local/bin/my app';
    expect(parsePsLine(7, line)).toMatchObject({
      pid: 7,
      ppid: 1,
      comm: 'my app',
      state: 'S',
      rss: 4512 * 1024,
      cpuMs: ((26 * 60 + 3) * 60 + 4.5) * 1000,
    });
    expect(parsePsLine(7, '')).toBeUndefined();
  });
});

describe('users', () => {
  const users = createRealUsers(clock);

  it('are found by name and by number', async () => {
    expect(await users.user('root')).toEqual({ name: 'root', uid: 0, gid: 0, home: '/root' });
    expect((await users.user('0'))?.name).toBe('root');
    expect(await users.group('root')).toEqual({ name: 'root', gid: 0 });
    expect(await users.nameOf(0)).toBe('root');
  });

  it('that nobody knows are nothing, and their number stands for the name', async () => {
    expect(await users.user('no-such-user')).toBeUndefined();
    expect(await users.user('--help')).toBeUndefined();
    expect(await users.group('no-such-group')).toBeUndefined();
    expect(await users.nameOf(987_654)).toBe('987654');
  });
});

describe('the real clock', () => {
  it('never calls early and forgets what was cancelled', async () => {
    const from = clock.monotonic();
    let cancelled = false;
    clock.after(1, () => (cancelled = true)).cancel();
    await new Promise<void>((resolve) => clock.after(20.5, resolve, { hold: true }));
    expect(clock.monotonic() - from).toBeGreaterThanOrEqual(20.5);
    expect(cancelled).toBe(false);
  });

  it('takes times beyond what a timer can hold', () => {
    clock.after(40 * 86_400_000, () => undefined).cancel();
    expect(Math.abs(clock.instant().now - clock.instant().wall)).toBeLessThan(60_000);
  });
});

describe('the fake clock', () => {
  it('runs timers in order and lets promises settle between them', async () => {
    const fake = createFakeClock(0);
    const seen: string[] = [];
    fake.after(20, () => seen.push(`b${fake.monotonic()}`));
    fake.after(10, () => {
      void Promise.resolve().then(() => fake.after(5, () => seen.push(`c${fake.monotonic()}`)));
    });
    await fake.advance(30);
    expect(seen).toEqual(['c15', 'b20']);
    fake.stepWall(-5000);
    expect(fake.instant()).toEqual({ now: 30, wall: -4970 });
  });
});
