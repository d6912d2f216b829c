import { describe, expect, it } from 'vitest';
import { process as processKind } from '../../src/checks/process.ts';
import type { ManagerReport } from '../../src/model/manager.ts';
import type { ProbeResult } from '../../src/model/reading.ts';
import { createFakeHost, type FakeHost } from '../fakes/fake-host.ts';
import { readOptions } from '../fakes/read-options.ts';
import { haveSameShape } from '../fakes/same-shape.ts';

interface Again {
  readonly carry?: unknown;
  readonly report?: ManagerReport;
  readonly wanted?: ReadonlySet<string>;
  readonly judged?: ReadonlySet<string>;
}

function probe(
  host: FakeHost,
  yaml: string,
  { carry, report, wanted, judged }: Again = {},
): Promise<ProbeResult> {
  return processKind.probe({
    options: readOptions(processKind, yaml),
    host,
    service: 'web',
    timeout: 5000,
    signal: new AbortController().signal,
    ...(carry !== undefined && { carry }),
    ...(report && { manager: async () => report }),
    ...(wanted && { wanted }),
    ...(judged && { judged }),
  });
}

const reading = (result: ProbeResult) => (result.outcome === 'read' ? result.reading : result);
const pidfile = 'pidfile: /srv/web.pid';
const nginx = {
  comm: 'nginx',
  details: { exe: '/usr/sbin/nginx', argv: ['nginx: master process'], uid: 0, euid: 33 },
};

