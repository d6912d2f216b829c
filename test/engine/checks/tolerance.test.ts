import { describe, expect, it } from 'vitest';
import { count, newCheckState } from '../../../src/engine/checks/check-state.ts';
import { flapAfter, percentOfChange } from '../../../src/engine/checks/flapping.ts';
import { describeTolerance, isMet } from '../../../src/engine/checks/tolerance.ts';
import type { Verdict } from '../../../src/model/reading.ts';
import type { Tolerance } from '../../../src/model/service.ts';
import type { FlapState, Sample } from '../../../src/model/state.ts';
import { check } from '../rules.ts';

const letters: Readonly<Record<string, Verdict>> = { o: 'ok', w: 'warning', F: 'failing' };

function samples(text: string): readonly Sample[] {
  return [...text].map((letter, index) => ({
    at: index * 10_000,
    verdict: letters[letter] ?? 'ok',
    text: letter,
  }));
}

/** The level after each reading, ten seconds apart: `o` ok, `w` warning, `F` failing. */
function levels(failAfter: Tolerance, recoverAfter: Tolerance, text: string): string {
  const rule = check('it', { failAfter, recoverAfter });
  let state = newCheckState('it', 0);
  return samples(text)
    .map((sample) => {
      state = count(rule, state, state, sample);
      return state.level === 'failing' ? 'F' : state.level === 'warning' ? 'w' : 'o';
    })
    .join('');
}

const times = (count: number, of = count): Tolerance => ({ count, of });

describe('tolerance', () => {
  it('N in a row', () => {
    expect(levels(times(3), times(2), 'ooFFoFFFoo')).toBe('oooooooFFo');
    expect(levels(times(1), times(1), 'oFoF')).toBe('oFoF');
  });

  it('N of M', () => {
    expect(levels(times(3, 5), times(2), 'FoFoF')).toBe('ooooF');
    expect(levels(times(3, 5), times(2), 'FooFooF')).toBe('ooooooo');
    expect(levels(times(1), times(2, 3), 'FoFooF')).toBe('FFFooF');
  });

  it('a duration needs an unbroken run and a fresh reading', () => {
    expect(levels({ duration: 30_000 }, times(1), 'FFFF')).toBe('oooF');
    expect(levels({ duration: 30_000 }, times(1), 'FFoFFFF')).toBe('ooooooF');
    expect(levels(times(1), { duration: 20_000 }, 'FooFooo')).toBe('FFFFFFo');
    expect(levels({ duration: 300_000 }, times(1), 'F'.repeat(31))).toBe(`${'o'.repeat(30)}F`);
  });

  it('starts counting anew after a change: what led to one does not lead to the next', () => {
    expect(levels(times(3, 5), times(2), 'FFFooFF')).toBe('ooFFooo');
    expect(levels(times(3, 5), times(2), 'FFFooFooFF')).toBe('ooFFoooooF');
  });

  it('warnings count on their own, and failing readings count as at least that', () => {
    expect(levels(times(2), times(2), 'wwFFwwoo')).toBe('owwFFwwo');
    expect(levels(times(2), times(2), 'wFwF')).toBe('owww');
    expect(levels(times(2), times(2), 'FFwo')).toBe('oFFw');
  });

  it('knows when the trouble began', () => {
    const rule = check('it', { failAfter: times(3, 5) });
    let state = newCheckState('it', 0);
    for (const sample of samples('FooooFoFF')) state = count(rule, state, state, sample);
    expect(state).toMatchObject({ level: 'failing', failingSince: 50_000 });
  });

  it('keeps no more readings than it needs', () => {
    let state = newCheckState('it', 0);
    const rule = check('it', { failAfter: times(12, 40) });
    for (const sample of samples('o'.repeat(100))) state = count(rule, state, state, sample);
    expect(state.samples).toHaveLength(40);
  });

  it('needs the newest reading to be on its side', () => {
    const given = { from: -1, runSince: 0, matches: (verdict: Verdict) => verdict === 'failing' };
    expect(isMet(times(2, 3), { ...given, samples: samples('FFo') })).toBe(false);
    expect(isMet(times(2, 3), { ...given, samples: [] })).toBe(false);
  });

  it('says what was counted', () => {
    expect(describeTolerance(times(3))).toBe('3 of 3 cycles');
    expect(describeTolerance(times(5, 6))).toBe('5 of 6 cycles');
    expect(describeTolerance(times(1))).toBe('at once');
    expect(describeTolerance({ duration: 30_000 })).toBe('for 30 s');
  });
});

describe('flapping', () => {
  it('weighs new changes more than old ones, as Nagios does', () => {
    const none = Array<boolean>(20).fill(false);
    expect(percentOfChange(none)).toBe(0);
    expect(percentOfChange(Array<boolean>(20).fill(true))).toBeCloseTo(100);
    expect(percentOfChange(none.with(19, true))).toBeCloseTo(6);
    expect(percentOfChange(none.with(0, true))).toBeCloseTo(4);
  });

  it('has two thresholds', () => {
    let flap: FlapState = { changes: [], flapping: false };
    const seen: boolean[] = [];
    for (let i = 0; i < 60; i++) {
      const verdict = i < 20 && i % 2 === 0 ? 'failing' : 'ok';
      flap = flapAfter(flap, verdict, { low: 20, high: 50 });
      seen.push(flap.flapping);
    }
    expect(seen.indexOf(true)).toBe(9);
    expect(seen.lastIndexOf(true)).toBeGreaterThan(30);
    expect(seen.at(-1)).toBe(false);
  });
});
