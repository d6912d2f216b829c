import { expect, it } from 'vitest';
import { createEvidenceLine, type EvidenceOrder } from '../../../src/agent/evidence/evidence-line.ts';
import type { Service } from '../../../src/model/service.ts';
import type { Input } from '../../../src/model/step.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';

const order = (n: number): EvidenceOrder => ({
  service: { name: `s${n}` } as Service,
  incident: `s${n}-1234`,
  name: `s${n}-1234-1`,
  occasion: { text: 'before restart', commands: true },
});

it('holds no more packs of repairs than can be read while they are about the present', async () => {
  const clock = createFakeClock();
  const told: Input[] = [];
  const line = createEvidenceLine({
    capture: async () => ({ summary: 'captured' }),
    tell: (input) => told.push(input),
    after: (ms, run) => clock.after(ms, run),
  });
  const all = Array.from({ length: 130 }, (_, n) => line.soon(order(n)));
  await clock.advance(60_000);
  await Promise.all(all);
  const summaries = told.map((input) => (input.type === 'evidence-captured' ? input.summary : ''));
  expect(summaries.filter((text) => text === 'captured')).toHaveLength(100);
  expect(summaries.filter((text) => text === 'not captured: 100 others were waiting')).toHaveLength(30);
  const later = line.soon(order(200));
  await clock.advance(1000);
  await later;
  expect(told.at(-1)).toMatchObject({ incident: 's200-1234', summary: 'captured' });
});

it('waits while repairs keep beginning, but not for ever', async () => {
  const clock = createFakeClock();
  const captured: number[] = [];
  const line = createEvidenceLine({
    capture: async () => {
      captured.push(clock.monotonic() - began);
      return { summary: 'captured' };
    },
    tell() {},
    after: (ms, run) => clock.after(ms, run),
  });
  const began = clock.monotonic();
  const all: Promise<void>[] = [];
  for (let n = 0; n < 5; n += 1) {
    all.push(line.soon(order(n)));
    await clock.advance(130);
  }
  expect(captured).toEqual([]);
  await clock.advance(1000);
  // The last one began after 520 ms; the moment of 250 ms after that is the first without another.
  expect(captured[0]).toBe(1000);
  await clock.advance(10_000);
  await Promise.all(all);
  expect(captured).toHaveLength(5);
  captured.length = 0;
  const storm = clock.monotonic() - began;
  const last = async (moments: number): Promise<void> => {
    for (let n = 0; n < moments; n += 1) {
      void line.soon(order(n));
      await clock.advance(200);
    }
  };
  await last(75);
  // Ten seconds once, and then two for each pack.
  expect(captured.map((at) => at - storm)).toEqual([10_000, 12_000, 14_000]);
  // Once nothing begins any more, they are read one after the other, and the next storm is a new one.
  await clock.advance(60_000);
  expect(captured).toHaveLength(75);
  captured.length = 0;
  const next = clock.monotonic() - began;
  await last(51);
  expect(captured.map((at) => at - next)).toEqual([10_000]);
});
