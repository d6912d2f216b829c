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
