import { describe, expect, it } from 'vitest';
import { createDispatcher, type DispatcherParts } from '../../src/agent/dispatcher.ts';
import type { ManagerDesk } from '../../src/agent/manager-desk.ts';
import { operate } from '../../src/agent/operate.ts';
import type { ManagerReport, OperationResult } from '../../src/model/manager.ts';
import type { Service } from '../../src/model/service.ts';
import type { Operation } from '../../src/model/state.ts';
import type { Input } from '../../src/model/step.ts';
import { createFakeHost } from '../fakes/fake-host.ts';

const service = {
  name: 'api',
  checks: [{ name: 'alive' }, { name: 'responds' }],
  startTimeout: 1000,
  stopTimeout: 1000,
} as unknown as Service;
const operation = { id: 'api/r1', kind: 'restart', reason: 'down', incident: 'api-7K3F' } as Operation;
const done: OperationResult = { ok: true, detail: 'restarted', tookMs: 5 };

function bench(more: Partial<DispatcherParts> = {}) {
  const { clock } = createFakeHost();
  const log: string[] = [];
  const told: Input[] = [];
  const dispatcher = createDispatcher({
    serviceOf: (name) => (name === 'api' ? service : undefined),
    scheduler: {
      nudge: (key) => log.push(`nudge ${key}`),
      pace: (key, every) => log.push(`pace ${key} ${every}`),
    },
    operate: async (_service, { kind }) => {
      log.push(`operate ${kind}`);
      return done;
    },
    reportOf: () => undefined,
    append: async (name, text) => {
      log.push(`append to ${name}: ${text}`);
    },
    capture: async (_service, { text }, name) => {
      log.push(`capture ${name} ${text}`);
      await new Promise<void>((resolve) => clock.after(2000, resolve));
      log.push('captured');
      return { summary: 'last log line: bye' };
    },
    deliver: () => log.push('deliver'),
    tell: (input) => told.push(input),
    after: (ms, run) => clock.after(ms, run),
    onBug: (error) => log.push(`bug ${(error as Error).message}`),
    dryRun: undefined,
    ...more,
  });
  return { clock, log, told, dispatcher };
}

