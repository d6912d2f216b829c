import { describe, expect, it } from 'vitest';
import { system } from '../../src/checks/system.ts';
import { createFakeHost, createFakeSystem } from '../fakes/fake-host.ts';
import { lookOnce, readingOf } from './look-once.ts';

describe('the machine', () => {
  it('is measured, with CPU shares from the second look on', async () => {
    const host = createFakeHost();
    const first = await lookOnce(system, '{}', { host });
    expect(readingOf(first)).toMatchObject({
      load1: 0.5,
      load1_per_cpu: 0.13,
      memory: 2e9,
      memory_total: 8e9,
      swap: 0,
      swap_total: 2e9,
      uptime: 86_400_000,
    });
    expect(readingOf(first)).not.toHaveProperty('cpu');
    await host.clock.advance(1000);
    const second = await lookOnce(system, '{}', { host, carry: first.carry });
    expect(readingOf(second)).toMatchObject({ cpu: 10, cpu_user: 10, cpu_wait: 0 });
    expect(readingOf(second)).not.toHaveProperty('cpu_idle');
  });

  it('is looked at twice the first time when somebody asks for a share', async () => {
    const host = createFakeHost();
    const running = lookOnce(system, '{}', { host, wanted: new Set(['cpu_user']) });
    await host.clock.advance(500);
    expect(readingOf(await running)).toMatchObject({ cpu: 10 });
  });

  it('without swap, pressure or limits leaves them out', async () => {
    const host = createFakeHost();
    const memory = { total: 100, available: 60, swapTotal: 0, swapFree: 0 };
    const bare = createFakeHost({ system: createFakeSystem(host.clock.monotonic, () => ({ memory })) });
    const reading = readingOf(await lookOnce(system, '{}', { host: bare }));
    for (const name of ['swap_free', 'pressure_cpu', 'descriptors', 'processes'])
      expect(reading).not.toHaveProperty(name);
  });
});
