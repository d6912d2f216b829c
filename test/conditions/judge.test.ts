import { describe, expect, it } from 'vitest';
import { judge } from '../../src/conditions/judge.ts';
import type { ConditionMemory } from '../../src/model/condition.ts';
import type { Judgement, ProbeResult, Reading } from '../../src/model/reading.ts';
import { fields, good } from './fields.ts';

const MB = 1024 ** 2;

interface Rules {
  readonly expect?: readonly string[];
  readonly warn?: readonly string[];
}

function rulesOf({ expect: expects = [], warn = [] }: Rules) {
  return {
    expect: expects.map((text) => good(text, 'expect')),
    warn: warn.map((text) => good(text, 'warn')),
  };
}

function judgeOnce(rules: Rules, result: ProbeResult, at = 0): Judgement {
  return judge(rulesOf(rules), result, {}, at).judgement;
}

function read(reading: Reading): ProbeResult {
  return { outcome: 'read', reading };
}

/** Runs readings through the same rules, ten seconds apart unless told; the memory goes through JSON as in a store. */
function run(rules: Rules, results: readonly (Reading | ProbeResult)[], step = 10_000): readonly Judgement[] {
  const compiled = rulesOf(rules);
  let memory: ConditionMemory = {};
  return results.map((result, index) => {
    const one = ('outcome' in result ? result : { outcome: 'read', reading: result }) as ProbeResult;
    const judged = judge(compiled, one, memory, 1_000_000 + index * step);
    memory = JSON.parse(JSON.stringify(judged.memory));
    return judged.judgement;
  });
}

describe('the verdict of a cycle', () => {
  it('is ok when all expectations hold, with the main measurements', () => {
    const rules = { expect: ['status == 200', 'latency < 500 ms'], warn: ['memory > 400 MB'] };
    expect(judgeOnce(rules, read({ status: 200, latency: 41, memory: 41.2 * MB }))).toEqual({
      verdict: 'ok',
      summary: 'status 200, latency 41 ms, memory 41.2 MB',
      findings: [],
    });
    expect(judgeOnce({}, read({ status: 200 })).summary).toBe('ok');
  });

  it('names the headline that it was given', () => {
    const rules = { ...rulesOf({ expect: ['status == 200'] }), headline: ['latency', 'body', 'pid'], fields };
    const { judgement } = judge(rules, read({ status: 200, latency: 41, body: 'x\ny' }), {}, 0);
    expect(judgement.summary).toBe('latency 41 ms, body "x y"');
  });

  it('is failing when one does not hold, and says why', () => {
    expect(judgeOnce({ expect: ['latency < 500 ms'] }, read({ latency: 812 }))).toEqual({
      verdict: 'failing',
      summary: 'latency 812 ms, expected < 500 ms',
      findings: [
        {
          condition: 'latency < 500 ms',
          level: 'failing',
          measured: '812 ms',
          expected: '< 500 ms',
          sentence: 'latency 812 ms, expected < 500 ms',
        },
      ],
    });
  });

  it('is warning when what is worth one holds', () => {
    const rules = { expect: ['memory_tree < 500 MB'], warn: ['memory_tree > 400 MB'] };
    expect(judgeOnce(rules, read({ memory_tree: 412 * MB }))).toMatchObject({
      verdict: 'warning',
      summary: 'memory_tree 412 MB, warning above 400 MB',
      findings: [{ level: 'warning', measured: '412 MB', expected: '<= 400 MB' }],
    });
    expect(judgeOnce(rules, read({ memory_tree: 512 * MB }))).toMatchObject({
      verdict: 'failing',
      summary: 'memory_tree 512 MB, expected < 500 MB',
    });
  });

  it('is unknown when an expectation cannot be decided and nothing fails', () => {
    const rules = { expect: ['status == 200', 'cpu < 50%'] };
    expect(judgeOnce(rules, read({ status: 200 }))).toEqual({
      verdict: 'unknown',
      summary: "'cpu' could not be measured",
      findings: [
        {
          condition: 'cpu < 50%',
          level: 'unknown',
          measured: 'unknown',
          expected: 'cpu < 50%',
          sentence: "'cpu' could not be measured",
        },
      ],
    });
    expect(judgeOnce(rules, read({ status: 500 })).verdict).toBe('failing');
    const warned = { expect: ['status == 200'], warn: ['cpu > 50%', 'latency > 1 s'] };
    expect(judgeOnce(warned, read({ status: 200, latency: 5 })).verdict).toBe('unknown');
    expect(judgeOnce(warned, read({ status: 200, latency: 5000 })).verdict).toBe('warning');
    // A service that may be down is not said to be up with a warning.
    const both = { expect: ['status == 200'], warn: ['latency > 1 s'] };
    expect(judgeOnce(both, read({ latency: 5000 })).verdict).toBe('unknown');
  });

  it('takes null for what could not be measured, but not in JSON', () => {
    expect(judgeOnce({ expect: ['cpu < 50%'] }, read({ cpu: null })).verdict).toBe('unknown');
    expect(judgeOnce({ expect: ['json.x == null'] }, read({ json: { x: null } })).verdict).toBe('ok');
  });

  it('lists at most three of many', () => {
    const rules = { expect: ['status == 200', 'cpu < 5%', 'latency < 1 s', 'running', 'body contains "x"'] };
    const all = judgeOnce(rules, read({ status: 500, cpu: 9, latency: 2000, running: false, body: '' }));
    expect(all.findings).toHaveLength(5);
    expect(all.summary).toBe(
      'status 500, expected == 200; cpu 9%, expected < 5%; latency 2 s, expected < 1 s; and 2 more',
    );
  });
});

