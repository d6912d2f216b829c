import { durationUnits, parseDuration } from '../../lib/duration.ts';
import { parsePercent } from '../../lib/percent.ts';
import { parseSize, sizeUnits } from '../../lib/size.ts';
import type { Field, ReadContext } from '../field.ts';
import type { Node } from '../node.ts';
import { makeField, type PresenceOf, plain, type Settings } from './make-field.ts';
import { mismatch, textOf } from './mismatch.ts';

interface UnitSettings extends Settings<string> {
  /** Smallest and largest allowed value, written with units. */
  readonly min?: string;
  readonly max?: string;
}

interface Unit {
  readonly type: string;
  readonly noun: string;
  readonly parse: (text: string) => number | undefined;
  readonly print: (value: number) => string;
  readonly pattern: string;
  readonly suggest: (number: string) => string;
}

const durationUnit: Unit = {
  type: 'duration',
  noun: "a duration such as '30s' or '1h30m'",
  parse: parseDuration,
  print: writeDuration,
  pattern: '^\\s*(\\d+(\\.\\d+)?\\s*(ms|min|s|m|h|d|w)\\s*)+$|\\$\\{',
  suggest: (number) => `give it a unit: ${number}s, ${number}ms or ${number}m`,
};

const sizeUnit: Unit = {
  type: 'size',
  noun: "a size such as '500 MB' or '64 KiB'",
  parse: parseSize,
  print: writeSize,
  pattern: '^\\s*\\d+(\\.\\d+)?\\s*([kKMGTP]i?)?B\\s*$|\\$\\{',
  suggest: (number) => `give it a unit: ${number} B, ${number} kB or ${number} MB`,
};

const percentUnit: Unit = {
  type: 'percent',
  noun: "a percentage such as '80%'",
  parse(text) {
    const value = parsePercent(text);
    return value !== undefined && value >= 0 ? value : undefined;
  },
  print: (value) => `${value}%`,
  pattern: '^\\d+(\\.\\d+)?\\s*%$|\\$\\{',
  suggest: (number) => `write ${number}%`,
};

/** `30s`, `1h30m`: the value is in milliseconds. */
export function duration<const S extends UnitSettings = typeof plain>(
  settings: S = plain as unknown as S,
): Field<number, PresenceOf<S>> {
  return withUnit(settings, durationUnit);
}

/** `500 MB`, `64 KiB`: the value is in bytes. */
export function size<const S extends UnitSettings = typeof plain>(
  settings: S = plain as unknown as S,
): Field<number, PresenceOf<S>> {
  return withUnit(settings, sizeUnit);
}

/** `80%`: the value is 80. A bare number is a problem. */
export function percent<const S extends UnitSettings = typeof plain>(
  settings: S = plain as unknown as S,
): Field<number, PresenceOf<S>> {
  return withUnit(settings, percentUnit);
}

function withUnit<S extends UnitSettings>(settings: S, unit: Unit): Field<number, PresenceOf<S>> {
  return makeField<number, string, S>(settings, {
    type: unit.type,
    schema: { type: 'string', pattern: unit.pattern },
    fits: (node) => textOf(node) !== undefined,
    value: (fallback) => parseDeclared(fallback, unit),
    write: (fallback) => fallback,
    print: unit.print,
    read: (node, context) => readUnit(node, context, unit, settings),
  });
}

function readUnit(node: Node, context: ReadContext, unit: Unit, limits: UnitSettings): number | undefined {
  const text = textOf(node);
  const value = text === undefined ? undefined : unit.parse(text.trim());
  if (value === undefined) {
    const bare = text !== undefined && /^\d+(\.\d+)?$/.test(text.trim());
    return mismatch(context, node, {
      code: bare ? 'missing-unit' : 'wrong-type',
      expected: unit.noun,
      hint: bare ? unit.suggest(text.trim()) : inUnits(text, unit),
    });
  }
  const { min, max } = limits;
  if (min !== undefined && value < parseDeclared(min, unit)) {
    return mismatch(context, node, { code: 'out-of-range', expected: `at least ${min}` });
  }
  if (max !== undefined && value > parseDeclared(max, unit)) {
    return mismatch(context, node, { code: 'out-of-range', expected: `at most ${max}` });
  }
  return value;
}

/** `2 minutes` as it is written here. */
function inUnits(text: string | undefined, unit: Unit): string | undefined {
  if (text === undefined || text.length > 40) return undefined;
  const short = text
    .trim()
    .toLowerCase()
    .replace(/\b(\d+(?:\.\d+)?)\s*([a-z]+)\b/g, (whole, number: string, word: string) => {
      const known = Object.entries(spelledOut).find(([, words]) => words.test(word));
      return known === undefined ? whole : `${number} ${known[0]}`;
    });
  const value = unit.parse(short);
  return value === undefined ? undefined : `write ${unit.print(value)}`;
}

/** What people write for units, by the unit. */
const spelledOut: Readonly<Record<string, RegExp>> = {
  ms: /^(millis|milliseconds?|msecs?)$/,
  s: /^(seconds?|secs?)$/,
  m: /^(minutes?|mins?)$/,
  h: /^(hours?|hrs?)$/,
  d: /^days?$/,
  w: /^weeks?$/,
  B: /^bytes?$/,
  kB: /^(k|kb|kilobytes?)$/,
  MB: /^(m|mb|megs?|megabytes?)$/,
  GB: /^(g|gb|gigs?|gigabytes?)$/,
  TB: /^(t|tb|terabytes?)$/,
};

function parseDeclared(text: string, unit: Unit): number {
  const value = unit.parse(text);
  if (value === undefined) throw new Error(`'${text}' in a declaration is not ${unit.noun}`);
  return value;
}

/** A duration in the largest unit that needs no fraction: `90s`, `6h`. */
export function writeDuration(ms: number): string {
  const units = ['w', 'd', 'h', 'm', 's'];
  const unit = units.find((one) => ms > 0 && ms % (durationUnits[one] ?? 1) === 0) ?? 'ms';
  return `${ms / (durationUnits[unit] ?? 1)}${unit}`;
}

/** A size in the largest unit that needs no fraction: `500 MB`, `64 kB`. */
export function writeSize(bytes: number): string {
  const units = ['TB', 'GB', 'MB', 'kB'];
  const unit = units.find((one) => bytes > 0 && bytes % (sizeUnits[one] ?? Number.NaN) === 0) ?? 'B';
  return `${bytes / (sizeUnits[unit] ?? 1)} ${unit}`;
}
