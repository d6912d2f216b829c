import type { Condition, Expression } from '../model/condition.ts';

/** How tightly each form binds: what binds looser than its surroundings gets parentheses. */
const binding = { or: 1, and: 2, not: 3, test: 4, sum: 5, product: 6, sign: 7, one: 8 } as const;

/** A condition in its one canonical spelling: it parses to the same condition, and equal conditions print alike. */
export function printCondition(condition: Condition): string {
  const { expression, clear } = condition;
  const text = printExpression(expression);
  if (clear === undefined) return text;
  if (sameButRight(expression, clear)) return `${text} clear at ${print(clear.right, binding.sum)}`;
  return `${text} clear at ${print(clear, binding.test)}`;
}

const printed = new WeakMap<Expression, string>();

/** Expressions do not change, and their text is the key of what is remembered of them at every cycle: made once. */
export function printExpression(expression: Expression): string {
  let text = printed.get(expression);
  if (text === undefined) {
    text = print(expression, binding.or);
    printed.set(expression, text);
  }
  return text;
}

type Comparison = Extract<Expression, { node: 'compare' }>;

/** `memory < 500 MB` and `memory < 400 MB`: the short form of `clear at` says it. */
function sameButRight(expression: Expression, clear: Expression): clear is Comparison {
  return (
    expression.node === 'compare' &&
    clear.node === 'compare' &&
    expression.operator === clear.operator &&
    printExpression(expression.left) === printExpression(clear.left)
  );
}

function print(expression: Expression, outside: number): string {
  const [text, own] = write(expression);
  return own < outside ? `(${text})` : text;
}

function write(expression: Expression): readonly [text: string, binding: number] {
  switch (expression.node) {
    case 'number':
      return [expression.text, binding.one];
    case 'text':
      return [JSON.stringify(expression.value), binding.one];
    case 'flag':
      return [String(expression.value), binding.one];
    case 'nothing':
      return ['null', binding.one];
    case 'reading':
      return [expression.name + (expression.path ?? []).map(printStep).join(''), binding.one];
    case 'share':
      return write(expression.operand);
    case 'compare': {
      const { operator, left, right } = expression;
      return [`${print(left, binding.sum)} ${operator} ${print(right, binding.sum)}`, binding.test];
    }
    case 'in': {
      const items = expression.items.map((item) => print(item, binding.sum)).join(', ');
      return [`${print(expression.operand, binding.sum)} in [${items}]`, binding.test];
    }
    case 'text-test': {
      const { operator, left, right } = expression;
      return [`${print(left, binding.sum)} ${operator} ${print(right, binding.sum)}`, binding.test];
    }
    case 'matches': {
      const { operand, pattern, flags } = expression;
      return [`${print(operand, binding.sum)} matches /${pattern}/${flags}`, binding.test];
    }
    case 'exists':
    case 'changed':
    case 'unchanged':
      return [`${print(expression.operand, binding.sum)} ${expression.node}`, binding.test];
    case 'and':
    case 'or': {
      const own = binding[expression.node];
      return [expression.terms.map((term) => print(term, own + 1)).join(` ${expression.node} `), own];
    }
    case 'not':
      return [`not ${print(expression.operand, binding.not)}`, binding.not];
    case 'negative':
      return [`-${print(expression.operand, binding.one)}`, binding.sign];
    case 'arithmetic': {
      const { operator, left, right } = expression;
      const own = operator === '+' || operator === '-' ? binding.sum : binding.product;
      return [`${print(left, own)} ${operator} ${print(right, own + 1)}`, own];
    }
    case 'window': {
      if (expression.name !== undefined) return [expression.name, binding.one];
      const operand = print(expression.operand, binding.or);
      return [`${expression.function}(${operand}, ${expression.windowText})`, binding.one];
    }
    case 'age':
    case 'until':
    case 'length':
      return [`${expression.node}(${print(expression.operand, binding.or)})`, binding.one];
  }
}

function printStep(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  return /^[A-Za-z0-9_$@]+(-+[A-Za-z0-9_$@]+)*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}