describe('a process by pid file', () => {
  it('is measured with everything below it', async () => {
    const host = createFakeHost();
    host.processes.put({ pid: 10, rss: 100, threads: 3, cpuMs: 1000, ...nginx });
    host.processes.put({ pid: 11, ppid: 10, rss: 30, cpuMs: 500, comm: 'nginx' });
    host.processes.put({ pid: 12, ppid: 11, rss: 7 });
    host.processes.put({ pid: 13, rss: 1000 });
    host.files.put('/srv/web.pid', '10\n', { modifiedAt: host.clock.instant().wall });
    const result = await probe(host, pidfile);
    expect(reading(result)).toMatchObject({
      running: true,
      pid: 10,
      memory: 100,
      memory_tree: 137,
      children: 2,
      threads: 3,
      instances: 1,
      pidfile: 'ok',
      state: 'sleeping',
      user: 'root',
      effective_user: 'web',
      exe: '/usr/sbin/nginx',
      command: 'nginx: master process',
    });
    expect(reading(result)).not.toHaveProperty('cpu');
  });

  it('has true rates from the second look on', async () => {
    const host = createFakeHost();
    const io = (bytes: number) => ({ read: bytes, written: 0, diskRead: 0, diskWritten: bytes * 2 });
    host.processes.put({ pid: 10, cpuMs: 1000, usage: { io: io(0), files: { open: 5, limit: 100 } } });
    host.processes.put({ pid: 11, ppid: 10, cpuMs: 9000 });
    host.files.put('/srv/web.pid', '10');
    const first = await probe(host, pidfile);
    await host.clock.advance(2000);
    host.processes.put({ pid: 10, cpuMs: 2000, usage: { io: io(4000), files: { open: 5, limit: 100 } } });
    host.processes.kill(11);
    host.processes.put({ pid: 12, ppid: 10, cpuMs: 500 });
    const second = await probe(host, pidfile, { carry: first.carry });
    expect(reading(second)).toMatchObject({
      cpu: 50,
      cpu_tree: 75,
      read_rate: 2000,
      disk_write_rate: 4000,
      descriptors: 5,
      descriptors_limit: 100,
    });
    await host.clock.advance(20);
    const soon = await probe(host, pidfile, { carry: second.carry });
    expect(reading(soon)).toMatchObject({ cpu: 50, cpu_tree: 75 });
  });

  it('has the rate of the whole tree at the first look, by two tables of which the second is newer', async () => {
    const host = createFakeHost();
    host.processes.put({ pid: 10, cpuMs: 1000 });
    host.processes.put({ pid: 11, ppid: 10, cpuMs: 1000 });
    host.files.put('/srv/web.pid', '10');
    const read = host.processes.table;
    let kept: Awaited<ReturnType<typeof read>> | undefined;
    // As the real one: a table that is young enough serves again.
    const table = async (maxAge = 200) => {
      if (kept === undefined || host.clock.monotonic() - kept.takenAt > maxAge) kept = await read();
      return kept;
    };
    const aging = { ...host, processes: { ...host.processes, table } };
    const looking = probe(aging, pidfile, { wanted: new Set(['cpu_tree']) });
    await host.clock.advance(1);
    host.processes.put({ pid: 11, ppid: 10, cpuMs: 1250 });
    await host.clock.advance(1000);
    expect(reading(await looking)).toMatchObject({ cpu_tree: expect.closeTo(50, 0) });
  });

  it('has no rates across a restart', async () => {
    const host = createFakeHost();
    host.processes.put({ pid: 10, start: 1, cpuMs: 50_000 });
    host.files.put('/srv/web.pid', '10');
    const first = await probe(host, pidfile);
    await host.clock.advance(1000);
    host.processes.put({ pid: 10, start: 2, cpuMs: 60_000 });
    const second = await probe(host, pidfile, { carry: first.carry });
    expect(reading(second)).toMatchObject({ running: true });
    expect(reading(second)).not.toHaveProperty('cpu');
  });

  it('is looked at twice the first time when somebody asks for a rate', async () => {
    const host = createFakeHost();
    host.processes.put({ pid: 10, cpuMs: 0 });
    host.files.put('/srv/web.pid', '10');
    const running = probe(host, pidfile, { wanted: new Set(['cpu']) });
    await host.clock.advance(400);
    host.processes.put({ pid: 10, cpuMs: 100 });
    await host.clock.advance(100);
    expect(reading(await running)).toMatchObject({ cpu: 20 });
  });

  it('that is gone fails, with what the file says', async () => {
    const host = createFakeHost();
    host.files.put('/srv/web.pid', '10');
    expect(await probe(host, pidfile)).toMatchObject({
      outcome: 'failed',
      reason: 'pid file /srv/web.pid names 10, which is not running',
      reading: { running: false },
    });
    host.files.remove('/srv/web.pid');
    expect(await probe(host, pidfile)).toMatchObject({ reason: 'pid file /srv/web.pid does not exist' });
  });

  it('that is a zombie has ended', async () => {
    const host = createFakeHost();
    host.processes.put({ pid: 10, comm: 'web', state: 'Z', ppid: 4 });
    host.files.put('/srv/web.pid', '10');
    expect(await probe(host, pidfile)).toMatchObject({
      outcome: 'failed',
      reason:
        'pid file /srv/web.pid names 10 (web), which is not running: its parent 4 has not collected it (a zombie)',
      reading: { running: false, state: 'zombie' },
    });
  });

  it('is not taken for another program that got its number', async () => {
    const host = createFakeHost();
    const wall = host.clock.instant().wall;
    host.processes.put({ pid: 10, startedAt: wall, details: { argv: ['vim', 'notes'] } });
    host.files.put('/srv/web.pid', '10', { modifiedAt: wall - 3_600_000 });
    expect(await probe(host, pidfile)).toMatchObject({
      outcome: 'failed',
      reason: 'pid file /srv/web.pid is stale: 10 is now another program (vim notes)',
    });
  });

  it('is recognised by what it is where that is said, whatever the times', async () => {
    const host = createFakeHost();
    const wall = host.clock.instant().wall;
    host.processes.put({ pid: 10, startedAt: wall, ...nginx });
    host.files.put('/srv/web.pid', '10', { modifiedAt: wall - 3_600_000 });
    const both = `{ ${pidfile}, match: { exe: /usr/sbin/nginx } }`;
    expect(reading(await probe(host, both))).toMatchObject({ running: true, pidfile: 'ok' });
    host.processes.put({ pid: 10, details: { exe: '/usr/bin/vim' } });
    expect(await probe(host, both)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('stale'),
    });
    host.processes.put({ pid: 77, ...nginx });
    expect(reading(await probe(host, both))).toMatchObject({ running: true, pid: 77, pidfile: 'stale' });
  });

  it('goes on although its file was removed, while it is the one seen before', async () => {
    const host = createFakeHost();
    host.processes.put({ pid: 10 });
    host.files.put('/srv/web.pid', '10');
    const first = await probe(host, pidfile);
    host.files.remove('/srv/web.pid');
    const second = await probe(host, pidfile, { carry: first.carry });
    expect(reading(second)).toMatchObject({ running: true, pid: 10, pidfile: 'missing' });
    host.processes.kill(10);
    expect(await probe(host, pidfile, { carry: second.carry })).toMatchObject({ outcome: 'failed' });
  });

  it('is not known for a moment while its file is being written, and fails when that lasts', async () => {
    const host = createFakeHost();
    host.files.put('/srv/web.pid', '');
    const first = await probe(host, pidfile);
    expect(first).toMatchObject({ outcome: 'unknown', reason: 'pid file /srv/web.pid is empty just now' });
    await host.clock.advance(6000);
    expect(await probe(host, pidfile, { carry: first.carry })).toMatchObject({
      outcome: 'failed',
      reason: 'pid file /srv/web.pid is empty',
    });
  });

  it('is unknown when the file may not be read', async () => {
    const host = createFakeHost();
    host.files.put('/srv/web.pid', '10');
    host.files.refuse('/srv/web.pid', 'EACCES');
    const first = await probe(host, pidfile);
    await host.clock.advance(60_000);
    expect(await probe(host, pidfile, { carry: first.carry })).toMatchObject({ outcome: 'unknown' });
  });
});