describe('probes that saw nothing', () => {
  it('are unknown with their reason when they could not tell, and forget nothing', () => {
    const memory = { windows: { x: { since: 1, points: [1, 2, 3] } } };
    const result = { outcome: 'unknown', reason: 'permission denied' } as const;
    const judged = judge(rulesOf({ expect: ['status == 200'] }), result, memory, 0);
    expect(judged.memory).toBe(memory);
    expect(judged.judgement).toEqual({
      verdict: 'unknown',
      summary: 'permission denied',
      findings: [
        {
          condition: '',
          level: 'unknown',
          measured: 'permission denied',
          expected: '',
          sentence: 'permission denied',
        },
      ],
    });
  });

  it('fail with their reason', () => {
    const failed = { outcome: 'failed', reason: 'connection refused' } as const;
    expect(judgeOnce({ expect: ['status == 200'] }, failed)).toEqual({
      verdict: 'failing',
      summary: 'connection refused',
      findings: [
        {
          condition: '',
          level: 'failing',
          measured: 'connection refused',
          expected: '',
          sentence: 'connection refused',
        },
      ],
    });
    expect(judgeOnce({}, failed).verdict).toBe('failing');
  });

  it('are what was expected when their values say so', () => {
    const gone = { outcome: 'failed', reason: 'no such process', reading: { running: false } } as const;
    expect(judgeOnce({ expect: ['not running'] }, gone)).toEqual({
      verdict: 'ok',
      summary: 'running false',
      findings: [],
    });
    expect(judgeOnce({ expect: ['running == false'], warn: ['memory > 5 MB'] }, gone)).toMatchObject({
      verdict: 'ok',
      summary: 'running false',
    });
    expect(judgeOnce({ expect: ['running'] }, gone).summary).toBe('no such process');
    expect(judgeOnce({ expect: ['not running', 'memory < 5 MB'] }, gone).verdict).toBe('failing');
    expect(judgeOnce({ warn: ['running'] }, gone).verdict).toBe('failing');
  });

  it('prove nothing by what they did not see', () => {
    const refused = { outcome: 'failed', reason: 'connection refused', reading: {} } as const;
    expect(judgeOnce({ expect: ['not json.error exists'] }, refused).verdict).toBe('failing');
    expect(judgeOnce({ expect: ['not (json.error == "x")'] }, refused).verdict).toBe('failing');
    expect(judgeOnce({ expect: ['not cpu exists'] }, refused).verdict).toBe('failing');
    expect(judgeOnce({ expect: ['not header.x exists'] }, refused).verdict).toBe('failing');
  });
});