describe('operations', () => {
  it('that the end of the agent cuts short are said to be so', async () => {
    const cut: string[] = [];
    const { clock, told, dispatcher } = bench({
      operate: (_service, _operation, signal) =>
        new Promise((resolve) =>
          signal.addEventListener('abort', () => resolve({ ok: false, detail: 'given up', tookMs: 1 })),
        ),
      onCutShort: (text) => cut.push(text),
    });
    dispatcher.perform([{ do: 'operate', service: 'api', operation }]);
    const stopping = dispatcher.stop(5000);
    await clock.advance(5000);
    await stopping;
    expect(cut).toEqual(['restart of api is left as it is while the agent stops: given up']);
    expect(told).toEqual([]);
  });

  it('wait for the evidence, and both are told', async () => {
    const { clock, log, told, dispatcher } = bench();
    dispatcher.perform([{ do: 'operate', service: 'api', operation, evidence: 'pack' }]);
    await clock.advance(1999);
    expect(log).toEqual(['capture pack before restart: down']);
    await clock.advance(1);
    expect(log).toEqual(['capture pack before restart: down', 'captured', 'operate restart']);
    expect(told).toEqual([
      { type: 'evidence-captured', incident: 'api-7K3F', evidence: 'pack', summary: 'last log line: bye' },
      { type: 'operation-finished', service: 'api', operation: 'api/r1', result: done },
    ]);
  });

  it('of what is dead already go first, and what is left to see is read after', async () => {
    const { clock, log, dispatcher } = bench();
    dispatcher.perform([{ do: 'operate', service: 'api', operation, evidence: 'pack', hurry: true }]);
    await clock.advance(0);
    expect(log[0]).toBe('operate restart');
    await clock.advance(5000);
    expect(log).toEqual(['operate restart', 'capture pack before restart: down', 'captured']);
  });

  it('in a hurry are over once their evidence is there, which others begin with', async () => {
    const { clock, log, dispatcher } = bench({ onRepaired: () => log.push('repaired') });
    dispatcher.perform([{ do: 'operate', service: 'api', operation, evidence: 'pack', hurry: true }]);
    await clock.advance(5000);
    expect(log.slice(-2)).toEqual(['captured', 'repaired']);
    dispatcher.perform([{ do: 'operate', service: 'api', operation, evidence: 'pack' }]);
    await clock.advance(5000);
    expect(log.filter((line) => line === 'repaired')).toHaveLength(1);
  });

  it('add what they printed to the evidence, once that is there', async () => {
    for (const hurry of [true, false]) {
      const { clock, log, dispatcher } = bench({ operate: async () => ({ ...done, output: 'in use\n' }) });
      dispatcher.perform([{ do: 'operate', service: 'api', operation, evidence: 'pack', hurry }]);
      await clock.advance(5000);
      expect(log.slice(-2)).toEqual([
        'captured',
        'append to pack: \n== what restart printed (restarted) ==\nin use\n',
      ]);
    }
  });

  it('are only talked about in a dry run', async () => {
    const said: string[] = [];
    const { clock, log, told, dispatcher } = bench({ dryRun: (what) => said.push(what) });
    dispatcher.perform([{ do: 'operate', service: 'api', operation, evidence: 'pack' }]);
    await clock.advance(5000);
    expect(log).toEqual([]);
    expect(said).toEqual(['would restart api: down']);
    expect(told).toMatchObject([
      { type: 'operation-finished', result: { detail: 'dry run: nothing was done' } },
    ]);
  });

  it('of a service that has left the rules end as failed', async () => {
    const { clock, told, dispatcher } = bench();
    dispatcher.perform([{ do: 'operate', service: 'gone', operation }]);
    await clock.advance(0);
    expect(told).toMatchObject([{ type: 'operation-finished', service: 'gone', result: { ok: false } }]);
  });

  it('under way get a moment when the agent stops, then are aborted and told no more', async () => {
    let aborted = false;
    const { clock, told, dispatcher } = bench({
      operate: (_service, _operation, signal) =>
        new Promise((resolve) =>
          signal.addEventListener('abort', () => {
            aborted = true;
            resolve({ ...done, ok: false });
          }),
        ),
    });
    dispatcher.perform([{ do: 'operate', service: 'api', operation }]);
    const stopping = dispatcher.stop(5000);
    await clock.advance(4999);
    expect(aborted).toBe(false);
    await clock.advance(1);
    await stopping;
    expect(aborted).toBe(true);
    expect(told).toEqual([]);
  });
});

