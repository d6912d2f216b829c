import { compileRegex } from '../../lib/regex/regex.ts';
import type { ComparisonOperator, Expression } from '../../model/condition.ts';
import type { ReadingValue } from '../../model/reading.ts';
import { readerOf } from './read-value.ts';
import type { Evaluate, Scene } from './scene.ts';

const compiled = new WeakMap<Expression, Evaluate<ReadingValue>>();

/** The value of an expression; undefined when something that it needs is absent. */
export function evaluate(expression: Expression, scene: Scene): ReadingValue | undefined {
  return evaluatorOf(expression)(scene);
}

/** Whether a condition's expression holds; undefined when that is not known. A JSON value holds when it is `true`. */
export function truthOf(expression: Expression, scene: Scene): boolean | undefined {
  const value = evaluatorOf(expression)(scene);
  return value === undefined ? undefined : value === true;
}

/** Closures are made once for each expression: walking the tree at every cycle would cost several times as much. */
export function evaluatorOf(expression: Expression): Evaluate<ReadingValue> {
  const known = compiled.get(expression);
  if (known !== undefined) return known;
  const made = compile(expression);
  compiled.set(expression, made);
  return made;
}

function compile(expression: Expression): Evaluate<ReadingValue> {
  switch (expression.node) {
    case 'number':
    case 'text':
    case 'flag': {
      const { value } = expression;
      return () => value;
    }
    case 'nothing':
      return () => null;
    case 'reading':
      return readerOf(expression);
    case 'compare':
      return comparisonOf(expression.operator, evaluatorOf(expression.left), evaluatorOf(expression.right));
    case 'in': {
      const operand = evaluatorOf(expression.operand);
      const items = expression.items.map(evaluatorOf);
      return (scene) => {
        const value = operand(scene);
        return value === undefined ? undefined : some(items, (item) => equal(value, item(scene)));
      };
    }
    case 'text-test':
      return textTestOf(expression.operator, evaluatorOf(expression.left), evaluatorOf(expression.right));
    case 'matches': {
      const operand = evaluatorOf(expression.operand);
      const regex = compileRegex(expression.pattern, expression.flags);
      return (scene) => {
        const value = operand(scene);
        if (value === undefined || 'message' in regex) return undefined;
        return typeof value === 'string' ? regex.test(value) : false;
      };
    }
    case 'exists': {
      const read = readerOf(expression.operand);
      return (scene) => {
        const value = read(scene);
        if (value !== undefined) return value !== null;
        return scene.seen ? false : undefined;
      };
    }
    case 'changed': {
      const { operand } = expression;
      return (scene) => scene.changed(operand);
    }
    case 'unchanged': {
      const { operand } = expression;
      return (scene) => negate(scene.changed(operand));
    }
    case 'and':
    case 'or':
      return chainOf(expression.node, expression.terms.map(evaluatorOf));
    case 'not': {
      const operand = evaluatorOf(expression.operand);
      return (scene) => {
        const value = operand(scene);
        return value === undefined ? undefined : value !== true;
      };
    }
    case 'negative': {
      const operand = evaluatorOf(expression.operand);
      return numeric(
        operand,
        () => 0,
        (value) => -value,
      );
    }
    case 'arithmetic':
      return arithmeticOf(expression.operator, evaluatorOf(expression.left), evaluatorOf(expression.right));
    case 'window':
      return (scene) => scene.window(expression);
    case 'age':
      return numeric(evaluatorOf(expression.operand), now, (value, at) => at - value);
    case 'until':
      return numeric(evaluatorOf(expression.operand), now, (value, at) => value - at);
    case 'length': {
      const operand = evaluatorOf(expression.operand);
      return (scene) => lengthOf(operand(scene));
    }
    case 'share': {
      const total = expression.total;
      return numeric(evaluatorOf(expression.operand), (scene) => scene.reading[total], shareOf);
    }
  }
}

function now(scene: Scene): number {
  return scene.at;
}

