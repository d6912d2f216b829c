import type { Expression } from '../model/condition.ts';

/** The expressions directly inside an expression, in the order in which they are written. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.node) {
    case 'number':
    case 'text':
    case 'flag':
    case 'nothing':
    case 'reading':
      return [];
    case 'compare':
    case 'text-test':
    case 'arithmetic':
      return [expression.left, expression.right];
    case 'in':
      return [expression.operand, ...expression.items];
    case 'and':
    case 'or':
      return expression.terms;
    case 'matches':
    case 'exists':
    case 'changed':
    case 'unchanged':
    case 'not':
    case 'negative':
    case 'window':
    case 'age':
    case 'until':
    case 'length':
    case 'share':
      return [expression.operand];
  }
}

/** The expression and everything inside it, outermost first. */
export function* walk(expression: Expression): Generator<Expression> {
  yield expression;
  for (const part of partsOf(expression)) yield* walk(part);
}

/** Whether it has the same value at every cycle, because nothing in it is measured. */
export function isConstant(expression: Expression): boolean {
  if (expression.node === 'reading' || expression.node === 'window') return false;
  if (expression.node === 'age' || expression.node === 'until' || expression.node === 'share') return false;
  return partsOf(expression).every(isConstant);
}

/** The comparisons and tests that `and`, `or` and `not` join. */
export function atomsOf(expression: Expression): readonly Expression[] {
  if (expression.node === 'not') return atomsOf(expression.operand);
  if (expression.node === 'and' || expression.node === 'or') return expression.terms.flatMap(atomsOf);
  return [expression];
}