describe('a repair that is begun before it is decided', () => {
  const report: ManagerReport = { intent: 'run', activity: 'failed', detail: 'pid 7 is gone' };
  const repair = { service: 'api', kind: 'restart', report } as const;
  const decided = { do: 'operate', service: 'api', operation, evidence: 'pack', hurry: true } as const;

  it('is gone on with when it is, and goes by what the manager said', async () => {
    const given: unknown[] = [];
    const { clock, log, told, dispatcher } = bench({
      operate: async (_service, { kind, by }, _signal, hurry) => {
        given.push([kind, by, hurry]);
        return done;
      },
    });
    const settle = dispatcher.begin(repair);
    expect(given).toEqual([['restart', 'repair', report]]);
    await clock.advance(1);
    expect(told).toEqual([]);
    dispatcher.perform([decided]);
    settle?.();
    await clock.advance(5000);
    expect(given).toHaveLength(1);
    expect(log).toEqual(['capture pack before restart: down', 'captured']);
    expect(told.map(({ type }) => type)).toEqual(['operation-finished', 'evidence-captured']);
    dispatcher.perform([decided]);
    expect(given).toHaveLength(2);
  });

  const bug =
    'bug restart of api was begun, and not decided: no repair gets a head start until the agent is restarted';
  const nudges = ['nudge api/alive', 'nudge api/responds'];

  /** Operations that end when they are told to. */
  function held() {
    const ends: (() => void)[] = [];
    const begun: string[] = [];
    const made = bench({
      operate: (_service, { kind }) => {
        begun.push(kind);
        return new Promise((resolve) => ends.push(() => resolve(done)));
      },
    });
    return { ...made, begun, end: () => ends.shift()?.() };
  }

  it('and is not is a mistake that is told, is looked at once it is over, and nothing is begun like that again', async () => {
    const { clock, log, begun, end, dispatcher } = held();
    dispatcher.begin(repair)?.();
    expect(log).toEqual([bug]);
    expect(dispatcher.begin(repair)).toBeUndefined();
    end();
    await clock.advance(1);
    expect(log).toEqual([bug, ...nudges]);
    expect(dispatcher.begin(repair)).toBeUndefined();
    expect(begun).toEqual(['restart']);
    dispatcher.perform([decided]);
    expect(begun).toEqual(['restart', 'restart']);
  });

  it('and was not is over before the one that is decided later, or instead, begins', async () => {
    for (const kind of ['restart', 'stop'] as const) {
      const { clock, log, begun, end, dispatcher } = held();
      const settle = dispatcher.begin(repair);
      if (kind === 'restart') settle?.();
      dispatcher.perform([{ ...decided, operation: { ...operation, kind } }]);
      if (kind === 'stop') settle?.();
      await clock.advance(100);
      expect(begun).toEqual(['restart']);
      end();
      await clock.advance(1);
      expect(begun).toEqual(['restart', kind]);
      expect(log).toEqual([bug, ...nudges]);
    }
  });

  it('counts as running, and the end of the agent waits for it', async () => {
    let end = (): void => {};
    const { clock, dispatcher } = bench({
      operate: () =>
        new Promise((resolve) => {
          end = () => resolve(done);
        }),
    });
    dispatcher.begin(repair);
    expect(dispatcher.running).toBe(1);
    let stopped = false;
    void dispatcher.stop(5000).then(() => {
      stopped = true;
    });
    await clock.advance(100);
    expect(stopped).toBe(false);
    end();
    await clock.advance(1);
    expect(stopped).toBe(true);
  });

  it('breaks nothing where it breaks before', async () => {
    const { clock, log, dispatcher } = bench({ operate: () => Promise.reject(new Error('oops')) });
    const settle = dispatcher.begin(repair);
    await clock.advance(1);
    dispatcher.perform([decided]);
    settle?.();
    await clock.advance(5000);
    expect(log).toContain('bug oops');
  });

  it('is none in a dry run, or of a service that has left the rules', () => {
    const dry = bench({ dryRun: () => {} });
    expect(dry.dispatcher.begin(repair)).toBeUndefined();
    const { log, dispatcher } = bench();
    expect(dispatcher.begin({ ...repair, service: 'gone' })).toBeUndefined();
    expect([...dry.log, ...log]).toEqual([]);
  });
});

describe('evidence of what nothing repairs', () => {
  const capture = (name: string, incident: string, service = 'api') =>
    ({
      do: 'capture',
      service,
      incident,
      evidence: name,
      reason: `${name} is down`,
      commands: true,
    }) as const;

  it('is read a moment later; what fails together in one service shares a pack', async () => {
    const { clock, log, told, dispatcher } = bench();
    dispatcher.perform([
      capture('one', 'api-1'),
      capture('two', 'api-2'),
      capture('three', 'gone-1', 'gone'),
    ]);
    await clock.advance(200);
    expect(log).toEqual([]);
    await clock.advance(3000);
    expect(log).toEqual(['capture one while one is down; while two is down', 'captured']);
    const summary = 'last log line: bye';
    expect(told).toEqual([
      { type: 'evidence-captured', incident: 'api-1', evidence: 'one', summary },
      { type: 'evidence-captured', incident: 'api-2', evidence: 'one', summary },
    ]);
  });

  it('is left out where too many wait for it, and when the agent stops', async () => {
    const { clock, log, dispatcher } = bench({ serviceOf: (name) => ({ ...service, name }) });
    for (let i = 0; i < 30; i++) dispatcher.perform([capture(`pack-${i}`, `s${i}-1`, `s${i}`)]);
    await clock.advance(60_000);
    expect(log.filter((line) => line === 'captured')).toHaveLength(10);
    dispatcher.perform([capture('late', 'a-1', 'a'), capture('later', 'b-1', 'b')]);
    await clock.advance(300);
    const stopped = dispatcher.stop(5000);
    await clock.advance(2000);
    await stopped;
    expect(log.slice(-2)).toEqual(['capture late while late is down', 'captured']);
  });

  it('does not keep an agent from stopping', async () => {
    const { clock, log, dispatcher } = bench({ capture: () => new Promise(() => {}) });
    dispatcher.perform([capture('pack', 'api-1')]);
    await clock.advance(300);
    let stopped = false;
    void dispatcher.stop(5000).then(() => {
      stopped = true;
    });
    await clock.advance(4999);
    expect(stopped).toBe(false);
    await clock.advance(1);
    expect(stopped).toBe(true);
    expect(log).toEqual([]);
  });

  it('is only talked about in a dry run', async () => {
    const said: string[] = [];
    const { clock, log, dispatcher } = bench({ dryRun: (what) => said.push(what) });
    dispatcher.perform([capture('pack', 'api-1')]);
    await clock.advance(5000);
    expect(log).toEqual([]);
    expect(said).toEqual(['would capture evidence of api: pack is down']);
  });
});

