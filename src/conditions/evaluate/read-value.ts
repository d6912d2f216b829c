import type { ReadingExpression } from '../../model/condition.ts';
import type { ReadingValue } from '../../model/reading.ts';
import type { Evaluate } from './scene.ts';

/** Reads a named value; undefined when it could not be measured, null for a JSON path that leads nowhere. */
export function readerOf({ name, type, path }: ReadingExpression): Evaluate<ReadingValue> {
  if (path === undefined && type !== 'json') {
    return (scene) => {
      const value = scene.reading[name];
      return value === null ? undefined : value;
    };
  }
  return (scene) => {
    let value: ReadingValue | undefined = scene.reading[name];
    // No document where one was looked for is a fact as long as the probe saw the thing: the answer was no JSON.
    if (value === undefined) return scene.seen && type !== 'list' ? null : undefined;
    for (const step of path ?? []) value = type === 'map' ? entryOf(value, step) : stepInto(value, step);
    return value ?? null;
  };
}

function stepInto(value: ReadingValue | undefined, step: string | number): ReadingValue | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  if (Array.isArray(value)) {
    const index = typeof step === 'number' ? step : /^\d{1,9}$/.test(step) ? Number(step) : -1;
    return (value as readonly ReadingValue[])[index];
  }
  return Object.hasOwn(value, step) ? (value as Record<string, ReadingValue>)[step] : undefined;
}

/** Names of a map compare without case (RFC 9110, section 5.1, for header fields); the step is in lower case. */
function entryOf(value: ReadingValue | undefined, step: string | number): ReadingValue | undefined {
  const direct = stepInto(value, step);
  if (direct !== undefined || value === null || typeof value !== 'object' || Array.isArray(value))
    return direct;
  for (const [name, entry] of Object.entries(value as Record<string, ReadingValue>)) {
    if (name.toLowerCase() === step) return entry;
  }
  return undefined;
}
