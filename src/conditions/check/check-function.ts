import { formatDuration } from '../../lib/duration.ts';
import { nearestWord } from '../../lib/nearest.ts';
import type { Measure } from '../../lib/quantity.ts';
import type { Expression, WindowExpression, WindowFunction } from '../../model/condition.ts';
import { functionNames } from '../parse/function-names.ts';
import type { Span, Syntax } from '../syntax.ts';
import { checkNumber } from './check-arithmetic.ts';
import { nearestReading } from './check-reading.ts';
import type { Checking } from './checking.ts';
import { mistake, textOf } from './checking.ts';
import type { NumberType, Typed } from './value-type.ts';
import { typeName } from './value-type.ts';

type Call = Extract<Syntax, { node: 'call' }> & Span;
type CheckTruth = (syntax: Syntax, checking: Checking) => Expression | undefined;

/** The longest window: samples are kept in memory and on disk. */
const longestWindow = 31 * 86_400_000;

const plain: Measure = { quantity: 'count' };

/** `avg(cpu, 5m)`, `age(modified)`, `length(json.items)`. */
export function checkFunction(call: Call, checking: Checking, checkTruth: CheckTruth): Typed | undefined {
  const { name } = call;
  if (name === 'age' || name === 'until') return checkAge(call, name, checking);
  if (name === 'length') return checkLength(call, checking);
  if (!isWindowFunction(name)) return unknownFunction(call, checking);
  if (checking.inWindow) {
    return mistake(checking, call, 'nested-window', 'a windowed function cannot stand inside another one');
  }
  const [first, second, ...more] = call.arguments;
  if (first === undefined || second === undefined || more.length > 0) {
    const message = `'${name}' takes two things: what to look at, and for how long`;
    return mistake(
      checking,
      call,
      'wrong-arguments',
      message,
      `write: ${exampleCall(name, checking, first)}`,
    );
  }
  const window = readWindow(second, checking);
  const inside: Checking = { ...checking, inWindow: true };
  if (name === 'count') {
    const operand = checkTruth(first, inside);
    return operand && window && windowed(name, operand, window, { type: 'number', measure: plain, min: 0 });
  }
  const operand = checkNumber(first, inside);
  if (operand === undefined || window === undefined) return undefined;
  const type = resultType(name, first, operand.type, checking);
  return type && windowed(name, operand.expression, window, type);
}

function isWindowFunction(name: string): name is WindowFunction {
  return /^(avg|min|max|rate|delta|count|full_in|p[1-9]\d?)$/.test(name);
}

interface Window {
  readonly window: number;
  readonly windowText: string;
}

function windowed(name: WindowFunction, operand: Expression, window: Window, type: NumberType): Typed {
  const reaches = name === 'full_in' && type.total !== undefined ? { reaches: type.total } : {};
  const { total, ...rest } = type;
  const expression: WindowExpression = {
    node: 'window',
    function: name,
    operand,
    ...window,
    measure: type.measure,
    ...reaches,
  };
  return { expression, type: name === 'full_in' || total === undefined ? rest : type };
}

function readWindow(syntax: Syntax, checking: Checking): Window | undefined {
  const written = textOf(checking, syntax);
  if (
    syntax.node !== 'number' ||
    syntax.measure?.quantity !== 'duration' ||
    syntax.measure.per !== undefined
  ) {
    const bare = syntax.node === 'number' && syntax.measure === undefined;
    const hint = `for example: ${bare ? `${written}m` : '5m'}`;
    return mistake(
      checking,
      syntax,
      bare ? 'missing-unit' : 'wrong-unit',
      `'${written}' is no duration`,
      hint,
    );
  }
  if (syntax.value < 1000 || syntax.value > longestWindow) {
    const message = `a window is 1 s to ${formatDuration(longestWindow)} long`;
    return mistake(checking, syntax, 'wrong-window', message);
  }
  return { window: syntax.value, windowText: syntax.text.replaceAll(' ', '') };
}

