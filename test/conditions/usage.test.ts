import { describe, expect, it } from 'vitest';
import { compileCondition } from '../../src/conditions/compile.ts';
import { readingsOf, windowsOf } from '../../src/conditions/usage.ts';
import type { Condition } from '../../src/model/condition.ts';
import type { ReadingFields } from '../../src/model/reading.ts';

const fields: ReadingFields = {
  status: { type: 'number', quantity: 'count', meaning: 'status code' },
  latency: { type: 'number', quantity: 'duration', meaning: 'time to the answer' },
  body: { type: 'text', meaning: 'body' },
  json: { type: 'json', meaning: 'body as JSON' },
  header: { type: 'map', meaning: 'headers' },
  memory: { type: 'number', quantity: 'bytes', meaning: 'memory', total: 'memory_total' },
  memory_total: { type: 'number', quantity: 'bytes', meaning: 'memory of the machine' },
};

function compiled(text: string): Condition {
  const { condition } = compileCondition(text, fields, { file: 'x', line: 1, column: 1, length: 1 });
  if (condition === undefined) throw new Error(`'${text}' is no condition`);
  return condition;
}

describe('the readings of a condition', () => {
  it.each([
    ['status == 200', ['status']],
    ['json.status == "ok"', ['json']],
    ['header.status exists', ['header']],
    ['body matches /status|latency/', ['body']],
    ['body contains "status"', ['body']],
    ['status == 200 or not latency < 1 s', ['latency', 'status']],
    ['memory < 80%', ['memory', 'memory_total']],
    ['memory < 500 MB clear at (memory < 400 MB and status == 200)', ['memory', 'status']],
    ['full_in(memory, 6h) > 1 d', ['memory', 'memory_total']],
    ['count(status == 500, 1h) < 3', ['status']],
  ])('%s', (text, names) => {
    expect([...readingsOf(compiled(text))].sort()).toEqual(names);
  });

  it('come with the windows it looks back over', () => {
    expect(windowsOf(compiled('avg(latency, 5m) < 1 s and max(latency, 1h) < 2 s'))).toEqual([
      300_000, 3_600_000,
    ]);
  });
});
