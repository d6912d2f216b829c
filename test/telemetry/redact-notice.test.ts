import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/lib/redactor.ts';
import { redactNotice } from '../../src/telemetry/redact-notice.ts';
import { redactValue } from '../../src/telemetry/redact-value.ts';
import { failed, failingItem } from '../notifiers/notices.ts';

describe('a notice', () => {
  it('loses its secrets wherever they stand, and keeps the names it is found by', () => {
    const redact = createRedactor([
      { text: 'responds', source: 'a' },
      { text: 'hunter2', source: 'b' },
    ]);
    const notice = { ...failed, title: 'x hunter2', items: [{ ...failingItem, history: ['*hunter2'] }] };
    const clean = redactNotice(notice, redact);
    expect(JSON.stringify(clean)).not.toContain('hunter2');
    expect(clean.items[0]).toMatchObject({ check: 'responds', history: ['*<b>'], evidence: 'api-7K3F' });
    expect(clean).toMatchObject({ id: failed.id, notifier: failed.notifier, title: 'x <b>' });
  });
});

describe('plain data', () => {
  it('keeps its shape', () => {
    const value = { a: [1, true, null, 'pass'], pass: { b: undefined } };
    expect(redactValue(value, (text) => text.replace('pass', '***'))).toEqual({
      a: [1, true, null, '***'],
      pass: { b: undefined },
    });
  });
});