/** What the function makes of its operand's type; a mistake where that has no meaning. */
function resultType(
  name: WindowFunction,
  syntax: Syntax,
  operand: NumberType,
  checking: Checking,
): NumberType | undefined {
  const { measure } = operand;
  const time = measure.quantity === 'timestamp';
  if (name === 'delta') return { type: 'number', measure: time ? { quantity: 'duration' } : measure };
  if (time) {
    const written = textOf(checking, syntax);
    return mistake(
      checking,
      syntax,
      'wrong-type',
      `'${written}' is a point in time, and '${name}' needs an amount`,
    );
  }
  if (name === 'rate') {
    if (measure.per === undefined)
      return { type: 'number', measure: { quantity: measure.quantity, per: 'second' } };
    const written = textOf(checking, syntax);
    const hint = `write: avg(${written}, 5m)`;
    return mistake(checking, syntax, 'wrong-type', `'${written}' is already ${typeName(operand)}`, hint);
  }
  if (name === 'full_in') {
    if (operand.remaining === true) {
      const message = `'${textOf(checking, syntax)}' is what is left, which falls as it fills`;
      return mistake(checking, syntax, 'wrong-type', message, fillingHint(operand.total, checking));
    }
    if (operand.total !== undefined) {
      return { type: 'number', measure: { quantity: 'duration' }, total: operand.total, min: 0 };
    }
    const message = `'full_in' needs a reading whose total is known, and '${textOf(checking, syntax)}' has none`;
    return mistake(checking, syntax, 'wrong-type', message);
  }
  // Averages, extremes and percentiles stay within what the reading can be.
  return operand;
}

/** The reading that rises to this total. */
function fillingHint(total: string | undefined, { fields }: Checking): string | undefined {
  const name = Object.keys(fields).find((one) => {
    const field = fields[one];
    return field?.type === 'number' && field.total === total && field.remaining !== true;
  });
  return name === undefined ? undefined : `did you mean '${name}'?`;
}

function checkAge(call: Call, name: 'age' | 'until', checking: Checking): Typed | undefined {
  const [first, ...more] = call.arguments;
  if (first === undefined || more.length > 0) {
    return mistake(checking, call, 'wrong-arguments', `'${name}' takes one thing: a point in time`);
  }
  const operand = checkNumber(first, checking);
  if (operand === undefined) return undefined;
  const { measure } = operand.type;
  if (measure.quantity !== 'timestamp') {
    const written = textOf(checking, first);
    const hint = measure.quantity === 'duration' ? `compare it as it is: ${written} < 1 h` : undefined;
    return mistake(
      checking,
      first,
      'wrong-type',
      `'${written}' is ${typeName(operand.type)}, not a point in time`,
      hint,
    );
  }
  const duration: Measure = { quantity: 'duration' };
  const expression = { node: name, operand: operand.expression, measure: duration } as const;
  return { expression, type: { type: 'number', measure: duration } };
}

function checkLength(call: Call, checking: Checking): Typed | undefined {
  const [first, ...more] = call.arguments;
  if (first === undefined || more.length > 0) {
    return mistake(checking, call, 'wrong-arguments', "'length' takes one thing: a list or a text");
  }
  const operand = checking.check(first, checking);
  if (operand === undefined) return undefined;
  if (!['list', 'text', 'any', 'map'].includes(operand.type.type)) {
    const message = `'${textOf(checking, first)}' is ${typeName(operand.type)} and has no length`;
    return mistake(checking, first, 'wrong-type', message);
  }
  const expression = { node: 'length', operand: operand.expression, measure: plain } as const;
  return { expression, type: { type: 'number', measure: plain, min: 0 } };
}

function unknownFunction(call: Call, checking: Checking): undefined {
  const near = nearestWord(call.name, functionNames);
  const message = `there is no function '${call.name}'; there are ${functionNames.join(', ')}`;
  const isReading = Object.hasOwn(checking.fields, call.name);
  const hint = isReading
    ? `'${call.name}' is a reading: write it without parentheses`
    : ((near && `did you mean '${near}'?`) ?? nearestReading(call.name, checking));
  const end = call.start + call.name.length;
  return mistake(checking, { start: call.start, end }, 'unknown-function', message, hint);
}

function exampleCall(name: string, checking: Checking, first: Syntax | undefined): string {
  if (name === 'count') return 'count(latency > 1 s, 5m)';
  return `${name}(${first === undefined ? 'cpu' : textOf(checking, first)}, 5m)`;
}
