import { describe, expect, it } from 'vitest';
import type { CheckMemory } from '../../src/agent/look.ts';
import type { ManagerDesk } from '../../src/agent/manager-desk.ts';
import { passOver } from '../../src/agent/pass-over.ts';
import type { CheckKind, Known } from '../../src/checks/check-kind.ts';
import type { ManagerReport } from '../../src/model/manager.ts';
import type { ProbeResult } from '../../src/model/reading.ts';
import type { Check, Service } from '../../src/model/service.ts';
import type { Input } from '../../src/model/step.ts';
import { createFakeHost } from '../fakes/fake-host.ts';

const running: ManagerReport = { intent: 'run', activity: 'running', detail: 'running, pid 7' };

describe('a turn whose result is foregone', () => {
  const up: ProbeResult = { outcome: 'read', reading: { running: true }, carry: 'next' };
  const host = createFakeHost();

  function known(options: {
    calm?: boolean;
    held?: boolean;
    report?: ManagerReport;
    result?: ProbeResult;
    kind?: Partial<CheckKind>;
    settled?: boolean;
    /** Milliseconds for which the result stands. */
    stands?: number;
  }) {
    const told: Input[] = [];
    let passed = 0;
    const asked: Known<never>[] = [];
    const ages: number[] = [];
    const memory: CheckMemory = { carry: 'last', exhibit: { title: 'answer', text: '' } as never };
    const report = 'report' in options ? options.report : running;
    const done = passOver({
      host,
      kind: {
        headline: [],
        foregone: (given: Known<never>) => {
          asked.push(given);
          const result = 'result' in options ? options.result : up;
          return result && { result, until: host.clock.monotonic() + (options.stands ?? 3000) };
        },
        ...options.kind,
      } as unknown as CheckKind,
      service: {
        name: 'api',
        holdWhile: options.held ? [{ exists: '/run/lock' }] : [],
      } as unknown as Service,
      check: { name: 'alive', options: { pss: false }, expect: [], warn: [] } as unknown as Check,
      memory,
      desk: {
        managerOf: () => ({}),
        age: () => 1000,
        remembered: (_service: string, age: number) => {
          ages.push(age);
          return report;
        },
      } as unknown as ManagerDesk,
      judged: new Set<string>(),
      calm: () => options.calm ?? true,
      tell: (inputs) => void told.push(...inputs),
      holding: async () => {},
      judge: (result) => result,
      settled: () => options.settled ?? false,
      onPassedOver(turns) {
        passed += turns;
      },
      onBug: () => {},
    });
    return { done, told, passed, asked, ages, memory };
  }

  it('is told without a look, and what the probe carries goes on', () => {
    const { done, told, passed, asked, ages, memory } = known({});
    // The next turn is to be told, too.
    expect(done).toBe(Number.NEGATIVE_INFINITY);
    expect(passed).toBe(0);
    expect(memory.passedAt).toBeUndefined();
    expect(told).toEqual([
      expect.objectContaining({ type: 'observed', service: 'api', check: 'alive', result: up, tookMs: 0 }),
    ]);
    expect(asked[0]).toMatchObject({ carry: 'last', report: running, options: { pss: false } });
    // A manager that tells of no changes is asked anew after five seconds.
    expect(ages).toEqual([5000]);
    expect(memory).toMatchObject({ carry: 'next', exhibitIsOld: true });
  });

  it('is told to nobody where it would be no news', () => {
    const { done, told, passed, memory } = known({ settled: true });
    expect(done).toBe(host.clock.instant().now + 3000);
    expect(told).toEqual([]);
    expect(passed).toBe(1);
    expect(memory).toMatchObject({ carry: 'next', exhibitIsOld: true, passedAt: expect.any(Number) });
  });

  it('stands no longer than what the manager said', () => {
    // It is a second old, and may be five.
    expect(known({ settled: true, stands: 9000 }).done).toBe(host.clock.instant().now + 4000);
  });

  it.each([
    ['something is wrong with the service', { calm: false }],
    ['it may be held', { held: true }],
    ['the manager has to be asked', { report: undefined }],
    ['the kind is not sure', { result: undefined }],
    ['the kind never is', { kind: { foregone: undefined } }],
  ])('is none where %s', (_name, options) => {
    const { done, told, memory } = known(options as Parameters<typeof known>[0]);
    expect(done).toBeUndefined();
    expect(told).toEqual([]);
    expect(memory.carry).toBe('last');
  });
});
