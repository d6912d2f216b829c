import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WindowMemory } from '../../../src/conditions/evaluate/window.ts';
import { addSample, mostPoints, windowValue } from '../../../src/conditions/evaluate/window.ts';
import { judge } from '../../../src/conditions/judge.ts';
import type { ConditionMemory, WindowFunction } from '../../../src/model/condition.ts';
import type { Reading } from '../../../src/model/reading.ts';
import { good } from '../fields.ts';

const minute = 60_000;

/** The value of a window after each of the samples; times in milliseconds. */
function values(
  name: WindowFunction,
  window: number,
  samples: readonly (readonly [at: number, value: number])[],
  full?: number,
) {
  let memory: WindowMemory | undefined;
  return samples.map(([at, value]) => {
    memory = addSample(name, window, memory, at, value);
    return windowValue(name, window, memory, at, value, full);
  });
}

/** One sample a minute. */
function everyMinute(list: readonly number[]): readonly (readonly [number, number])[] {
  return list.map((value, index) => [index * minute, value] as const);
}

describe('windows', () => {
  it.each([
    ['avg', [undefined, undefined, 2, 2.5, 3.5]],
    ['min', [undefined, undefined, 1, 1, 2]],
    ['max', [undefined, undefined, 3, 4, 5]],
    ['count', [undefined, undefined, 6, 10, 14]],
    ['p50', [undefined, undefined, 2, 2, 3]],
    ['p95', [undefined, undefined, 3, 4, 5]],
    ['delta', [undefined, undefined, 2, 3, 4]],
    ['rate', [undefined, undefined, 1 / 60, 1 / 60, 1 / 60]],
    ['full_in', [undefined, undefined, 7 * minute, 6 * minute, 5 * minute]],
  ] as const)('%s over the last four minutes of 1 2 3 4 5', (name, expected) => {
    // The window of 3.5 minutes holds four samples; a trend also looks at the one just before it.
    const found = values(name, 3.5 * minute, everyMinute([1, 2, 3, 4, 5]), 10);
    expect(found.map((value) => (value === undefined ? undefined : Math.round(value * 1e6) / 1e6))).toEqual(
      expected.map((value) => (value === undefined ? undefined : Math.round(value * 1e6) / 1e6)),
    );
  });

  it('never fill up for what does not grow', () => {
    expect(values('full_in', 2 * minute, everyMinute([5, 5, 5, 5]), 10).at(-1)).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(values('full_in', 2 * minute, everyMinute([5, 4, 3, 2]), 10).at(-1)).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(values('full_in', 2 * minute, everyMinute([5, 6, 7, 10]), 10).at(-1)).toBe(0);
  });

  it('begin to fill anew after a gap', () => {
    const samples = [
      ...everyMinute([1, 2, 3]),
      [60 * minute, 9],
      [61 * minute, 9],
      [62 * minute, 9],
    ] as const;
    expect(values('avg', 4 * minute, samples)).toEqual([undefined, undefined, 2, undefined, undefined, 9]);
    expect(values('rate', 4 * minute, samples).slice(3)).toEqual([undefined, undefined, 0]);
  });

  it('know a trend also where samples are further apart than the window', () => {
    const samples = [
      [0, 0],
      [15 * minute, 900],
      [30 * minute, 1800],
    ] as const;
    expect(values('rate', 10 * minute, samples)).toEqual([undefined, 1, 1]);
  });

  it('survive a clock that was set back', () => {
    const samples = [
      [100 * minute, 1],
      [102 * minute, 1],
      [50 * minute, 5],
      [52 * minute, 5],
    ] as const;
    expect(values('avg', 4 * minute, samples)).toEqual([undefined, 1, undefined, 5]);
  });

  it('stay small however long and dense they are, and nearly right', () => {
    let memory: WindowMemory | undefined;
    const window = 24 * 60 * minute;
    let last = 0;
    for (let at = 0; at <= window; at += 5000) {
      last = (at / 5000) % 100;
      memory = addSample('avg', window, memory, at, last);
      expect(memory.points.length / 3).toBeLessThanOrEqual(mostPoints + 1);
    }
    expect(memory).toBeDefined();
    expect(windowValue('avg', window, memory as WindowMemory, window, last)).toBeCloseTo(49.5, 0);
    expect(JSON.stringify(memory).length).toBeLessThan(15_000);
  });

  it('keep extremes and counts exact when neighbours are joined', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 2000 }), (list) => {
        const window = 2000 * 1000;
        for (const [name, whole] of [
          ['max', Math.max(...list)],
          ['min', Math.min(...list)],
          ['count', list.reduce((a, b) => a + b, 0)],
        ] as const) {
          let memory: WindowMemory | undefined;
          list.forEach((value, index) => {
            memory = addSample(name, window, memory, index * 1000, value);
          });
          const at = window / 2 + (list.length - 1) * 1000;
          expect(windowValue(name, window * 2, { since: -window, points: memory?.points ?? [] }, at, 0)).toBe(
            whole,
          );
        }
      }),
      { numRuns: 30 },
    );
  });

  it('give what a plain calculation over the same samples gives', () => {
    const samples = fc.array(
      fc.tuple(fc.integer({ min: 1500, max: 40_000 }), fc.integer({ min: -50, max: 50 })),
      {
        minLength: 2,
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(samples, (steps) => {
        const window = 5 * minute;
        let at = 0;
        const all = steps.map(([gap, value]) => {
          at += gap;
          return [at, value] as const;
        });
        const inside = all.filter(([time]) => time >= at - window).map(([, value]) => value);
        const sorted = [...inside].sort((a, b) => a - b);
        const oracle = {
          avg: inside.reduce((a, b) => a + b, 0) / inside.length,
          min: sorted[0],
          max: sorted.at(-1),
          p90: sorted[Math.ceil(0.9 * sorted.length) - 1],
        };
        for (const name of ['avg', 'min', 'max', 'p90'] as const) {
          // Samples closer together than a point's width are joined; these never are.
          const found = values(name, window, all).at(-1);
          if (at - (all[0]?.[0] ?? 0) < window / 2) expect(found).toBeUndefined();
          else expect(found).toBeCloseTo(oracle[name] ?? 0, 9);
        }
      }),
    );
  });
});