function comparisonOf(
  operator: ComparisonOperator,
  left: Evaluate<ReadingValue>,
  right: Evaluate<ReadingValue>,
): Evaluate<boolean> {
  if (operator === '==') return (scene) => equal(left(scene), right(scene));
  if (operator === '!=') return (scene) => negate(equal(left(scene), right(scene)));
  const holds = {
    '<': (a: number, b: number) => a < b,
    '<=': (a: number, b: number) => a <= b,
    '>': (a: number, b: number) => a > b,
    '>=': (a: number, b: number) => a >= b,
  }[operator];
  return (scene) => {
    const a = left(scene);
    const b = right(scene);
    if (typeof a === 'number' && typeof b === 'number') return holds(a, b);
    // What is no number (out of JSON) is neither smaller nor larger.
    return a === undefined || b === undefined ? undefined : false;
  };
}

function equal(a: ReadingValue | undefined, b: ReadingValue | undefined): boolean | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  return JSON.stringify(a) === JSON.stringify(b);
}

function negate(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

/** True when one is, false when all are, else not known. */
function some<T>(items: readonly T[], test: (item: T) => boolean | undefined): boolean | undefined {
  let result: boolean | undefined = false;
  for (const item of items) {
    const value = test(item);
    if (value === true) return true;
    if (value === undefined) result = undefined;
  }
  return result;
}

function chainOf(node: 'and' | 'or', terms: readonly Evaluate<ReadingValue>[]): Evaluate<boolean> {
  const decisive = node === 'or';
  return (scene) => {
    let result: boolean | undefined = !decisive;
    for (const term of terms) {
      const value = term(scene);
      if (value === undefined) result = undefined;
      else if ((value === true) === decisive) return decisive;
    }
    return result;
  };
}

function textTestOf(
  operator: 'contains' | 'starts with' | 'ends with',
  left: Evaluate<ReadingValue>,
  right: Evaluate<ReadingValue>,
): Evaluate<boolean> {
  return (scene) => {
    const whole = left(scene);
    const part = right(scene);
    if (whole === undefined || part === undefined) return undefined;
    if (Array.isArray(whole)) {
      return operator === 'contains' && whole.some((item) => equal(item as ReadingValue, part) === true);
    }
    if (typeof whole !== 'string' || typeof part !== 'string') return false;
    if (operator === 'contains') return whole.includes(part);
    return operator === 'starts with' ? whole.startsWith(part) : whole.endsWith(part);
  };
}

function arithmeticOf(
  operator: '+' | '-' | '*' | '/',
  left: Evaluate<ReadingValue>,
  right: Evaluate<ReadingValue>,
): Evaluate<ReadingValue> {
  switch (operator) {
    case '+':
      return numeric(left, right, (a, b) => a + b);
    case '-':
      return numeric(left, right, (a, b) => a - b);
    case '*':
      return numeric(left, right, (a, b) => a * b);
    case '/':
      return numeric(left, right, (a, b) => (b === 0 ? undefined : a / b));
  }
}

/** Undefined (not known) when a side is absent; null when it is there and no number. */
function numeric(
  left: Evaluate<ReadingValue>,
  right: Evaluate<ReadingValue>,
  result: (a: number, b: number) => number | undefined,
): Evaluate<ReadingValue> {
  return (scene) => {
    const a = left(scene);
    const b = right(scene);
    if (typeof a === 'number' && typeof b === 'number') return result(a, b);
    return a === undefined || b === undefined ? undefined : null;
  };
}

/** In percent. Nothing of nothing (swap where there is none) is nothing: 0%. */
function shareOf(value: number, all: number): number | undefined {
  if (all > 0) return (value / all) * 100;
  return value === 0 && all === 0 ? 0 : undefined;
}

function lengthOf(value: ReadingValue | undefined): ReadingValue | undefined {
  if (value === undefined || value === null) return value;
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return typeof value === 'object' ? Object.keys(value).length : null;
}
