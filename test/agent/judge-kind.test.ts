import { describe, expect, it } from 'vitest';
import { judgeOf } from '../../src/agent/judge-kind.ts';
import { good } from '../conditions/fields.ts';

const rulesOf = (...texts: readonly string[]) => ({
  expect: texts.map((text) => good(text, 'expect')),
  warn: [],
});

describe('the very same reading again', () => {
  const reading = { status: 200, latency: 41, pid: 7, cpu: 5 };
  const result = { outcome: 'read', reading } as const;

  it('is told the same, without being judged once more', () => {
    const judge = judgeOf({});
    const rules = rulesOf('status == 200');
    const first = judge(rules, result, {}, 0);
    const again = judge(rules, { outcome: 'read', reading }, first.memory, 1000);
    expect(again).toBe(first);
    expect(again.judgement.verdict).toBe('ok');
  });

  it('is judged by the rules that ask, and by their new ones after a reload', () => {
    const judge = judgeOf({});
    judge(rulesOf('status == 200'), result, {}, 0);
    expect(judge(rulesOf('status == 201'), result, {}, 0).judgement.verdict).toBe('failing');
  });

  it.each(['avg(cpu, 5s) < 50%', 'pid unchanged', 'cpu < 50% clear at 40%'])(
    'is judged each time for %s, which remembers',
    (text) => {
      const judge = judgeOf({});
      const rules = rulesOf(text);
      const first = judge(rules, result, {}, 0);
      expect(judge(rules, result, first.memory, 10_000)).not.toBe(first);
    },
  );

  it('is judged anew after a failure between', () => {
    const judge = judgeOf({});
    const rules = rulesOf('status == 200');
    judge(rules, result, {}, 0);
    expect(judge(rules, { outcome: 'failed', reason: 'gone' }, {}, 1).judgement.verdict).toBe('failing');
    expect(judge(rules, { outcome: 'unknown', reason: 'who knows' }, {}, 1).judgement.verdict).toBe(
      'unknown',
    );
  });
});
