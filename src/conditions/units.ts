import { durationUnits } from '../lib/duration.ts';
import { nearestWord } from '../lib/nearest.ts';
import type { Measure } from '../lib/quantity.ts';
import { sizeUnits } from '../lib/size.ts';

/** What a unit measures and how many base units it is. */
export interface Unit {
  readonly quantity: Measure['quantity'];
  readonly factor: number;
}

/** Every unit that a number in a condition may carry. */
export const units: ReadonlyMap<string, Unit> = new Map([
  ...Object.entries(sizeUnits).map(
    ([name, factor]) => [name, { quantity: 'bytes', factor } as Unit] as const,
  ),
  ...Object.entries(durationUnits).map(
    ([name, factor]) => [name, { quantity: 'duration', factor } as Unit] as const,
  ),
  ['%', { quantity: 'percent', factor: 1 }],
]);

/** Words that people write for a unit; each gets the unit as a hint. */
const otherNames: Readonly<Record<string, string>> = {
  byte: 'B',
  bytes: 'B',
  k: 'kB',
  kb: 'kB',
  kilobyte: 'kB',
  kilobytes: 'kB',
  kib: 'KiB',
  m: 'MB',
  mb: 'MB',
  megabyte: 'MB',
  megabytes: 'MB',
  mib: 'MiB',
  g: 'GB',
  gb: 'GB',
  gigabyte: 'GB',
  gigabytes: 'GB',
  gib: 'GiB',
  t: 'TB',
  tb: 'TB',
  terabyte: 'TB',
  terabytes: 'TB',
  tib: 'TiB',
  milli: 'ms',
  millis: 'ms',
  millisecond: 'ms',
  milliseconds: 'ms',
  sec: 's',
  secs: 's',
  second: 's',
  seconds: 's',
  mins: 'm',
  minute: 'm',
  minutes: 'm',
  hr: 'h',
  hrs: 'h',
  hour: 'h',
  hours: 'h',
  day: 'd',
  days: 'd',
  week: 'w',
  weeks: 'w',
  percent: '%',
  pct: '%',
};

/** The unit that `word` probably means, or undefined when it is no unit at all. */
export function meantUnit(word: string): string | undefined {
  const lower = word.toLowerCase();
  // `M` and `S` differ from `m` and `s` only by case, and then mean a size and a time.
  if (lower === 's' || lower === 'ms' || lower === 'h' || lower === 'd' || lower === 'w' || lower === 'min')
    return lower;
  if (lower === 'b') return 'B';
  return otherNames[lower];
}

/** As `meantUnit`, and also forgives slips: for a word that stands glued to a number and so must be a unit. */
export function nearestUnit(word: string): string | undefined {
  const meant = meantUnit(word);
  if (meant !== undefined) return meant;
  const near = nearestWord(word, [...Object.keys(otherNames), ...units.keys()]);
  return near === undefined ? undefined : (otherNames[near] ?? near);
}

/** Milliseconds of the time below the slash of a rate, `5 MB/min`; undefined for what is no time. */
export function ratePeriod(word: string): number | undefined {
  return word === 'ms' ? undefined : durationUnits[word];
}

/** A unit of the quantity that reads naturally in an example. */
export function exampleUnit(measure: Measure, number = 0): string {
  // Hundreds of something are milliseconds to most.
  const time = number >= 100 ? ' ms' : ' s';
  const unit = { bytes: ' MB', duration: time, percent: '%', timestamp: '', count: '' }[measure.quantity];
  return measure.per === undefined ? unit : `${unit}/s`;
}

/** `a size`, `a duration`, `a rate of sizes`: for messages. */
export function measureName(measure: Measure): string {
  const one = {
    bytes: 'a size',
    duration: 'a duration',
    percent: 'a percentage',
    timestamp: 'a point in time',
    count: 'a plain number',
  }[measure.quantity];
  if (measure.per === undefined) return one;
  const many = { bytes: 'size', duration: 'time', percent: 'percentage', timestamp: 'time', count: 'number' };
  return `a ${many[measure.quantity]} per second`;
}