describe('the other actions', () => {
  it('nudge one check or all, change the pace, and wake deliveries once', () => {
    const { log, dispatcher } = bench();
    dispatcher.perform([
      { do: 'probe', service: 'api' },
      { do: 'probe', service: 'api', check: 'alive' },
      { do: 'probe', service: 'gone' },
      { do: 'pace', service: 'api', check: 'alive', every: 1000 },
      { do: 'notify', notice: {} as never },
      { do: 'notify', notice: {} as never },
    ]);
    expect(log).toEqual([
      'nudge api/alive',
      'nudge api/responds',
      'nudge api/alive',
      'pace api/alive 1000',
      'deliver',
    ]);
  });
});

describe('one operation', () => {
  const signal = new AbortController().signal;

  function desk(
    operateService: (kind: string) => Promise<OperationResult>,
    forgotten: string[] = [],
  ): ManagerDesk {
    return {
      managerOf: () => ({ operate: operateService }),
      forget: (name: string) => forgotten.push(name),
    } as unknown as ManagerDesk;
  }

  it('goes through the manager, whose next report must be new', async () => {
    const forgotten: string[] = [];
    const parts = { host: createFakeHost(), desk: desk(async () => done, forgotten), onBug: () => {} };
    expect(await operate(parts, service, operation, signal)).toEqual(done);
    expect(forgotten).toEqual(['api']);
  });

  it('says that there is no manager', async () => {
    const none = { managerOf: () => undefined, forget: () => {} } as unknown as ManagerDesk;
    const result = await operate(
      { host: createFakeHost(), desk: none, onBug: () => {} },
      service,
      operation,
      signal,
    );
    expect(result).toMatchObject({ ok: false });
    expect(result.detail).toContain('no manager that could restart it');
  });

  it('ends even when the manager never does, or has a bug', async () => {
    const host = createFakeHost();
    const hung = operate(
      { host, desk: desk(() => new Promise(() => {})), onBug: () => {} },
      service,
      operation,
      signal,
    );
    await host.clock.advance(12_000);
    expect((await hung).detail).toContain('had not ended it after 12 s');
    const bugs: unknown[] = [];
    const broken = await operate(
      { host, desk: desk(() => Promise.reject(new Error('oops'))), onBug: (error) => bugs.push(error) },
      service,
      operation,
      signal,
    );
    expect(broken.ok).toBe(false);
    expect(bugs.length).toBe(1);
  });

  it('runs the command of a repair with what it is about in its environment', async () => {
    const host = createFakeHost();
    const seen: unknown[] = [];
    const commands = {
      run: async (_spec: unknown, options: { env?: unknown }) => {
        seen.push(options.env);
        return { outcome: 'exited', code: 3, stdout: '', stderr: 'no disk\n', tookMs: 7 } as const;
      },
    };
    const command = { argv: ['fix'], shell: false, env: {}, timeout: 1000 };
    const result = await operate(
      { host: { ...host, commands } as never, desk: desk(async () => done), onBug: () => {} },
      service,
      { ...operation, kind: 'run', command },
      signal,
    );
    expect(result).toEqual({
      ok: false,
      detail: 'the command ended with exit code 3',
      output: 'no disk',
      tookMs: 7,
    });
    expect(seen).toEqual([{ WATCHER_SERVICE: 'api', WATCHER_REASON: 'down', WATCHER_INCIDENT: 'api-7K3F' }]);
  });
});