describe('a process by match', () => {
  const web = (host: FakeHost) => {
    host.files.put('/usr/sbin/nginx', 'program');
    host.processes.put({ pid: 20, ...nginx, startedAt: 2000 });
    host.processes.put({ pid: 21, ppid: 20, ...nginx, startedAt: 1000 });
    host.processes.put({
      pid: 22,
      ppid: 1,
      comm: 'vim',
      details: { exe: '/usr/bin/vim', argv: ['vim', '/usr/sbin/nginx'] },
    });
  };

  it('is the top-most one, and the oldest of several', async () => {
    const host = createFakeHost();
    web(host);
    expect(reading(await probe(host, 'match: { exe: /usr/sbin/nginx }'))).toMatchObject({
      pid: 20,
      instances: 1,
      children: 1,
    });
    host.processes.put({ pid: 30, ...nginx, startedAt: 500 });
    expect(reading(await probe(host, 'match: { exe: /usr/sbin/nginx }'))).toMatchObject({
      pid: 30,
      instances: 2,
    });
  });

  it('must fit in everything that is said', async () => {
    const host = createFakeHost();
    web(host);
    const found = async (match: string) => {
      const result = await probe(host, `match: ${match}`);
      return result.outcome === 'read' ? result.reading.pid : result.reason;
    };
    expect(await found('{ command: "^nginx: master" }')).toBe(20);
    expect(await found('{ command: "nginx", name: vim }')).toBe(22);
    expect(await found('{ name: nginx, user: web }')).toBe(20);
    expect(await found('{ name: nginx, user: root }')).toBe('no process matches user root, name nginx');
    expect(await found('{ user: nobody }')).toBe("there is no user 'nobody' on this machine");
    expect(await found('{}')).toContain('match says nothing');
  });

  it('stays with the one of last time while it lives, even if an older one matches', async () => {
    const host = createFakeHost();
    web(host);
    const first = await probe(host, 'match: { exe: /usr/sbin/nginx }');
    host.processes.put({ pid: 5, ...nginx, startedAt: 1 });
    const second = await probe(host, 'match: { exe: /usr/sbin/nginx }', { carry: first.carry });
    expect(reading(second)).toMatchObject({ pid: 20, instances: 2 });
    host.processes.kill(20);
    host.processes.kill(21);
    expect(
      reading(await probe(host, 'match: { exe: /usr/sbin/nginx }', { carry: second.carry })),
    ).toMatchObject({ pid: 5 });
  });

  it('fails when nothing matches; the watcher itself never does', async () => {
    const host = createFakeHost();
    host.processes.put({ pid: host.self.pid, ppid: 0, ...nginx });
    host.processes.put({ pid: 40, ppid: host.self.pid, ...nginx });
    expect(await probe(host, 'match: { name: nginx }')).toMatchObject({
      outcome: 'failed',
      reason: 'no process matches name nginx',
      reading: { running: false },
    });
  });

  it('refuses a broken pattern when the rules are loaded', () => {
    expect(() => readOptions(processKind, 'match: { command: "(" }')).toThrow(/regular expression/);
  });
});

