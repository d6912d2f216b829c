import { nearestWord } from '../../lib/nearest.ts';
import type { Expression, ReadingExpression } from '../../model/condition.ts';
import type { ReadingField } from '../../model/reading.ts';
import { otherReadings } from '../parse/words.ts';
import type { PathSyntax, Span } from '../syntax.ts';
import type { Checking } from './checking.ts';
import { mistake, textOf } from './checking.ts';
import type { Typed, ValueType } from './value-type.ts';

/** How long the past is that a forecast is made from, where its kind does not say. */
const forecastWindow = 6 * 3_600_000;

/** A reading by its name, with the path below it. */
export function checkReading(syntax: PathSyntax & Span, checking: Checking): Typed | undefined {
  const { name, path } = syntax;
  const field = Object.hasOwn(checking.fields, name) ? checking.fields[name] : undefined;
  if (field === undefined) return unknownReading(syntax, checking);
  if (field.type === 'number' && field.forecast !== undefined && path.length === 0) {
    return forecast(syntax, field, checking);
  }
  if (path.length === 0) {
    const measure = field.type === 'number' ? measureOfField(field) : undefined;
    const expression: ReadingExpression = {
      node: 'reading',
      name,
      type: field.type,
      ...(measure && { measure }),
    };
    return { expression, type: typeOfField(field) };
  }
  if (field.type === 'json' || field.type === 'list') {
    return { expression: { node: 'reading', name, type: field.type, path }, type: { type: 'any' } };
  }
  if (field.type === 'map') {
    const [key] = path;
    if (path.length > 1 || typeof key !== 'string') {
      return mistake(
        checking,
        syntax,
        'wrong-path',
        `'${name}' has one name below it, as in ${name}.some-name`,
      );
    }
    const expression = { node: 'reading', name, type: 'map', path: [key.toLowerCase()] } as const;
    return { expression, type: { type: 'text' } };
  }
  const hint = nearestReading(`${name}_${path.join('_')}`, checking);
  return mistake(checking, syntax, 'wrong-path', `'${name}' has nothing below it`, hint);
}

function measureOfField(field: Extract<ReadingField, { type: 'number' }>) {
  return field.per === undefined
    ? { quantity: field.quantity }
    : { quantity: field.quantity, per: field.per };
}

function typeOfField(field: ReadingField): ValueType {
  switch (field.type) {
    case 'number':
      return {
        type: 'number',
        measure: measureOfField(field),
        ...(field.total !== undefined && { total: field.total }),
        ...(field.remaining === true && { remaining: true as const }),
        ...(field.max !== undefined && { max: field.max }),
        ...(field.min !== undefined && { min: field.min }),
      };
    case 'text':
      return field.values === undefined ? { type: 'text' } : { type: 'text', values: field.values };
    case 'json':
      return { type: 'any' };
    case 'flag':
    case 'map':
    case 'list':
      return { type: field.type };
  }
}

/** A declared forecast becomes the window function that computes it, and is still written by its name. */
function forecast(
  syntax: PathSyntax & Span,
  field: Extract<ReadingField, { type: 'number' }>,
  checking: Checking,
): Typed | undefined {
  const { of = '', reaches = '', window = forecastWindow } = field.forecast ?? {};
  if (checking.inWindow) {
    const message = `'${syntax.name}' looks at the past itself and has no window of its own`;
    return mistake(checking, syntax, 'nested-window', message);
  }
  const operand: Expression = {
    node: 'reading',
    name: of,
    type: 'number',
    measure: measureOfOther(of, checking),
  };
  const expression: Expression = {
    node: 'window',
    function: 'full_in',
    operand,
    window,
    windowText: '',
    reaches,
    name: syntax.name,
    measure: { quantity: 'duration' },
  };
  return { expression, type: { type: 'number', measure: { quantity: 'duration' }, min: 0 } };
}

function measureOfOther(name: string, checking: Checking) {
  const field = checking.fields[name];
  return field?.type === 'number' ? measureOfField(field) : ({ quantity: 'count' } as const);
}

function unknownReading(syntax: PathSyntax & Span, checking: Checking): undefined {
  const { fields } = checking;
  const names = Object.keys(fields);
  const written = textOf(checking, syntax);
  const hint =
    nearestReading(syntax.name, checking) ??
    nearestReading(written, checking) ??
    jsonHint(written, checking) ??
    quoteHint(syntax, checking);
  const list = names.length === 0 ? '; it has none' : `; it has ${names.join(', ')}`;
  const message = `this kind of check has no reading '${syntax.name}'${hint === undefined ? list : ''}`;
  return mistake(checking, syntax, 'unknown-reading', message, hint);
}

/** `did you mean 'memory'?`, where a reading is near or is what others call by this word. */
export function nearestReading(word: string, { fields }: Checking): string | undefined {
  const known = Object.hasOwn(otherReadings, word) ? otherReadings[word] : undefined;
  const meant = known?.find((name) => name in fields) ?? nearestWord(word, Object.keys(fields));
  return meant === undefined ? undefined : `did you mean '${meant}'?`;
}

/** `body contains ok`: what follows there is most often text. */
function quoteHint({ start, end }: Span, { text }: Checking): string | undefined {
  const wantsText = /(\bcontains|\bwith|==|!=)\s*$/.test(text.slice(0, start));
  return wantsText ? `text stands in quotes: "${text.slice(start, end)}"` : undefined;
}

/** `status.ok` of a JSON body is `json.status.ok`. */
function jsonHint(written: string, { fields }: Checking): string | undefined {
  if (fields['json']?.type !== 'json' || !/[.[]/.test(written)) return undefined;
  return `did you mean 'json.${written}'?`;
}
