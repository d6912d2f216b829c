import { describe, expect, it } from 'vitest';
import type { CheckMemory } from '../../src/agent/look.ts';
import type { ManagerDesk } from '../../src/agent/manager-desk.ts';
import { runCycle } from '../../src/agent/run-cycle.ts';
import type { CheckKind, Look } from '../../src/checks/check-kind.ts';
import { createHost } from '../../src/host/real-host.ts';
import type { ManagerReport } from '../../src/model/manager.ts';
import type { ProbeResult } from '../../src/model/reading.ts';
import type { Check, Service } from '../../src/model/service.ts';
import type { Input } from '../../src/model/step.ts';
import { createFakeHost } from '../fakes/fake-host.ts';

const read: ProbeResult = { outcome: 'read', reading: { status: 200 } };
const running: ManagerReport = { intent: 'run', activity: 'running', detail: 'running, pid 7' };

function bench(
  probe: (look: Look<never>) => Promise<ProbeResult>,
  options: {
    manager?: boolean;
    calm?: boolean;
    age?: number;
    lookAtHost?: () => Promise<void>;
    lookAtWay?: () => Promise<void>;
    judge?: (result: ProbeResult) => ProbeResult;
    nudged?: boolean;
    foregone?: boolean;
    stopped?: AbortSignal;
    /** What the manager says, one after the other; the last for ever. */
    reports?: ManagerReport[];
  } = {},
) {
  const host = createFakeHost();
  const told: Input[] = [];
  const bugs: string[] = [];
  const memory: CheckMemory = {};
  let asked = 0;
  const desk = {
    managerOf: () => (options.manager === true ? ({} as never) : undefined),
    report: async () => {
      asked += 1;
      const [first = running, ...later] = options.reports ?? [];
      if (later.length > 0) options.reports = later;
      return first;
    },
    age: () => options.age ?? 0,
    forget: () => {},
  } as unknown as ManagerDesk;
  const run = () =>
    runCycle(
      {
        host,
        kind: {
          probe,
          headline: [],
          ...(options.foregone === true && { foregone: () => undefined }),
        } as unknown as CheckKind,
        service: { name: 'api', holdWhile: [] } as unknown as Service,
        check: { name: 'responds', timeout: 2000, options: {}, expect: [], warn: [] } as unknown as Check,
        memory,
        desk,
        calm: () => options.calm ?? true,
        tell: (inputs) => void told.push(...inputs),
        holding: async () => {},
        judge: options.judge ?? ((result) => result),
        ...(options.lookAtWay === undefined ? {} : { lookAtWay: options.lookAtWay }),
        ...(options.lookAtHost === undefined ? {} : { lookAtHost: options.lookAtHost }),
        onBug: (error, about) => bugs.push(`${about}: ${(error as Error).message}`),
      },
      {
        ...(options.nudged === undefined ? {} : { nudged: options.nudged }),
        ...(options.stopped === undefined ? {} : { stopped: options.stopped }),
      },
    );
  return { host, told, bugs, memory, run, asked: () => asked };
}

