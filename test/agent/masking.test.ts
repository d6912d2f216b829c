import { describe, expect, it } from 'vitest';
import { createMasking } from '../../src/agent/masking.ts';
import { compileCondition } from '../../src/conditions/compile.ts';
import { judge } from '../../src/conditions/judge.ts';
import { createRedactor } from '../../src/lib/redactor.ts';
import type { Condition } from '../../src/model/condition.ts';
import type { ProbeResult, ReadingFields } from '../../src/model/reading.ts';
import type { Input } from '../../src/model/step.ts';

const masking = createMasking(createRedactor([{ text: 's3cr3t', source: '${file:/etc/key}' }]));
const fields: ReadingFields = {
  body: { type: 'text', meaning: 'What it says.' },
  status: { type: 'number', quantity: 'count', meaning: 'Its code.' },
};
const place = { file: 'x', line: 1, column: 1, length: 1 };

const observed = (result: ProbeResult): Extract<Input, { type: 'observed' }> => ({
  type: 'observed',
  service: 'api',
  check: 'says',
  result,
  tookMs: 1,
});

function compiled(text: string): Condition {
  const { condition } = compileCondition(text, fields, place);
  if (condition === undefined) throw new Error(`${text} is no condition`);
  return condition;
}

function maskedResult(result: ProbeResult): ProbeResult {
  const input = masking.mask(observed(result));
  if (input.type !== 'observed') throw new Error('it became another input');
  return input.result;
}

describe('masking what goes into the state', () => {
  it('leaves what holds no secret as it is, without a copy', () => {
    const input = observed({ outcome: 'read', reading: { status: 200, body: 'fine' } });
    expect(masking.mask(input)).toBe(input);
  });

  it('takes secrets out of readings and reasons, and leaves the rest of the result', () => {
    const carry = { token: 's3cr3t' };
    expect(maskedResult({ outcome: 'read', reading: { status: 200, body: 'a s3cr3t' }, carry })).toEqual({
      outcome: 'read',
      reading: { status: 200, body: 'a <${file:/etc/key}>' },
      carry,
    });
    expect(maskedResult({ outcome: 'failed', reason: 's3cr3t!', reading: { body: 's3cr3t' } })).toEqual({
      outcome: 'failed',
      reason: '<${file:/etc/key}>!',
      reading: { body: '<${file:/etc/key}>' },
    });
    expect(maskedResult({ outcome: 'unknown', reason: 'no s3cr3t' })).toEqual({
      outcome: 'unknown',
      reason: 'no <${file:/etc/key}>',
    });
  });

  it('takes them out of what managers say', () => {
    const report = {
      intent: 'run',
      activity: 'failed',
      detail: 'said s3cr3t',
      warnings: ['s3cr3t'],
    } as const;
    expect(masking.mask({ type: 'reported', service: 'api', report })).toEqual({
      type: 'reported',
      service: 'api',
      report: { ...report, detail: 'said <${file:/etc/key}>', warnings: ['<${file:/etc/key}>'] },
    });
  });

  it('judges what was read, and masks what the judge says and remembers', () => {
    const judgeMasked = masking.judgeBy((rules, ...rest) => judge(rules, ...rest));
    const rules = { expect: [compiled('body ends with "cr3t"'), compiled('body unchanged')], warn: [] };
    const first = judgeMasked(rules, maskedResult({ outcome: 'read', reading: { body: 'a s3cr3t' } }), {}, 1);
    expect(first.judgement.verdict).toBe('ok');
    const again = judgeMasked(
      rules,
      maskedResult({ outcome: 'read', reading: { body: 'a s3cr3t' } }),
      first.memory,
      2,
    );
    expect(again.judgement.verdict).toBe('ok');
    const other = judgeMasked(
      rules,
      maskedResult({ outcome: 'read', reading: { body: 'b s3cr3t' } }),
      again.memory,
      3,
    );
    expect(other.judgement.verdict).toBe('failing');
    expect(JSON.stringify([first, again, other])).not.toContain('s3cr3t');
    expect(JSON.stringify(other.judgement)).toContain('<${file:/etc/key}>');
  });

  it('shows no part of a secret where a long text is cut, and none that has several lines', () => {
    const secret = 'two "lines"\n of\\secret';
    const other = createMasking(createRedactor([{ text: secret, source: '${file:/etc/key}' }]));
    const judgeMasked = other.judgeBy((rules, ...rest) => judge(rules, ...rest));
    for (const [before, text] of [
      ['x'.repeat(45), 'body contains "fine"'],
      ['x', 'not body contains "lines"'],
    ] as const) {
      const input = other.mask(observed({ outcome: 'read', reading: { body: `${before} ${secret} ` } }));
      if (input.type !== 'observed') throw new Error('it became another input');
      const { judgement } = judgeMasked({ expect: [compiled(text)], warn: [] }, input.result, {}, 1);
      expect(judgement.verdict).toBe('failing');
      expect(JSON.stringify(judgement)).not.toMatch(/two|secret/);
    }
  });
});
