import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { domainOf } from '../../src/conditions/check/check-sense.ts';
import { holdsFor, representatives } from '../../src/conditions/check/outcomes.ts';
import { compileCondition } from '../../src/conditions/compile.ts';
import { together } from '../../src/conditions/together.ts';
import type { Condition } from '../../src/model/condition.ts';
import { truth } from './arbitrary.ts';
import { fields } from './fields.ts';

const place = { file: 'x.yaml', line: 1, column: 1, length: 1 };

function conditions(...texts: readonly string[]): readonly Condition[] {
  return texts.flatMap((text) => compileCondition(text, fields, place).condition ?? []);
}

/** What all combinations of all values say, with nothing told apart; undefined where there are more than `most`. */
function bruteForce(given: readonly Condition[], most: number) {
  const expressions = given.map(({ expression }) => expression);
  const cases = representatives(expressions, (operand) => domainOf(operand, fields), most);
  const last = expressions.at(-1);
  if (cases === undefined || last === undefined) return undefined;
  const held = cases.filter((one) => expressions.slice(0, -1).every((other) => holdsFor(other, one)));
  const all = held.filter((one) => holdsFor(last, one));
  return { never: all.length === 0, implied: held.length > 0 && all.length === held.length };
}

const lists = fc
  .array(truth, { minLength: 1, maxLength: 4 })
  .map((texts) => conditions(...texts.map(({ text }) => text)));

describe('conditions together', () => {
  it('never hold, or imply the last, where all combinations of all values say so', () => {
    const seen = { never: 0, implied: 0, neither: 0 };
    fc.assert(
      fc.property(lists, (given) => {
        const wanted = bruteForce(given, 1000);
        if (wanted === undefined) return;
        expect(together(given, fields)).toEqual(wanted);
        // And again, out of memory.
        expect(together(given, fields)).toEqual(wanted);
        seen[wanted.never ? 'never' : wanted.implied ? 'implied' : 'neither']++;
      }),
      { numRuns: 4000 },
    );
    expect(Math.min(seen.never, seen.implied, seen.neither)).toBeGreaterThan(10);
  });

  it('are told apart by what they measure, so that many of them are not too many cases', () => {
    const apart = conditions('cpu > 1%', 'load < 3', 'latency < 2 s', 'running', 'status in [200, 204]');
    const three = conditions('memory < 1 MB or cpu < 1%', 'memory > 2 MB', 'cpu > 2%');
    expect(bruteForce([...apart, ...three], 1000)).toBeUndefined();
    expect(together([...apart, ...three], fields)).toEqual({ never: true, implied: false });
    expect(together([...apart, ...three.slice(1)], fields)).toEqual({ never: false, implied: false });
    const same = conditions('cpu > 0.5%');
    expect(together([...apart, ...three.slice(1, 2), ...same], fields)).toEqual({
      never: false,
      implied: true,
    });
    expect(together([...same, ...apart, ...same], fields)).toEqual({ never: false, implied: true });
    // Where something else never holds, nothing follows from it.
    const never = conditions('pid < 5', 'pid > 9');
    expect(together([...never, ...apart, ...same], fields)).toEqual({ never: true, implied: false });
  });
});