describe('one cycle', () => {
  it('ends its probe when the agent stops, and tells nothing of it', async () => {
    const stop = new AbortController();
    const { host, told, run } = bench(
      ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve({ outcome: 'failed', reason: 'cancelled' }));
        }),
      { stopped: stop.signal },
    );
    const cycle = run();
    await host.clock.advance(100);
    stop.abort();
    await cycle;
    expect(told).toEqual([]);
    const late = new AbortController();
    const second = bench(() => new Promise(() => {}), { stopped: late.signal });
    const hung = second.run();
    await second.host.clock.advance(100);
    late.abort();
    await second.host.clock.advance(600);
    await hung;
    expect(second.told).toEqual([]);
  });

  it('has the way to a remote host looked at before its failure is believed, and judges by what that found', async () => {
    let doubted = false;
    const { told, run } = bench(async () => ({ outcome: 'failed', reason: 'no route' }), {
      lookAtWay: async () => {
        doubted = true;
      },
      judge: (result) => (doubted ? { outcome: 'unknown', reason: 'the uplink is down' } : result),
    });
    await run();
    expect(told.at(-1)).toMatchObject({ result: { outcome: 'unknown', reason: 'the uplink is down' } });
  });

  it('takes what the system refused for what could not be told, not for a mistake', async () => {
    const { told, bugs, run } = bench(async () => {
      throw Object.assign(new Error('process 7 could not be looked at (EMFILE)'), { code: 'EMFILE' });
    });
    await run();
    expect(told).toMatchObject([
      { result: { outcome: 'unknown', reason: 'process 7 could not be looked at (EMFILE)' } },
    ]);
    expect(bugs).toEqual([]);
    const broken = bench(async () => {
      throw Object.assign(new TypeError('no'), { code: 'ERR_INVALID_ARG_TYPE' });
    });
    await broken.run();
    expect(broken.bugs).toHaveLength(1);
  });

  it('tells the engine what was read and how long it took', async () => {
    const made = bench(async () => {
      await made.host.clock.advance(40);
      return read;
    });
    const beganAt = made.host.clock.instant().now;
    await made.run();
    expect(made.told).toEqual([
      { type: 'observed', service: 'api', check: 'responds', result: read, tookMs: 40, beganAt },
    ]);
  });

  it('tells when a failed probe began, however long it took to find out whether to believe it', async () => {
    const made = bench(async () => ({ outcome: 'failed', reason: 'refused' }), {
      lookAtHost: () => made.host.clock.advance(300),
    });
    const beganAt = made.host.clock.instant().now;
    await made.run();
    expect(made.told).toMatchObject([{ tookMs: 0, beganAt }]);
    expect(made.host.clock.instant().now).toBe(beganAt + 300);
  });

  it('looks once more at what its manager brought up while it was looked at', async () => {
    const restarting: ManagerReport = { intent: 'run', activity: 'restarting', detail: 'about to restart' };
    const made = bench(
      async (look) => {
        const { activity, detail } = (await look.manager?.()) ?? restarting;
        return activity === 'running' ? read : { outcome: 'failed', reason: detail, reading: {} };
      },
      { manager: true, calm: false, reports: [restarting, restarting, running] },
    );
    await made.run();
    expect(made.told).toMatchObject([
      { type: 'reported', report: { activity: 'running' } },
      { type: 'observed', result: { outcome: 'read' } },
    ]);
  });

  it.each([
    ['with the probe when something happened to it', { nudged: true }, ['host', 'probe']],
    ['only when the probe failed at its turn', { nudged: false }, ['probe', 'host']],
    ['only after the probe where it was down before', { nudged: true, calm: false }, ['probe', 'host']],
  ])('looks at the host %s, and once', async (_name, options, order) => {
    const seen: string[] = [];
    const made = bench(
      async () => {
        seen.push('probe');
        return { outcome: 'failed', reason: 'gone' };
      },
      {
        ...options,
        lookAtHost: async () => {
          seen.push('host');
        },
      },
    );
    await made.run();
    expect(seen).toEqual(order);
  });

  it('on the real clock never begins before what went before it ended', async () => {
    const made = bench(async () => read);
    const { clock } = createHost({ name: 'web-1' });
    Object.assign(made.host, { clock });
    for (let round = 0; round < 200; round += 1) {
      const ended = clock.instant().now;
      await made.run();
      const last = made.told.at(-1);
      expect(last).toMatchObject({ type: 'observed' });
      if (last?.type === 'observed') expect(last.beganAt).toBeGreaterThanOrEqual(ended);
    }
  });

  it('aborts a probe at its deadline and believes what it says then', async () => {
    let reason: unknown;
    const made = bench(
      ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            resolve({ outcome: 'failed', reason: 'no answer within 2 s' });
          });
        }),
    );
    const cycle = made.run();
    await made.host.clock.advance(2000);
    await cycle;
    expect(reason).toBeInstanceOf(Error);
    expect(made.told).toMatchObject([{ result: { outcome: 'failed', reason: 'no answer within 2 s' } }]);
  });

  it('leaves a probe behind that ignores its deadline, and ignores what it says later', async () => {
    let late = (_result: ProbeResult): void => {};
    const made = bench(() => new Promise((resolve) => (late = resolve)));
    const cycle = made.run();
    await made.host.clock.advance(2500);
    await cycle;
    expect(made.told).toMatchObject([
      { result: { outcome: 'unknown', reason: 'the probe did not end within its 2000 ms' } },
    ]);
    late({ ...read, carry: 1 });
    await made.host.clock.advance(1000);
    expect(made.told.length).toBe(1);
    expect(made.memory.carry).toBeUndefined();
  });

  it.each([
    [
      'at once',
      () => {
        throw new Error('oops');
      },
    ],
    [
      'later',
      async () => {
        throw new Error('oops');
      },
    ],
  ])('takes a probe that throws %s for a bug: unknown, told, and not the end', async (_name, probe) => {
    const made = bench(probe as never);
    await made.run();
    expect(made.told).toMatchObject([{ result: { outcome: 'unknown' } }]);
    expect(made.bugs).toEqual(['the probe of api/responds: oops']);
  });

  it('hands the carry of one probe to the next, and keeps what the last bad one saw', async () => {
    const seen: unknown[] = [];
    let n = 0;
    const exhibit = { title: 'HTTP 500', text: 'boom' };
    const made = bench(async ({ carry }) => {
      seen.push(carry);
      n += 1;
      return n === 2
        ? { outcome: 'unknown', reason: 'cannot tell' }
        : { outcome: 'failed', reason: 'no', carry: n, exhibit };
    });
    await made.run();
    await made.run();
    await made.run();
    expect(seen).toEqual([undefined, 1, 1]);
    expect(made.memory.exhibit).toEqual(exhibit);
  });

  it('marks what was seen before as old once a probe had nothing to show, as one that hangs', async () => {
    let n = 0;
    const exhibit = { title: 'answer of api', text: 'HTTP 200' };
    const made = bench(async () => {
      n += 1;
      return n === 2 ? { outcome: 'failed', reason: 'no answer' } : { ...read, exhibit };
    });
    await made.run();
    expect(made.memory).toMatchObject({ exhibit, exhibitIsOld: false });
    await made.run();
    expect(made.memory).toMatchObject({ exhibit, exhibitIsOld: true });
    await made.run();
    expect(made.memory).toMatchObject({ exhibit, exhibitIsOld: false });
  });

  it('has no timer left when the probe has ended', async () => {
    const made = bench(async () => read);
    await made.run();
    expect(made.host.clock.waiting).toBe(0);
  });
});

