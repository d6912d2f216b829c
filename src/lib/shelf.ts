import { hashText } from './hash.ts';

/**
 * An immutable map from names to values that is cheap to change one at a time, also with ten thousand entries: names
 * are spread over buckets, a change copies one bucket and the row of buckets. Two shelves that share a bucket are
 * equal there, which makes their difference cheap too.
 */
export interface Shelf<T> {
  readonly size: number;
  readonly buckets: readonly (Bucket<T> | null)[];
}

interface Bucket<T> {
  readonly names: readonly string[];
  readonly values: readonly T[];
}

/** A power of two: with 10,000 names a bucket holds about 40. */
const BUCKETS = 256;

export function emptyShelf<T>(): Shelf<T> {
  return { size: 0, buckets: new Array<null>(BUCKETS).fill(null) };
}

export function shelfOf<T>(entries: Iterable<readonly [name: string, value: T]>): Shelf<T> {
  let shelf = emptyShelf<T>();
  for (const [name, value] of entries) shelf = putOnShelf(shelf, name, value);
  return shelf;
}

export function getFromShelf<T>(shelf: Shelf<T>, name: string): T | undefined {
  const bucket = shelf.buckets[bucketOf(name)];
  if (!bucket) return undefined;
  const index = bucket.names.indexOf(name);
  return index < 0 ? undefined : bucket.values[index];
}

/** The same shelf when the value is already the one given. */
export function putOnShelf<T>(shelf: Shelf<T>, name: string, value: T): Shelf<T> {
  const at = bucketOf(name);
  const bucket = shelf.buckets[at];
  if (!bucket)
    return { size: shelf.size + 1, buckets: withBucket(shelf, at, { names: [name], values: [value] }) };
  const index = bucket.names.indexOf(name);
  if (index < 0) {
    const grown = { names: [...bucket.names, name], values: [...bucket.values, value] };
    return { size: shelf.size + 1, buckets: withBucket(shelf, at, grown) };
  }
  if (bucket.values[index] === value) return shelf;
  const values = bucket.values.slice();
  values[index] = value;
  return { size: shelf.size, buckets: withBucket(shelf, at, { names: bucket.names, values }) };
}

/** The same shelf when there is no such name. */
export function takeFromShelf<T>(shelf: Shelf<T>, name: string): Shelf<T> {
  const at = bucketOf(name);
  const bucket = shelf.buckets[at];
  const index = bucket ? bucket.names.indexOf(name) : -1;
  if (!bucket || index < 0) return shelf;
  const rest =
    bucket.names.length === 1
      ? null
      : { names: bucket.names.toSpliced(index, 1), values: bucket.values.toSpliced(index, 1) };
  return { size: shelf.size - 1, buckets: withBucket(shelf, at, rest) };
}

/** Every name with its value; the order is stable but means nothing. */
export function* shelfEntries<T>(shelf: Shelf<T>): Generator<readonly [name: string, value: T]> {
  for (const bucket of shelf.buckets) {
    if (!bucket) continue;
    for (let i = 0; i < bucket.names.length; i++) yield [bucket.names[i] as string, bucket.values[i] as T];
  }
}

export function shelfValues<T>(shelf: Shelf<T>): T[] {
  const values: T[] = [];
  for (const bucket of shelf.buckets) if (bucket) values.push(...bucket.values);
  return values;
}

/** The names whose value differs; `after` is undefined for those that are gone. */
export function shelfChanges<T>(
  before: Shelf<T>,
  after: Shelf<T>,
): readonly (readonly [name: string, before: T | undefined, after: T | undefined])[] {
  const changes: (readonly [string, T | undefined, T | undefined])[] = [];
  if (before === after) return changes;
  for (let at = 0; at < BUCKETS; at++) {
    const old = before.buckets[at];
    const now = after.buckets[at];
    if (old === now) continue;
    now?.names.forEach((name, index) => {
      const was = old ? getFromShelf(before, name) : undefined;
      if (was !== now.values[index]) changes.push([name, was, now.values[index]]);
    });
    old?.names.forEach((name, index) => {
      if (!now?.names.includes(name)) changes.push([name, old.values[index], undefined]);
    });
  }
  return changes;
}

function bucketOf(name: string): number {
  return hashText(name) & (BUCKETS - 1);
}

function withBucket<T>(shelf: Shelf<T>, at: number, bucket: Bucket<T> | null): readonly (Bucket<T> | null)[] {
  const buckets = shelf.buckets.slice();
  buckets[at] = bucket;
  return buckets;
}
