import { formatNumber } from '../../lib/number.ts';
import type { Measure } from '../../lib/quantity.ts';
import { formatQuantity } from '../../lib/quantity.ts';
import type { Expression } from '../../model/condition.ts';
import type { ReadingField, ReadingValue } from '../../model/reading.ts';
import { measureOf } from '../check/value-type.ts';

/** Longest text out of a reading that is quoted in a sentence. */
const longestQuote = 60;

/** A value of a reading for people, with the unit of its field: `41 ms`, `412 MB`, `"ok"`. */
export function formatReading(value: ReadingValue | undefined, field: ReadingField | undefined): string {
  if (typeof value === 'number' && field?.type === 'number') {
    const { quantity, per } = field;
    return formatQuantity(value, per === undefined ? { quantity } : { quantity, per });
  }
  return formatValue(value, undefined);
}

/** The value of an expression for people. */
export function formatValue(value: ReadingValue | undefined, measure: Measure | undefined): string {
  if (value === undefined) return 'unknown';
  if (value === null) return 'missing';
  if (typeof value === 'number')
    return measure === undefined ? formatNumber(value, 4) : formatQuantity(value, measure);
  if (typeof value === 'string') return quote(value);
  return typeof value === 'boolean' ? String(value) : cut(JSON.stringify(value));
}

/** Texts of the world in one line: line ends and control characters would tear a notice apart. */
export function quote(text: string): string {
  const shown = text.length > longestQuote ? `${text.slice(0, longestQuote - 1).trimEnd()}…` : text;
  return JSON.stringify(shown.replaceAll(/\s+/g, ' '));
}

function cut(text: string): string {
  return text.length > longestQuote ? `${text.slice(0, longestQuote - 1)}…` : text;
}

/**
 * The value as it is compared with a limit. Where rounding would print the same for both (`500 ms, expected < 500 ms`),
 * it is given exactly.
 */
export function formatAgainst(
  value: ReadingValue,
  measure: Measure | undefined,
  limit: ReadingValue,
): string {
  const usual = formatValue(value, measure);
  if (typeof value !== 'number' || typeof limit !== 'number' || value === limit) return usual;
  if (usual !== formatValue(limit, measure)) return usual;
  const rate = measure?.per === undefined ? '' : '/s';
  const unit = { bytes: ' B', duration: ' ms', percent: '%', timestamp: '', count: '' }[
    measure?.quantity ?? 'count'
  ];
  return `${formatNumber(value, 6)}${unit}${rate}`;
}

/** The measured value of an expression, for people; a share also says the amount. */
export function formatMeasured(
  expression: Expression,
  value: ReadingValue | undefined,
  amount: ReadingValue | undefined,
): string {
  const text = formatValue(value, measureOf(expression));
  if (expression.node !== 'share' || typeof amount !== 'number') return text;
  return `${text} (${formatValue(amount, measureOf(expression.operand))})`;
}