describe('conditions over windows', () => {
  const rules = (expects: readonly string[], warns: readonly string[] = []) => ({
    expect: expects.map((text) => good(text, 'expect')),
    warn: warns.map((text) => good(text, 'warn')),
  });

  function run(compiled: ReturnType<typeof rules>, readings: readonly Reading[]) {
    let memory: ConditionMemory = {};
    return readings.map((reading, index) => {
      const judged = judge(compiled, { outcome: 'read', reading }, memory, index * minute);
      memory = JSON.parse(JSON.stringify(judged.memory));
      return judged.judgement;
    });
  }

  it('are fine while they fill, and say so', () => {
    const found = run(
      rules(['avg(cpu, 4m) < 50%']),
      [90, 90, 90].map((cpu) => ({ cpu })),
    );
    expect(found.map(({ verdict }) => verdict)).toEqual(['ok', 'ok', 'failing']);
    expect(found[1]?.summary).toBe('ok (avg(cpu, 4m) has seen 1 m of its 4 m)');
    expect(found[2]?.summary).toBe('avg(cpu, 4m) 90%, expected < 50%');
  });

  it('do not recover by a gap', () => {
    const compiled = rules(['avg(cpu, 4m) < 50%']);
    let memory: ConditionMemory = {};
    const at = (time: number, cpu: number) => {
      const judged = judge(compiled, { outcome: 'read', reading: { cpu } }, memory, time * minute);
      memory = judged.memory;
      return judged.judgement.verdict;
    };
    expect([0, 1, 2].map((time) => at(time, 90))).toEqual(['ok', 'ok', 'failing']);
    expect([60, 61].map((time) => at(time, 10))).toEqual(['unknown', 'unknown']);
    expect(at(62, 10)).toBe('ok');
  });

  it('decide early where more samples cannot matter', () => {
    const found = run(
      rules(['count(pid changed, 24h) < 2']),
      [1, 2, 2, 3, 3].map((pid) => ({ pid })),
    );
    expect(found.map(({ verdict }) => verdict)).toEqual(['ok', 'ok', 'ok', 'failing', 'failing']);
    expect(found[3]?.summary).toBe('count(pid changed, 24h) 2, expected < 2');
    expect(run(rules(['max(latency, 1h) < 1 s']), [{ latency: 2000 }])[0]?.verdict).toBe('failing');
    expect(run(rules(['max(latency, 1h) > 1 s']), [{ latency: 2 }])[0]?.verdict).toBe('ok');
    expect(run(rules(['min(free, 1h) > 1 GB']), [{ free: 5 }])[0]?.verdict).toBe('failing');
    expect(run(rules(['not max(latency, 1h) >= 1 s']), [{ latency: 2000 }])[0]?.verdict).toBe('failing');
    expect(run(rules(['count(running, 1h) != 0']), [{ running: false }])[0]?.verdict).toBe('ok');
    expect(
      run(rules(['count(running, 1h) > 2 and count(running, 1h) < 5']), [{ running: true }])[0]?.verdict,
    ).toBe('ok');
  });

  it('take one sample a cycle, however many conditions look', () => {
    const compiled = rules(['count(running, 4m) < 9', 'count(running, 4m) < 8'], ['count(running, 4m) > 7']);
    let memory: ConditionMemory = {};
    for (let index = 0; index < 3; index++) {
      memory = judge(
        compiled,
        { outcome: 'read', reading: { running: true } },
        memory,
        index * minute,
      ).memory;
    }
    expect(memory).toEqual({
      windows: { 'count(running, 4m)': { since: 0, points: [0, 1, 1, minute, 1, 1, 2 * minute, 1, 1] } },
    });
  });

  it('are carried over when only their limit changes', () => {
    const before = judge(
      rules(['avg(cpu, 4m) < 50%']),
      { outcome: 'read', reading: { cpu: 9 } },
      {},
      0,
    ).memory;
    const later = judge(
      rules(['avg(cpu, 4m) < 60%']),
      { outcome: 'read', reading: { cpu: 9 } },
      before,
      2 * minute,
    );
    expect(later.judgement.summary).toBe('avg(cpu, 4m) 9%');
  });

  it('give a share of the total', () => {
    const found = run(
      rules(['avg(memory, 4m) < 80%']),
      [90, 90, 90].map((memory) => ({ memory, memory_total: 100 })),
    );
    expect(found[2]?.summary).toBe('avg(memory, 4m) 90% (90 B), expected < 80%');
  });

  it('take nothing of nothing for nothing: swap where there is none', () => {
    const readings = Array.from({ length: 8 }, () => ({ used: 0, size: 0, memory: 0, memory_total: 0 }));
    const found = run(rules(['memory < 80%', 'avg(memory, 4m) < 80%', 'full_in(used, 4m) > 24h']), readings);
    expect(found.at(-1)).toMatchObject({ verdict: 'ok' });
    expect(found.at(-1)?.summary).toContain('memory 0% (0 B)');
  });

  it('foresee when something is full', () => {
    const readings = Array.from({ length: 40 }, (_, index) => ({ used: 1000 + index, size: 1100 }));
    const found = run(rules(['full_in > 24h', 'full_in(used, 10m) > 24h']), readings);
    expect(found[0]?.verdict).toBe('ok');
    // The declared forecast looks back an hour, and so speaks after half of one.
    expect(found[5]?.findings.map(({ sentence }) => sentence)).toEqual([
      'full_in(used, 10m) 1 h 35 m, expected > 24 h',
    ]);
    expect(found[39]?.findings.map(({ sentence }) => sentence)).toEqual([
      'full_in 1 h 1 m, expected > 24 h',
      'full_in(used, 10m) 1 h 1 m, expected > 24 h',
    ]);
    const quiet = run(
      rules(['full_in > 24h']),
      Array.from({ length: 40 }, () => ({ used: 1000, size: 1100 })),
    );
    expect(quiet.at(-1)?.summary).toBe('full_in never');
    expect(run(rules(['full_in > 24h']), [{ used: 5 }])[0]?.summary).toBe("'size' could not be measured");
  });
});