describe("the manager's main process", () => {
  const report = (more: Partial<ManagerReport>): ManagerReport => ({
    intent: 'run',
    activity: 'running',
    detail: 'active (running)',
    ...more,
  });

  it('is measured with the processes that the manager knows', async () => {
    const host = createFakeHost();
    const main = host.processes.put({ pid: 10, rss: 5 });
    host.processes.put({ pid: 99, rss: 7 });
    const result = await probe(host, '{}', { report: report({ main, pids: [10, 99] }) });
    expect(reading(result)).toMatchObject({ pid: 10, memory_tree: 12, children: 1 });
  });

  it('of several members all are measured with everything below them', async () => {
    const host = createFakeHost();
    const mains = [10, 20, 30, 40].map((pid) => host.processes.put({ pid, ppid: 5, rss: 1 }));
    host.processes.put({ pid: 5, rss: 1000 });
    host.processes.put({ pid: 21, ppid: 20, rss: 10 });
    host.processes.put({ pid: 41, ppid: 40, rss: 100 });
    const [main] = mains;
    if (main === undefined) throw new Error('no process');
    const result = await probe(host, '{}', { report: report({ main, mains }) });
    expect(reading(result)).toMatchObject({ pid: 10, memory_tree: 114, children: 5 });
    // Where one member's processes are known as a group, they are taken as that, and the others with what is below them.
    const known = await probe(host, '{}', { report: report({ main, mains, pids: [40] }) });
    expect(reading(known)).toMatchObject({ memory_tree: 14 });
  });

  it('of several members fails while one is down, although the first lives', async () => {
    const host = createFakeHost();
    const main = host.processes.put({ pid: 10 });
    const other = host.processes.put({ pid: 20 });
    const say = (more: Partial<ManagerReport>) => probe(host, '{}', { report: report({ main, ...more }) });
    const detail = '1 of 2 containers are not running: w2 it ended by itself (signal KILL)';
    for (const activity of ['failed', 'restarting'] as const) {
      expect(await say({ mains: [main], activity, detail })).toMatchObject({
        outcome: 'failed',
        reason: detail,
      });
    }
    expect(await say({ mains: [main, other] })).toMatchObject({ outcome: 'read' });
    expect(await say({ mains: [main], detail: 'w2 stopped by hand' })).toMatchObject({ outcome: 'read' });
    host.processes.kill(20);
    expect(await say({ mains: [main, { ...other, name: 'w2' }] })).toMatchObject({
      outcome: 'failed',
      reason: 'w2: process 20 has ended',
    });
    host.processes.kill(10);
    expect(await say({ mains: [{ ...main, name: 'w1' }, other] })).toMatchObject({
      outcome: 'failed',
      reason: 'w1: process 10 has ended',
    });
  });

  it('fails when it has ended since, or when another process has its number', async () => {
    const host = createFakeHost();
    const main = host.processes.put({ pid: 10, start: 1 });
    host.processes.put({ pid: 10, start: 2 });
    const result = await probe(host, '{}', { report: report({ main }) });
    expect(result).toMatchObject({ outcome: 'failed', reason: 'process 10 has ended' });
  });

  it('goes by what the manager says when it names none', async () => {
    const host = createFakeHost();
    const say = (activity: ManagerReport['activity']) =>
      probe(host, '{}', { report: report({ activity, detail: activity }) });
    expect(await say('running')).toMatchObject({ outcome: 'read', reading: { running: true } });
    expect(await say('failed')).toMatchObject({ outcome: 'failed', reason: 'failed' });
    expect(await say('unknown')).toMatchObject({ outcome: 'unknown' });
    expect(await probe(host, '{}')).toMatchObject({
      outcome: 'unknown',
      reason: expect.stringContaining('no manager'),
    });
    expect(processKind.needsManager?.(readOptions(processKind, '{}'))).toBe(true);
  });
});

