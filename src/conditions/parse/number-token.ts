import { matchAt } from '../../lib/match-at.ts';
import type { Mistake, NumberSyntax, Span } from '../syntax.ts';
import { meantUnit, nearestUnit, ratePeriod, units } from '../units.ts';
import { keywords, otherOperators } from './words.ts';

const digits = /\d+(?:\.\d+)?/y;
const unit = /(\s*)(%|[A-Za-zµ]+)/y;
const rate = /\s*\/\s*([A-Za-z]+)(?![\w.([])/y;

type NumberToken = Span & { readonly type: 'number'; readonly number: NumberSyntax };

/** A number with its unit: `500`, `500ms`, `500 ms`, `1h30m`, `80%`, `5 MB/min`, `10/s`. */
export function readNumber(
  text: string,
  start: number,
  report: (mistake: Mistake) => void,
): NumberToken | undefined {
  const first = readPart(text, start, report);
  if (first === undefined) return undefined;
  let { value, written, end } = first;
  let last = first;
  // `1h30m`: more parts, as long as each is smaller than the one before.
  while (last.unit?.quantity === 'duration') {
    const gap = /\s*/y;
    gap.lastIndex = end;
    const next = end + (gap.exec(text)?.[0].length ?? 0);
    if (!/\d/.test(text[next] ?? '')) break;
    const more = readPart(text, next, () => {});
    if (more?.unit?.quantity !== 'duration' || more.unit.factor >= last.unit.factor) break;
    value += more.value;
    written = `${written}${more.written}`.replaceAll(' ', '');
    end = more.end;
    last = more;
  }
  value = Math.round(value * 1e6) / 1e6;
  const quantity = first.unit?.quantity;
  const below = matchAt(rate, text, end);
  const period = below?.[1] === undefined ? undefined : ratePeriod(below[1]);
  if (below !== undefined && period !== undefined) {
    end += below[0].length;
    const measure = { quantity: quantity ?? 'count', per: 'second' } as const;
    const number = {
      node: 'number',
      value: (value * 1000) / period,
      measure,
      text: `${written}/${below[1]}`,
    } as const;
    return { type: 'number', number, start, end };
  }
  const number: NumberSyntax = {
    node: 'number',
    value,
    text: written,
    ...(quantity && { measure: { quantity } }),
  };
  return { type: 'number', number, start, end };
}

interface Part {
  readonly value: number;
  readonly written: string;
  readonly end: number;
  readonly unit?: {
    readonly quantity: NonNullable<NumberSyntax['measure']>['quantity'];
    readonly factor: number;
  };
}

function readPart(text: string, start: number, report: (mistake: Mistake) => void): Part | undefined {
  const amount = matchAt(digits, text, start)?.[0] ?? '';
  const end = start + amount.length;
  const [whole = '', decimals = ''] = amount.split('.');
  if (whole.length > 15 || decimals.length > 6) {
    report({
      start,
      end,
      code: 'long-number',
      message: 'a number has at most 15 digits, and 6 after the point',
    });
    return undefined;
  }
  const value = Number(amount);
  const bare: Part = { value, written: String(value), end };
  const match = matchAt(unit, text, end);
  if (match === undefined) return bare;
  const [all, gap = '', name = ''] = match;
  const known = units.get(name);
  if (known !== undefined) {
    const written = name === '%' ? `${value}%` : `${value} ${name}`;
    return { value: value * known.factor, written, end: end + all.length, unit: known };
  }
  // A word after a blank may be the next word of the sentence.
  if (gap !== '' && (keywords.has(name) || name in otherOperators || meantUnit(name) === undefined))
    return bare;
  return misspelt(text, { ...bare, end: end + all.length }, name, report);
}

/** Reports a wrong unit and goes on with the one that was meant, so that the rest is checked too. */
function misspelt(
  text: string,
  part: Part,
  name: string,
  report: (mistake: Mistake) => void,
): Part | undefined {
  const start = part.end - name.length;
  const after = /^[A-Za-z0-9_]*/.exec(text.slice(part.end))?.[0] ?? '';
  const meant = nearestUnit(name);
  const known = units.get(meant ?? '');
  const exact = meant !== undefined && meantUnit(name) !== undefined;
  const fixed = meant === '%' ? `${part.written}%` : `${part.written} ${meant}`;
  report({
    start,
    end: part.end + after.length,
    code: 'unknown-unit',
    message: `'${name}${after}' is no unit; units are B kB MB GB TB, KiB MiB GiB TiB, ms s m h d w and %`,
    ...(meant !== undefined && { hint: exact ? `write '${fixed}'` : `did you mean '${fixed}'?` }),
  });
  if (known === undefined || after !== '') return undefined;
  return {
    value: part.value * known.factor,
    written: fixed,
    end: part.end,
    unit: known,
  };
}
