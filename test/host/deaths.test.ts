import { readdirSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { createPidfdDeaths } from '../../src/host/deaths/pidfd-deaths.ts';
import { loadPidfdLibrary, type PidfdLibrary } from '../../src/host/deaths/pidfd-library.ts';
import { createPolledDeaths } from '../../src/host/deaths/polled-deaths.ts';
import { createRealDeaths } from '../../src/host/deaths/real-deaths.ts';
import type { Deaths } from '../../src/host/deaths.ts';
import { createLinuxProcesses } from '../../src/host/processes/linux-processes.ts';
import { createRealClock } from '../../src/host/time/real-clock.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { createFakeProcesses } from '../fakes/fake-processes.ts';
import { killAll, startOrphans } from './orphans.ts';
import { until } from './until.ts';

const clock = createRealClock();
const processes = createLinuxProcesses(clock);

function identify(pid: number) {
  const identity = processes.identify(pid);
  if (!identity) throw new Error(`${pid} does not run`);
  return identity;
}

async function pidfdDeaths(): Promise<Deaths> {
  const library = await loadPidfdLibrary();
  if (!library) throw new Error('koffi or pidfd is missing on this machine');
  return createPidfdDeaths(library, processes, createPolledDeaths(processes, clock));
}

const mechanisms: readonly (readonly [string, () => Promise<Deaths>])[] = [
  ['pidfd', pidfdDeaths],
  ['poll', async () => createPolledDeaths(processes, clock)],
];

describe.each(mechanisms)('deaths by %s', (name, create) => {
  it('says which mechanism it is', async () => {
    const deaths = await create();
    expect(deaths.mechanism).toBe(name);
    deaths.close();
  });

  it('tells once of each death of processes that are not our children', async () => {
    const deaths = await create();
    const pids = startOrphans(20);
    try {
      const told: number[] = [];
      for (const pid of pids) deaths.watch(identify(pid), () => told.push(pid));
      const [first = 0, ...others] = pids;
      process.kill(first, 'SIGKILL');
      await until(() => told.length === 1);
      expect(told).toEqual([first]);
      for (const pid of others) process.kill(pid, 'SIGTERM');
      await until(() => told.length === pids.length);
      expect([...told].sort()).toEqual([...pids].sort());
    } finally {
      deaths.close();
      killAll(pids);
    }
  });

  it('tells of a death after a signal that came with it: whoever ends everything ends us, too', async () => {
    const deaths = await create();
    const [pid = 0] = startOrphans(1);
    const order: string[] = [];
    const signalled = () => void order.push('signal');
    process.on('SIGUSR2', signalled);
    try {
      const identity = identify(pid);
      deaths.watch(identity, () => order.push('death'));
      // Both come while nothing else is done here.
      process.kill(pid, 'SIGKILL');
      while (processes.alive(identity));
      process.kill(process.pid, 'SIGUSR2');
      await until(() => order.length === 2);
      expect(order).toEqual(['signal', 'death']);
    } finally {
      process.off('SIGUSR2', signalled);
      deaths.close();
      killAll([pid]);
    }
  });

  it('knows that what it waits for runs, where the kernel would have told', async () => {
    const deaths = await create();
    const [pid = 0, other = 0] = startOrphans(2);
    try {
      const identity = identify(pid);
      expect(deaths.surelyAlive(identity)).toBe(false);
      let told = false;
      const stop = deaths.watch(identity, () => {
        told = true;
      });
      expect(deaths.surelyAlive(identity)).toBe(name === 'pidfd');
      expect(deaths.surelyAlive({ ...identity, start: identity.start + 1 })).toBe(false);
      process.kill(pid, 'SIGKILL');
      await until(() => told);
      expect(deaths.surelyAlive(identity)).toBe(false);
      stop();
      deaths.watch(identify(other), () => {})();
      expect(deaths.surelyAlive(identify(other))).toBe(false);
    } finally {
      deaths.close();
      killAll([pid, other]);
    }
  });

  it('tells all who watch the same process, but not those who stopped', async () => {
    const deaths = await create();
    const [pid = 0] = startOrphans(1);
    try {
      const told: string[] = [];
      deaths.watch(identify(pid), () => told.push('a'));
      const stop = deaths.watch(identify(pid), () => told.push('b'));
      deaths.watch(identify(pid), () => told.push('c'));
      stop();
      process.kill(pid, 'SIGKILL');
      await until(() => told.length >= 2);
      expect(told.sort()).toEqual(['a', 'c']);
    } finally {
      deaths.close();
      killAll([pid]);
    }
  });

  it('tells at once when the process is gone or its number belongs to another one', async () => {
    const deaths = await create();
    const told: string[] = [];
    deaths.watch({ pid: process.pid, start: 1 }, () => told.push('recycled'));
    deaths.watch({ pid: 4_194_303, start: 1 }, () => told.push('gone'));
    expect(told).toEqual([]);
    await until(() => told.length === 2);
    deaths.close();
  });

  it('says nothing after it was closed', async () => {
    const deaths = await create();
    const pids = startOrphans(2);
    try {
      const told: number[] = [];
      const [watched = 0, marker = 0] = pids;
      deaths.watch(identify(watched), () => told.push(watched));
      deaths.close();
      process.kill(watched, 'SIGKILL');
      const second = await create();
      second.watch(identify(marker), () => told.push(marker));
      process.kill(marker, 'SIGKILL');
      await until(() => told.includes(marker));
      second.close();
      expect(told).toEqual([marker]);
    } finally {
      killAll(pids);
    }
  });
});

describe('deaths by pidfd, in numbers', () => {
  const descriptors = () => readdirSync('/proc/self/fd').length;

  it('watches 500 processes, tells of every death, and gives every descriptor back', async () => {
    const deaths = await pidfdDeaths();
    const before = descriptors();
    const pids = startOrphans(500);
    try {
      const told = new Set<number>();
      const stops = pids.map((pid) => deaths.watch(identify(pid), () => told.add(pid)));
      expect(descriptors()).toBeGreaterThanOrEqual(before + 500);
      for (const stop of stops.slice(0, 100)) stop();
      killAll(pids);
      await until(() => told.size === 400);
      expect(pids.slice(100).every((pid) => told.has(pid))).toBe(true);
    } finally {
      killAll(pids);
      deaths.close();
    }
    await until(() => descriptors() <= before + 5);
  });
});

describe('deaths when the kernel does not help', () => {
  const refusing = (answer: 'limit' | 'EINVAL' | 'ESRCH'): PidfdLibrary => ({
    open: () => answer,
    whenReadable: () => ({ ref: () => undefined, unref: () => undefined, close: () => undefined }),
    signal: () => 0,
    kill: () => 0,
    close: () => undefined,
  });

  it('polls what the kernel cannot take', async () => {
    const fakeClock = createFakeClock();
    const fakes = createFakeProcesses();
    const deaths = createPidfdDeaths(refusing('limit'), fakes, createPolledDeaths(fakes, fakeClock));
    const told: number[] = [];
    deaths.watch(fakes.put({ pid: 7 }), () => told.push(7));
    await fakeClock.advance(500);
    expect(told).toEqual([]);
    fakes.kill(7);
    await fakeClock.advance(100);
    expect(told).toEqual([7]);
    deaths.close();
    expect(fakeClock.waiting).toBe(0);
  });

  it('waits no longer for a process that has ended, also where who was told of it broke', () => {
    const later: (() => void)[] = [];
    vi.stubGlobal('setImmediate', (run: () => void) => void later.push(run));
    try {
      let readable: () => void = () => undefined;
      const closed: string[] = [];
      const library: PidfdLibrary = {
        open: () => 100,
        whenReadable: (_, told) => {
          readable = told;
          return { ref: () => undefined, unref: () => undefined, close: () => void closed.push('closed') };
        },
        signal: () => 0,
        kill: () => 0,
        close: () => undefined,
      };
      const deaths = createPidfdDeaths(
        library,
        { alive: () => true },
        createFakeProcesses().deaths,
        () => 100,
      );
      deaths.watch({ pid: 8, start: 1 }, () => {
        throw new Error('oops');
      });
      readable();
      expect(later).toHaveLength(1);
      expect(() => later[0]?.()).toThrow('oops');
      expect(closed).toEqual(['closed']);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('starts with polling, changes over when the library is there, and loses nobody', async () => {
    const fakeClock = createFakeClock();
    const fakes = createFakeProcesses();
    const opened: number[] = [];
    let readable: () => void = () => undefined;
    let provide: (library: PidfdLibrary) => void = () => undefined;
    const deaths = createRealDeaths(fakes, fakeClock, () => new Promise((resolve) => (provide = resolve)));
    const told: number[] = [];
    const early = fakes.put({ pid: 8 });
    deaths.watch(fakes.put({ pid: 9 }), () => told.push(9));
    deaths.watch(early, () => told.push(8));
    const stop = deaths.watch(early, () => told.push(-8));
    expect(deaths.mechanism).toBe('poll');
    fakes.kill(9);
    await fakeClock.advance(100);
    expect(told).toEqual([9]);
    provide({
      open: (pid) => opened.push(pid) + 100,
      whenReadable: (_, told) => {
        readable = told;
        return { ref: () => undefined, unref: () => undefined, close: () => undefined };
      },
      signal: () => 0,
      kill: () => 0,
      close: () => undefined,
    });
    await fakeClock.advance(0);
    expect(deaths.mechanism).toBe('pidfd');
    expect(opened).toEqual([8]);
    stop();
    const stopLate = deaths.watch(early, () => told.push(-8));
    readable();
    readable();
    stopLate();
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([9, 8]);
    deaths.close();
  });

  it('takes no more than its share of descriptors, and none that the kernel does not watch', async () => {
    const fakeClock = createFakeClock();
    const fakes = createFakeProcesses();
    const opened: number[] = [];
    const library: PidfdLibrary = {
      ...refusing('limit'),
      open: (pid) => opened.push(pid) + 100,
      // The second one is refused: fs.epoll.max_user_watches.
      whenReadable: () => {
        if (opened.length === 2) return undefined;
        return { ref: () => undefined, unref: () => undefined, close: () => undefined };
      },
    };
    const poll = createPolledDeaths(fakes, fakeClock);
    const deaths = createPidfdDeaths(library, fakes, poll, () => 8);
    const told: number[] = [];
    for (const pid of [1, 2, 3, 4, 5, 6]) deaths.watch(fakes.put({ pid }), () => told.push(pid));
    expect(opened).toEqual([1, 2, 3, 4]);
    for (const pid of [2, 5, 6]) fakes.kill(pid);
    await fakeClock.advance(100);
    expect(told).toEqual([2, 5, 6]);
    deaths.close();
  });

  it('asks again for a library that could not be loaded the first time', async () => {
    const fakeClock = createFakeClock();
    const fakes = createFakeProcesses();
    const answers = [Promise.reject(new Error('EMFILE')), Promise.resolve(refusing('limit'))];
    const deaths = createRealDeaths(fakes, fakeClock, () => answers.shift() ?? Promise.resolve(undefined));
    deaths.watch(fakes.put({ pid: 5 }), () => undefined);
    await fakeClock.advance(0);
    expect(deaths.mechanism).toBe('poll');
    deaths.watch(fakes.put({ pid: 6 }), () => undefined);
    await fakeClock.advance(0);
    expect(deaths.mechanism).toBe('pidfd');
    deaths.close();
  });

  it('polls thousands in slices, so that nothing else waits for a round', async () => {
    const fakeClock = createFakeClock();
    let looks = 0;
    const most: number[] = [];
    const alive = () => {
      looks += 1;
      return true;
    };
    const deaths = createPolledDeaths({ alive }, fakeClock);
    for (let pid = 1; pid <= 1000; pid += 1) deaths.watch({ pid, start: 1 }, () => undefined);
    await fakeClock.advance(50);
    for (let turn = 0; looks < 1000 && turn < 1000; turn += 1) {
      const before = looks;
      await new Promise((resolve) => setImmediate(resolve));
      most.push(looks - before);
    }
    expect(looks).toBe(1000);
    expect(Math.max(...most)).toBeLessThanOrEqual(128);
    expect(most.filter((count) => count > 0).length).toBeGreaterThan(5);
    deaths.close();
    expect(fakeClock.waiting).toBe(0);
  });

  it('goes on with the next slice also where nothing else turns the loop', async () => {
    const fakeClock = createFakeClock();
    const real = globalThis.setImmediate;
    const kept: boolean[] = [];
    const soon = vi.spyOn(globalThis, 'setImmediate').mockImplementation(((run: () => void) => {
      const next = real(run);
      queueMicrotask(() => kept.push(next.hasRef()));
      return next;
    }) as typeof setImmediate);
    const deaths = createPolledDeaths({ alive: () => true }, fakeClock);
    try {
      for (let pid = 1; pid <= 100; pid += 1) deaths.watch({ pid, start: 1 }, () => undefined);
      kept.length = 0;
      await fakeClock.advance(50);
      expect(kept.length).toBeGreaterThan(0);
      expect(kept.every((referenced) => referenced)).toBe(true);
    } finally {
      deaths.close();
      soon.mockRestore();
    }
  });

  it('stays with polling where there is no library', async () => {
    const fakeClock = createFakeClock();
    const fakes = createFakeProcesses();
    const deaths = createRealDeaths(fakes, fakeClock, async () => undefined);
    const told: number[] = [];
    deaths.watch(fakes.put({ pid: 5 }), () => told.push(5));
    await fakeClock.advance(10);
    fakes.kill(5);
    await fakeClock.advance(100);
    expect([deaths.mechanism, told]).toEqual(['poll', [5]]);
    deaths.close();
  });
});
