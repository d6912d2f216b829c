import type { WindowFunction } from '../../model/condition.ts';

/**
 * What one window keeps: points as time, value, how many samples the point stands for, flat and oldest first.
 * `since` is when it began to fill without a gap as long as the window.
 */
export interface WindowMemory {
  readonly since: number;
  readonly points: readonly number[];
}

/**
 * Most points of one window. Where more samples fall into it, neighbours become one point: their mean for averages and
 * forecasts, their extreme for `min`, `max` and percentiles, their sum for `count`, the first for `rate` and `delta`.
 */
export const mostPoints = 240;

/** Looks at how a value moved, and so needs a point from before the window where one is near. */
function isTrend(name: WindowFunction): boolean {
  return name === 'rate' || name === 'delta';
}

/** The window with one more sample. Times must not run backwards; points from the future are dropped. */
export function addSample(
  name: WindowFunction,
  window: number,
  memory: WindowMemory | undefined,
  at: number,
  value: number,
): WindowMemory {
  const old = memory?.points ?? [];
  const oldest = at - window * (isTrend(name) ? 2 : 1);
  let from = 0;
  let to = old.length;
  while (from < to && (old[from] ?? 0) < oldest) from += 3;
  while (to > from && (old[to - 3] ?? 0) > at) to -= 3;
  // Of those before the window, a trend needs the newest only.
  while (from + 3 < to && (old[from + 3] ?? 0) <= at - window) from += 3;
  const points = old.slice(from, to);
  const last = points.length - 3;
  const unbroken = memory !== undefined && last >= 0 && (points[last] ?? 0) >= at - window;
  const since = unbroken ? Math.min(memory.since, at) : at;
  if (last >= 0 && at - (points[last] ?? 0) < window / mostPoints) {
    const count = points[last + 2] ?? 1;
    points[last + 1] = merge(name, points[last + 1] ?? 0, count, value);
    points[last + 2] = count + 1;
  } else {
    points.push(at, value, 1);
  }
  return { since, points };
}

function merge(name: WindowFunction, old: number, count: number, value: number): number {
  if (name === 'avg' || name === 'full_in') return old + (value - old) / (count + 1);
  if (name === 'count') return old + value;
  if (name === 'min') return Math.min(old, value);
  if (name === 'max') return Math.max(old, value);
  if (isTrend(name)) return old;
  return percentileOf(name) >= 50 ? Math.max(old, value) : Math.min(old, value);
}

function percentileOf(name: WindowFunction): number {
  return Number(name.slice(1));
}

/** How much of the window is filled, in milliseconds. */
export function filledFor(name: WindowFunction, memory: WindowMemory | undefined, at: number): number {
  if (memory === undefined) return 0;
  return isTrend(name) ? at - (memory.points[0] ?? at) : at - memory.since;
}

/**
 * The value of a windowed function after `current` was added; undefined until half of the window is filled, because
 * the first samples say little of the whole. `full` is where `full_in` ends.
 */
export function windowValue(
  name: WindowFunction,
  window: number,
  memory: WindowMemory,
  at: number,
  current: number,
  full?: number,
): number | undefined {
  if (filledFor(name, memory, at) < window / 2) return undefined;
  return partialValue(name, memory, at, current, full);
}

/** As `windowValue`, from what there is so far. */
export function partialValue(
  name: WindowFunction,
  { points }: WindowMemory,
  at: number,
  current: number,
  full?: number,
): number | undefined {
  switch (name) {
    case 'avg': {
      let sum = 0;
      let count = 0;
      for (let i = 0; i < points.length; i += 3) {
        sum += (points[i + 1] ?? 0) * (points[i + 2] ?? 0);
        count += points[i + 2] ?? 0;
      }
      return sum / count;
    }
    case 'min':
      return valuesOf(points).reduce((a, b) => Math.min(a, b));
    case 'max':
      return valuesOf(points).reduce((a, b) => Math.max(a, b));
    case 'count':
      return valuesOf(points).reduce((a, b) => a + b);
    case 'delta':
      return current - (points[1] ?? current);
    case 'rate': {
      const seconds = (at - (points[0] ?? at)) / 1000;
      return seconds > 0 ? (current - (points[1] ?? current)) / seconds : undefined;
    }
    case 'full_in':
      return full === undefined ? undefined : timeUntil(full, points, current);
    default: {
      const sorted = valuesOf(points).sort((a, b) => a - b);
      return sorted[Math.max(0, Math.ceil((percentileOf(name) / 100) * sorted.length) - 1)];
    }
  }
}

function valuesOf(points: readonly number[]): number[] {
  const values: number[] = [];
  for (let i = 1; i < points.length; i += 3) values.push(points[i] ?? 0);
  return values;
}

/** Milliseconds until the line of least squares through the points reaches `full`; infinite when it does not rise. */
function timeUntil(full: number, points: readonly number[], current: number): number {
  // What holds nothing and never will is not full.
  if (full === 0 && current === 0) return Number.POSITIVE_INFINITY;
  if (current >= full) return 0;
  const origin = points[0] ?? 0;
  const count = points.length / 3;
  let meanTime = 0;
  let meanValue = 0;
  for (let i = 0; i < points.length; i += 3) {
    meanTime += ((points[i] ?? 0) - origin) / count;
    meanValue += (points[i + 1] ?? 0) / count;
  }
  let covariance = 0;
  let variance = 0;
  for (let i = 0; i < points.length; i += 3) {
    const time = (points[i] ?? 0) - origin - meanTime;
    covariance += time * ((points[i + 1] ?? 0) - meanValue);
    variance += time * time;
  }
  const slope = variance > 0 ? covariance / variance : 0;
  return slope > 0 ? (full - current) / slope : Number.POSITIVE_INFINITY;
}