describe('explanations', () => {
  const reading: Reading = {
    status: 503,
    latency: 812,
    cpu: 83.456,
    memory: 412 * MB,
    memory_total: 1000 * MB,
    memory_tree: 3 * MB,
    used: 95,
    size: 100,
    body: `Internal\nServer "Error" ${'x'.repeat(100)}`,
    state: 'zombie',
    running: false,
    json: { status: 'bad', list: [1, 2], nodes: { a: 1 }, n: 7 },
    header: { 'Content-Type': 'text/html' },
    names: ['a', 'b'],
    modified: 0,
    expires_in: 6.96 * 86_400_000,
  };
  it.each([
    ['status == 200', 'status 503, expected == 200'],
    ['200 == status', 'status 503, expected == 200'],
    ['500 ms > latency', 'latency 812 ms, expected < 500 ms'],
    ['status in [200, 204]', 'status 503, expected in [200, 204]'],
    ['status not in [503, 504]', 'status 503, expected not in [503, 504]'],
    ['memory < 40%', 'memory 41.2% (412 MB), expected < 40%'],
    ['memory_tree < 3 MB', 'memory_tree 3 MB, expected < 3 MB'],
    ['latency < 811.9 ms', 'latency 812 ms, expected < 811.9 ms'],
    ['cpu < 83.4559%', 'cpu 83.456%, expected < 83.4559%'],
    ['expires_in > 7d', 'expires_in 6 d 23 h, expected > 7 d'],
    ['used < size - 10 B', 'used 95 B, expected < size - 10 B (90 B)'],
    ['used / size < 0.9', 'used / size 0.95, expected < 0.9'],
    ['state == "running"', 'state "zombie", expected == "running"'],
    ['running', 'running false, expected true'],
    ['running == true', 'running false, expected == true'],
    ['body contains "ok"', `body "Internal Server \\"Error\\" ${'x'.repeat(35)}…", expected to contain "ok"`],
    ['not names contains "a"', 'names ["a","b"], expected not to contain "a"'],
    ['state starts with "run"', 'state "zombie", expected to start with "run"'],
    ['state not matches /^z/', 'state "zombie", expected not to match /^z/'],
    ['json.status == "ok"', 'json.status "bad", expected == "ok"'],
    ['json.missing == "ok"', 'json.missing missing, expected == "ok"'],
    ['json.list[1] == 3', 'json.list[1] 2, expected == 3'],
    ['json.n < 5', 'json.n 7, expected < 5'],
    ['json.status < 5', 'json.status "bad", expected < 5'],
    ['json.healthy', 'json.healthy missing, expected true'],
    ['json.healthy exists', 'json.healthy missing, expected to exist'],
    ['not json.nodes exists', 'json.nodes {"a":1}, expected not to exist'],
    ['length(json.list) > 2', 'length(json.list) 2, expected > 2'],
    [
      'header.content-type == "application/json"',
      'header.content-type "text/html", expected == "application/json"',
    ],
    ['age(modified) < 1 h', 'age(modified) 3 h, expected < 1 h'],
    ['status == 200 and latency < 1 s', 'status 503, expected == 200'],
    [
      'status == 200 and latency < 1 ms',
      'status 503, latency 812 ms, expected status == 200 and latency < 1 ms',
    ],
    ['status == 200 or status == 204', 'status 503, expected status == 200 or status == 204'],
    [
      'not (status == 503 and latency > 1 ms)',
      'status 503, latency 812 ms, expected status != 503 or latency <= 1 ms',
    ],
    ['not (status >= 500 or running)', 'status 503, expected < 500'],
  ])('%s: %s', (text, sentence) => {
    const judgement = judgeOnce({ expect: [text] }, read(reading), 3 * 3_600_000);
    expect(judgement.verdict).toBe('failing');
    expect(judgement.summary).toBe(sentence);
  });

  it.each([
    ['cpu > 80%', 'cpu 83.5%, warning above 80%'],
    ['expires_in < 21d', 'expires_in 6 d 23 h, warning below 21 d'],
    ['status >= 500', 'status 503, warning at or above 500'],
    ['status == 503', 'status 503, warning at 503'],
    ['state != "running"', 'state "zombie", warning unless "running"'],
    ['status in [500, 503]', 'status 503, warning in [500, 503]'],
    ['state contains "zom"', 'state "zombie", warning when it contains "zom"'],
    ['state matches /^z/', 'state "zombie", warning when it matches /^z/'],
    ['not running', 'running false, warning when it is false'],
    ['json.status exists', 'json.status "bad", warning when it exists'],
    ['cpu > 80% and status == 503', 'cpu 83.5%, status 503, warning when cpu > 80% and status == 503'],
  ])('warn on %s: %s', (text, sentence) => {
    const judgement = judgeOnce({ warn: [text] }, read(reading));
    expect(judgement.verdict).toBe('warning');
    expect(judgement.summary).toBe(sentence);
  });

  it.each([
    ['memory < 40%', { memory: 1 }, "'memory_total', the total of memory, could not be measured"],
    ['memory < 40%', { memory: 1, memory_total: 0 }, "'memory_total', the total of memory, is 0"],
    ['used / size < 0.9', { used: 1, size: 0 }, 'used / size divides by zero'],
    ['cpu < 5% or latency < 1 s', { latency: 2000 }, "'cpu' could not be measured"],
    ['cpu < 5% and latency < 1 s', {}, "'cpu' could not be measured; 'latency' could not be measured"],
    ['avg(cpu, 5m) < 5%', {}, "'cpu' could not be measured"],
    ['pid unchanged', {}, "'pid' could not be measured"],
  ])('%s of %j is undecided: %s', (text, values, reason) => {
    expect(judgeOnce({ expect: [text] }, read(values))).toMatchObject({
      verdict: 'unknown',
      summary: reason,
    });
  });
});

