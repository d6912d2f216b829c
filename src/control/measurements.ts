import { formatQuantity } from '../lib/quantity.ts';
import type { Reading, ReadingField, ReadingFields, ReadingValue } from '../model/reading.ts';

const LONGEST = 200;

/** A reading for people: what the kind puts first, then the rest in the order in which it declares them. */
export function measurements(
  reading: Reading,
  fields: ReadingFields,
  headline: readonly string[],
): readonly { readonly name: string; readonly text: string }[] {
  const names = [...new Set([...headline, ...Object.keys(fields), ...Object.keys(reading)])];
  return names.flatMap((name) => {
    const value = reading[name];
    if (value === undefined || value === null) return [];
    return [{ name, text: valueText(value, fields[name]) }];
  });
}

function valueText(value: ReadingValue, field: ReadingField | undefined): string {
  if (typeof value === 'number' && field?.type === 'number') {
    return formatQuantity(value, { quantity: field.quantity, per: field.per });
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 3)}...` : line;
}
