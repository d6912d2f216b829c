import type { Expression } from '../../model/condition.ts';
import type { Syntax } from '../syntax.ts';
import { checkComparison } from './check-comparison.ts';
import { domainOf } from './check-sense.ts';
import type { Checking } from './checking.ts';
import { mistake, textOf } from './checking.ts';
import { holdsFor, representatives } from './outcomes.ts';

/** Where a condition stands: what must hold, or what is worth a warning. */
export type Role = 'expect' | 'warn';

const tests = [
  'compare',
  'in',
  'text-test',
  'matches',
  'exists',
  'changed',
  'unchanged',
  'and',
  'or',
  'not',
  'flag',
];

/**
 * `clear at 400 MB` replaces the limit of a single comparison; `clear at (a < 1 and b < 2)` is a condition of its own.
 * Undefined once a mistake was reported.
 */
export function checkClear(
  clear: Syntax,
  condition: Syntax,
  checking: Checking,
  checkTruth: (syntax: Syntax, checking: Checking) => Expression | undefined,
): Expression | undefined {
  if (tests.includes(clear.node)) return checkTruth(clear, checking);
  if (condition.node !== 'compare') {
    const message = "a single value after 'clear at' needs a single comparison before it";
    return mistake(
      checking,
      clear,
      'wrong-clear',
      message,
      'write the whole condition: clear at (memory < 400 MB)',
    );
  }
  if (!/^(<|<=|>|>=)$/.test(condition.operator)) {
    const message = `'clear at' gives another limit to '<' or '>', and this condition has '${condition.operator}'`;
    return mistake(checking, clear, 'wrong-clear', message);
  }
  return checkComparison({ ...condition, right: clear }, checking)?.expression;
}

/** Reports a clear value on the wrong side: it must be harder to be well again than it was to fail. */
export function checkClearSense(
  expression: Expression,
  clear: Expression,
  syntax: Syntax,
  role: Role | undefined,
  checking: Checking,
): boolean {
  const cases = representatives([expression, clear], (operand) => domainOf(operand, checking.fields));
  if (cases === undefined) return true;
  const implies = (a: Expression, b: Expression) =>
    cases.every((one) => !holdsFor(a, one) || holdsFor(b, one));
  const harder = implies(clear, expression);
  const easier = implies(expression, clear);
  const written = textOf(checking, syntax);
  if (harder && easier) {
    mistake(
      checking,
      syntax,
      'wrong-clear',
      `clearing at ${written} is the same as failing there; leave it out`,
    );
    return false;
  }
  if (role === 'warn' ? easier : role === 'expect' ? harder : harder || easier) return true;
  const message =
    role === 'warn'
      ? `a warning that clears at ${written} would clear while it still holds`
      : `a failure that clears at ${written} would clear while the condition still does not hold`;
  mistake(checking, syntax, 'wrong-clear', message, 'the clear value lies on the healthy side of the limit');
  return false;
}