describe('the manager', () => {
  it('is not asked at every turn while all is well', async () => {
    const made = bench(async () => read, { manager: true });
    await made.run();
    expect(made.asked()).toBe(0);
  });

  it('is asked now and then, and whenever something is wrong', async () => {
    const old = bench(async () => read, { manager: true, age: 6000 });
    await old.run();
    expect(old.told.map(({ type }) => type)).toEqual(['reported', 'observed']);
    const odd = bench(async () => read, { manager: true, calm: false });
    await odd.run();
    expect(odd.told.map(({ type }) => type)).toEqual(['reported', 'observed']);
  });

  it.each([
    [3900, true, ['observed']],
    [4100, true, ['reported', 'observed']],
    [4100, false, ['observed']],
  ])(
    'is asked along with a look where others may be spared: a word of %i ms, %s',
    async (age, foregone, told) => {
      const made = bench(async () => read, { manager: true, age, foregone });
      await made.run();
      expect(made.told.map(({ type }) => type)).toEqual(told);
    },
  );

  it('is heard before a failure is believed', async () => {
    const made = bench(async () => ({ outcome: 'failed', reason: 'refused' }), { manager: true });
    await made.run();
    expect(made.told.map(({ type }) => type)).toEqual(['reported', 'observed']);
  });

  it('is told of when the probe itself asked', async () => {
    const made = bench(
      async ({ manager }) => {
        await manager?.();
        return read;
      },
      { manager: true, calm: false },
    );
    await made.run();
    expect(made.told[0]).toEqual({ type: 'reported', service: 'api', report: running });
  });

  it('is remembered for a probe that passes, and asked anew before one that does not is believed', async () => {
    const words: unknown[] = [];
    const made = bench(
      async ({ manager }) => {
        words.push(await manager?.());
        return words.length < 2 ? { outcome: 'failed', reason: 'process 7 has ended' } : read;
      },
      { manager: true },
    );
    await made.run();
    expect(words).toEqual([running, running]);
    expect(made.told.map(({ type }) => type)).toEqual(['reported', 'observed']);
    expect(made.told[1]).toMatchObject({ result: read });
    await made.run();
    expect(made.told.map(({ type }) => type)).toEqual(['reported', 'observed', 'observed']);
  });
});
