import { describe, expect, it } from 'vitest';
import { compileCondition } from '../../src/conditions/compile.ts';
import { functionNames } from '../../src/conditions/parse/function-names.ts';
import { conditionReference } from '../../src/conditions/reference.ts';
import { readingsOf, windowsOf } from '../../src/conditions/usage.ts';
import { fields, frames, good } from './fields.ts';

describe('the reference of the language', () => {
  const entries = [...conditionReference.operators, ...conditionReference.functions];

  it.each(entries)('$example is a condition', ({ example }) => expect(frames(example)).toBe(example));

  it('names every function', () => {
    expect(conditionReference.functions.map(({ name }) => name)).toEqual(functionNames);
  });
});

describe('what a condition uses', () => {
  it('are its readings', () => {
    expect([...readingsOf(good('status == 200 and json.a.b == 1'))]).toEqual(['status', 'json']);
    expect([...readingsOf(good('memory < 80%'))]).toEqual(['memory_total', 'memory']);
    expect([...readingsOf(good('full_in > 24h'))].sort()).toEqual(['full_in', 'size', 'used']);
    expect([...readingsOf(good('cpu < 5% clear at (cpu < 4% and latency < 1 s)'))]).toContain('latency');
  });

  it('are its windows', () => {
    expect(windowsOf(good('avg(cpu, 5m) < 80% and rate(used, 1m) < 1 MB/s'))).toEqual([60_000, 300_000]);
    expect(windowsOf(good('full_in > 24h'))).toEqual([3_600_000]);
    expect(windowsOf(good('cpu < 5%'))).toEqual([]);
  });
});

describe('a condition', () => {
  it('is kept when it is right, and reported at its own place when it is not', () => {
    const at = (line: number) => ({ file: 'a.yaml', line, column: 9, length: 1 });
    const compiled = ['status == 200', 'cpu < 50', 'cpu < 50'].map((text, index) =>
      compileCondition(text, fields, at(index + 3), 'expect'),
    );
    const conditions = compiled.flatMap(({ condition }) => condition ?? []);
    const problems = compiled.flatMap((one) => one.problems);
    expect(conditions.map(({ text }) => text)).toEqual(['status == 200']);
    expect(problems.map(({ place }) => [place?.line, place?.column])).toEqual([
      [4, 15],
      [5, 15],
    ]);
  });
});

describe('long texts', () => {
  const terms = (count: number, term: (index: number) => string, join: string) =>
    Array.from({ length: count }, (_, index) => term(index)).join(join);

  it.each([
    ['flat', terms(100, (i) => `json.a${i % 12} == ${i}`, ' or ')],
    ['list', `status in [${terms(380, (i) => String(200 + i), ', ')}]`],
    ['not', `${'not '.repeat(480)}running`],
    ['sum', `used${' + used'.repeat(250)} < size`],
    ['path', `json${'.a'.repeat(900)} == 1`],
    ['blanks', `status${' '.repeat(1900)}== 200`],
  ])('%s: are read', (_name, text) => expect(good(text)).toBeDefined());

  it.each([
    ['parentheses', '('.repeat(1000), 'unexpected-word'],
    ['open classes', `body matches /${'['.repeat(1000)}`, 'unclosed-pattern'],
    ['escaped slashes', `body matches /${'\\/'.repeat(900)}`, 'unclosed-pattern'],
    ['digits', '1'.repeat(1900), 'long-number'],
    ['backslashes', `body == '${'\\'.repeat(1900)}`, 'unclosed-text'],
    ['groups', `body matches /${'(a|'.repeat(49)}b${')'.repeat(49)}{20}/`, 'wrong-pattern'],
  ])('%s: are refused at once', (_name, text, code) => expect(frames(text)).toContain(code));
});