describe('a process of which only is judged that it runs', () => {
  const judged = new Set(['running']);

  function hostWithOne() {
    const host = createFakeHost();
    host.processes.put({ pid: 10, rss: 100 });
    host.files.put('/srv/web.pid', '10');
    return host;
  }

  /** At which seconds, of a minute from the first look on, a check that looks each second had measured anew. */
  async function measuredAt(phase: number) {
    const host = hostWithOne();
    await host.clock.advance(phase);
    const seconds: number[] = [];
    let last: ProbeResult | undefined;
    for (let second = 0; second < 60; second += 1) {
      host.processes.put({ pid: 10, rss: 100 + second });
      const next = await probe(host, pidfile, { carry: last?.carry, judged });
      if (last === undefined || reading(next) !== reading(last)) {
        expect(reading(next)).toMatchObject({ memory: 100 + second });
        seconds.push(second);
      }
      last = next;
      await host.clock.advance(1000);
    }
    return seconds;
  }

  it('is measured anew every fifteen seconds', async () => {
    const [, first = 0, ...later] = await measuredAt(0);
    expect(first).toBeLessThanOrEqual(15);
    expect(later).toEqual([first + 15, first + 30, first + 45].slice(0, later.length));
    expect(later.length).toBeGreaterThanOrEqual(2);
  });

  it('is measured in a second that it shares with those that look in the same moment of a second', async () => {
    const seconds = await Promise.all([100, 120, 350, 600, 850].map(measuredAt));
    const [first, same, ...others] = seconds.map((of) => (of[1] ?? 0) % 15);
    expect(same).toBe(first);
    expect(new Set([first, ...others]).size).toBe(4);
  });

  it('is looked for each time where its death is not told of', async () => {
    const host = hostWithOne();
    const first = await probe(host, pidfile, { judged });
    host.processes.kill(10);
    expect((await probe(host, pidfile, { carry: first.carry, judged })).outcome).toBe('failed');
  });

  it('leaves what it carries in one shape, so that V8 can settle', async () => {
    const host = hostWithOne();
    const carries: object[] = [];
    let carry: unknown;
    for (let second = 0; second < 60; second += 1) {
      ({ carry } = await probe(host, pidfile, { carry, judged }));
      if (carries.at(-1) !== carry) carries.push(carry as object);
      await host.clock.advance(1000);
    }
    expect(carries.length).toBeGreaterThanOrEqual(4);
    expect(haveSameShape(carries[2], carries[3])).toBe(true);
  });

  it('is not even looked for where the kernel would have told of its death', async () => {
    const host = hostWithOne();
    const identity = host.processes.identify(10) ?? { pid: 0, start: 0 };
    const report: ManagerReport = { intent: 'run', activity: 'running', detail: 'running', main: identity };
    let sure = true;
    const waited = { ...host.deaths, surelyAlive: () => sure };
    const watched = { ...host, deaths: waited } as FakeHost;
    const first = await probe(watched, '{}', { judged, report });
    host.processes.kill(10);
    const second = await probe(watched, '{}', { carry: first.carry, judged, report });
    expect(reading(second)).toBe(reading(first));
    // Another main process, one among several, or another judgement is looked at in any case.
    const other = { ...report, main: { ...identity, start: identity.start + 1 } };
    expect((await probe(watched, '{}', { carry: first.carry, judged, report: other })).outcome).toBe(
      'failed',
    );
    const several = { ...report, mains: [identity] };
    expect((await probe(watched, '{}', { carry: first.carry, judged, report: several })).outcome).toBe(
      'failed',
    );
    const both = new Set(['running', 'memory']);
    expect((await probe(watched, '{}', { carry: first.carry, judged: both, report })).outcome).toBe('failed');
    sure = false;
    expect((await probe(watched, '{}', { carry: first.carry, judged, report })).outcome).toBe('failed');
  });

  it('is foregone just where it would not be looked for', async () => {
    const host = hostWithOne();
    const identity = host.processes.identify(10) ?? { pid: 0, start: 0 };
    const report: ManagerReport = { intent: 'run', activity: 'running', detail: 'running', main: identity };
    let sure = true;
    const waited = { ...host.deaths, surelyAlive: () => sure };
    const watched = { ...host, deaths: waited } as FakeHost;
    const { carry, ...first } = await probe(watched, '{}', { judged, report });
    const ask = (more: { yaml?: string; report?: ManagerReport; carry?: unknown } = {}) =>
      processKind.foregone?.({
        options: readOptions(processKind, more.yaml ?? '{}'),
        host: watched,
        judged,
        report,
        carry,
        ...more,
      });
    const now = host.clock.monotonic();
    const foregone = ask();
    expect(foregone?.result).toEqual({ ...first, carry });
    expect(foregone?.until).toBeGreaterThan(now);
    expect(foregone?.until).toBeLessThanOrEqual(now + 15_000);
    expect(ask({ carry: undefined })).toBeUndefined();
    expect(ask({ yaml: pidfile })).toBeUndefined();
    expect(ask({ report: { ...report, mains: [identity] } })).toBeUndefined();
    expect(ask({ report: { ...report, main: { ...identity, start: identity.start + 1 } } })).toBeUndefined();
    sure = false;
    expect(ask()).toBeUndefined();
    sure = true;
    await host.clock.advance((foregone?.until ?? 0) - now);
    expect(ask()).toBeUndefined();
  });

  it('is measured each time when something else is judged too', async () => {
    const host = hostWithOne();
    const first = await probe(host, pidfile, { judged });
    host.processes.put({ pid: 10, rss: 200 });
    const both = new Set(['running', 'memory']);
    const second = await probe(host, pidfile, { carry: first.carry, judged: both });
    expect(reading(second)).toMatchObject({ memory: 200 });
  });

  it('is measured at once when it is another one', async () => {
    const host = hostWithOne();
    const first = await probe(host, pidfile, { judged });
    host.processes.kill(10);
    host.processes.put({ pid: 12, rss: 300 });
    host.files.put('/srv/web.pid', '12');
    const second = await probe(host, pidfile, { carry: first.carry, judged });
    expect(reading(second)).toMatchObject({ pid: 12, memory: 300 });
  });
});