describe('hysteresis', () => {
  it('asks for the clear value once it failed', () => {
    const rules = { expect: ['memory < 500 MB clear at 400 MB'] };
    const found = run(
      rules,
      [450, 510, 450, 399, 450].map((mb) => ({ memory: mb * MB })),
    );
    expect(found.map(({ verdict }) => verdict)).toEqual(['ok', 'failing', 'failing', 'ok', 'ok']);
    expect(found[2]?.summary).toBe('memory 450 MB, expected < 400 MB to clear');
  });

  it('keeps a warning until its clear value', () => {
    const rules = { warn: ['memory > 400 MB clear at 350 MB'] };
    const found = run(
      rules,
      [380, 410, 380, 340, 380].map((mb) => ({ memory: mb * MB })),
    );
    expect(found.map(({ verdict }) => verdict)).toEqual(['ok', 'warning', 'warning', 'ok', 'ok']);
    expect(found[2]?.summary).toBe('memory 380 MB, warning until <= 350 MB');
  });

  it('outlives cycles in which nothing could be measured', () => {
    const rules = { expect: ['memory < 500 MB clear at 400 MB'] };
    const found = run(rules, [
      { memory: 510 * MB },
      {},
      { outcome: 'unknown', reason: 'no permission' },
      { outcome: 'failed', reason: 'no such process' },
      { memory: 450 * MB },
      { memory: 390 * MB },
    ]);
    expect(found.map(({ verdict }) => verdict)).toEqual([
      'failing',
      'unknown',
      'unknown',
      'failing',
      'failing',
      'ok',
    ]);
  });

  it('of whole conditions', () => {
    const rules = { expect: ['memory < 500 MB and cpu < 90% clear at (memory < 400 MB and cpu < 50%)'] };
    const found = run(rules, [
      { memory: 510 * MB, cpu: 10 },
      { memory: 390 * MB, cpu: 60 },
      { memory: 390 * MB, cpu: 40 },
    ]);
    expect(found.map(({ verdict }) => verdict)).toEqual(['failing', 'failing', 'ok']);
  });
});

describe('changes', () => {
  it('are against the last known value', () => {
    const found = run({ expect: ['pid unchanged'] }, [{ pid: 1 }, { pid: 1 }, {}, { pid: 2 }, { pid: 2 }]);
    expect(found.map(({ verdict }) => verdict)).toEqual(['ok', 'ok', 'unknown', 'failing', 'ok']);
    expect(found[3]?.summary).toBe('pid 2 (was 1), expected not to change');
  });

  it('can be what is expected', () => {
    const found = run({ warn: ['body unchanged'] }, [{ body: 'a' }, { body: 'b' }, { body: 'b' }]);
    expect(found.map(({ verdict }) => verdict)).toEqual(['warning', 'ok', 'warning']);
    expect(found[2]?.summary).toBe('body "b", warning when unchanged');
  });

  it('are seen in long texts, lists and JSON without keeping them', () => {
    const long = 'x'.repeat(5000);
    const rules = rulesOf({ expect: ['body unchanged', 'names unchanged', 'json.a unchanged'] });
    const first = judge(rules, read({ body: long, names: ['a'], json: { a: { b: [1] } } }), {}, 0);
    expect(JSON.stringify(first.memory).length).toBeLessThan(400);
    const same = judge(rules, read({ body: long, names: ['a'], json: { a: { b: [1] } } }), first.memory, 1);
    expect(same.judgement.verdict).toBe('ok');
    const other = judge(
      rules,
      read({ body: `${long}x`, names: ['b'], json: { a: { b: [2] } } }),
      first.memory,
      1,
    );
    expect(other.judgement.findings).toHaveLength(3);
    const gone = judge(rules, read({ body: long, names: ['a'], json: {} }), first.memory, 1);
    expect(gone.judgement.summary).toBe('json.a missing, expected not to change');
  });
});

describe('the memory', () => {
  it('is empty for conditions without a past', () => {
    expect(judge(rulesOf({ expect: ['status == 200'] }), read({ status: 1 }), {}, 0).memory).toEqual({});
  });

  it('forgets what no condition asks for any more', () => {
    const old = judge(
      rulesOf({ expect: ['pid unchanged', 'avg(cpu, 5m) < 50%'] }),
      read({ pid: 1, cpu: 5 }),
      {},
      0,
    );
    expect(Object.keys(old.memory)).toEqual(['windows', 'last']);
    expect(judge(rulesOf({ expect: ['pid unchanged'] }), read({ pid: 1 }), old.memory, 1).memory).toEqual({
      last: { pid: { mark: '1', text: '1' } },
    });
  });

  it('does not break on what another version stored', () => {
    const strange = { windows: { 'avg(cpu, 5m)': { since: 'x' } }, last: 5, tripped: [true] };
    const judged = judge(
      rulesOf({ expect: ['avg(cpu, 5m) < 50%', 'pid unchanged'] }),
      read({ cpu: 5, pid: 1 }),
      strange,
      0,
    );
    expect(judged.judgement.verdict).toBe('ok');
  });
});
