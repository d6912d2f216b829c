import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { domainOf } from '../../src/conditions/check/check-sense.ts';
import { holdsFor, representatives } from '../../src/conditions/check/outcomes.ts';
import { compileCondition } from '../../src/conditions/compile.ts';
import { truthOf } from '../../src/conditions/evaluate/evaluate.ts';
import { judge } from '../../src/conditions/judge.ts';
import { printCondition, printExpression } from '../../src/conditions/print.ts';
import type { Condition } from '../../src/model/condition.ts';
import type { Reading } from '../../src/model/reading.ts';
import { reading, truth } from './arbitrary.ts';
import { fields } from './fields.ts';

const place = { file: 'x.yaml', line: 1, column: 1, length: 1 };

/** The condition, or undefined when it was refused because it can have one outcome only; any other refusal is a bug. */
function compiled(text: string): Condition | undefined {
  const { condition, problems } = compileCondition(text, fields, place);
  for (const problem of problems) expect(problem.code, `${text}: ${problem.message}`).toBe('never-changes');
  return condition;
}

function holds(condition: Condition, values: Reading): boolean | undefined {
  const scene = { reading: values, at: 0, seen: true, window: () => undefined, changed: () => undefined };
  return truthOf(condition.expression, scene);
}

describe('the condition language', () => {
  it('means what plain JavaScript means', () => {
    let tried = 0;
    fc.assert(
      fc.property(truth, fc.array(reading, { minLength: 1, maxLength: 5 }), (one, readings) => {
        const condition = compiled(one.text);
        if (condition === undefined) return;
        tried++;
        for (const values of readings) expect(holds(condition, values), one.text).toBe(one.of(values));
      }),
      { numRuns: 1500 },
    );
    expect(tried).toBeGreaterThan(500);
  });

  it('prints what parses to the same', () => {
    fc.assert(
      fc.property(truth, fc.constantFrom('', ' clear at (running and cpu < 1%)'), (one, clear) => {
        const { condition } = compileCondition(
          `${clear === '' ? one.text : `(${one.text})`}${clear}`,
          fields,
          place,
        );
        if (condition === undefined) return;
        const printed = printCondition(condition);
        const again = compileCondition(printed, fields, place).condition;
        expect(again, printed).toEqual({ ...condition, text: printed });
        expect(printCondition(again as Condition)).toBe(printed);
        // Without the parentheses that the generator puts everywhere.
        expect(printed.length).toBeLessThanOrEqual(condition.text.length + 20);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses as constant only what is constant', () => {
    fc.assert(
      fc.property(truth, fc.array(reading, { minLength: 20, maxLength: 20 }), (one, readings) => {
        const { condition, problems } = compileCondition(one.text, fields, place);
        if (condition !== undefined) return;
        const { column, length } = problems[0]?.place ?? place;
        // What was refused may be a part; all it needs is an oracle, which evaluation is after the test above.
        const part = one.text.slice(column - 1, column - 1 + length);
        if (part !== one.text) return;
        const outcomes = new Set(
          readings.map((values) => one.of(values)).filter((outcome) => outcome !== undefined),
        );
        expect(outcomes.size, one.text).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1500 },
    );
  });

  it('knows all outcomes by the values that stand for all', () => {
    fc.assert(
      fc.property(truth, fc.array(reading, { minLength: 5, maxLength: 5 }), (one, readings) => {
        const condition = compiled(one.text);
        if (condition === undefined) return;
        const cases = representatives([condition.expression], (operand) => domainOf(operand, fields));
        if (cases === undefined) return;
        const possible = new Set(cases.map((values) => holdsFor(condition.expression, values)));
        for (const values of readings) {
          const outcome = holds(condition, values);
          if (outcome !== undefined)
            expect(possible.has(outcome), printExpression(condition.expression)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('judges whatever a probe may bring, and explains it', () => {
    fc.assert(
      fc.property(
        fc.array(truth, { maxLength: 3 }),
        fc.array(truth, { maxLength: 2 }),
        reading,
        (expects, warns, values) => {
          const rules = {
            expect: expects.map(({ text }) => compiled(text)).filter((one) => one !== undefined),
            warn: warns.map(({ text }) => compiled(text)).filter((one) => one !== undefined),
          };
          const { judgement } = judge(rules, { outcome: 'read', reading: values }, {}, 0);
          expect(judgement.summary).not.toMatch(/undefined|NaN|\[object|\n/);
          expect(judgement.verdict === 'ok').toBe(judgement.findings.length === 0);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('random text', () => {
  const pieces = [
    ...Object.keys(fields),
    ...'and or not in contains matches starts ends with exists changed unchanged clear at true false null'.split(
      ' ',
    ),
    ...'avg min max p95 p0 rate delta count full_in age until length'.split(' '),
    ...'== != < <= > >= = => <> && || ! ( ) [ ] , . + - * / % ; " \' \\ $ # : { } ~ ^ | ? _ 😀 é'.split(' '),
    ...'0 1 5 200 1.5 5m 10MB 80% 500ms 1h30m 5/s 5MB/min 99999999999999999999 0.00000001'.split(' '),
    ...'"ok" "" \'x\' /a+/ /(/ /[/i .x [0] ["k"] json.a.b header.x ms MB s h mb sec if for then greater'.split(
      ' ',
    ),
    ' ',
    '\n',
    '\t',
    '\u0000',
    '\ud800',
    'constructor',
    '__proto__',
    'toString',
  ];
  const soup = fc
    .array(fc.constantFrom(...pieces), { maxLength: 14 })
    .chain((words) =>
      fc
        .array(fc.constantFrom('', ' '), { minLength: words.length, maxLength: words.length })
        .map((gaps) => words.map((word, index) => word + gaps[index]).join('')),
    );

  it('is a condition or has problems with places inside it, and nothing is ever thrown', () => {
    fc.assert(
      fc.property(
        fc.oneof({ arbitrary: soup, weight: 4 }, fc.string({ unit: 'binary' }), fc.string()),
        (text) => {
          const { condition, problems } = compileCondition(text, fields, place, 'expect');
          if (condition === undefined) expect(problems.length).toBeGreaterThan(0);
          else {
            const printed = printCondition(condition);
            expect(compileCondition(printed, fields, place, 'expect').condition).toEqual({
              ...condition,
              text: printed,
            });
            judge({ expect: [condition], warn: [] }, { outcome: 'read', reading: {} }, {}, 0);
          }
          for (const problem of problems) {
            const { column = 0, length = 0 } = problem.place ?? {};
            expect(column).toBeGreaterThanOrEqual(1);
            expect(length).toBeGreaterThanOrEqual(1);
            expect(column - 1 + length).toBeLessThanOrEqual(text.length + 1);
            expect(problem.message).not.toMatch(/undefined|NaN|\[object/);
          }
        },
      ),
      { numRuns: 5000 },
    );
  });
});
