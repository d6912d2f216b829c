import { hashText } from './hash.ts';

/**
 * An immutable map from names to values that is cheap to change one at a time, also with ten thousand entries: names are
 * spread over buckets on shelves, and a change copies one bucket, one row of buckets and the row of rows. Two shelves
 * that share a row or a bucket are equal there, which makes their difference cheap too.
 */
export interface Shelf<T> {
  readonly size: number;
  readonly rows: readonly (Row<T> | null)[];
}

type Row<T> = readonly (Bucket<T> | null)[];

interface Bucket<T> {
  readonly names: readonly string[];
  readonly values: readonly T[];
}

/** Rows, and buckets in a row; a power of two. With 10,000 names a bucket holds about 10. */
const WIDTH = 32;

export function emptyShelf<T>(): Shelf<T> {
  return { size: 0, rows: new Array<null>(WIDTH).fill(null) };
}

export function getFromShelf<T>(shelf: Shelf<T>, name: string): T | undefined {
  const bucket = bucketOf(shelf, hashText(name));
  if (!bucket) return undefined;
  const index = bucket.names.indexOf(name);
  return index < 0 ? undefined : bucket.values[index];
}

/** The same shelf when the value is already the one given. */
export function putOnShelf<T>(shelf: Shelf<T>, name: string, value: T): Shelf<T> {
  const hash = hashText(name);
  const bucket = bucketOf(shelf, hash);
  const index = bucket ? bucket.names.indexOf(name) : -1;
  if (!bucket || index < 0) {
    const grown = { names: [...(bucket?.names ?? []), name], values: [...(bucket?.values ?? []), value] };
    return { size: shelf.size + 1, rows: withBucket(shelf, hash, grown) };
  }
  if (bucket.values[index] === value) return shelf;
  const values = bucket.values.slice();
  values[index] = value;
  return { size: shelf.size, rows: withBucket(shelf, hash, { names: bucket.names, values }) };
}

/** The same shelf when there is no such name. */
export function takeFromShelf<T>(shelf: Shelf<T>, name: string): Shelf<T> {
  const hash = hashText(name);
  const bucket = bucketOf(shelf, hash);
  const index = bucket ? bucket.names.indexOf(name) : -1;
  if (!bucket || index < 0) return shelf;
  const rest = { names: bucket.names.toSpliced(index, 1), values: bucket.values.toSpliced(index, 1) };
  return { size: shelf.size - 1, rows: withBucket(shelf, hash, rest.names.length === 0 ? null : rest) };
}

/** Every name with its value; the order is stable but means nothing. */
export function* shelfEntries<T>(shelf: Shelf<T>): Generator<readonly [name: string, value: T]> {
  for (const { names, values } of bucketsOf(shelf)) {
    for (const [index, name] of names.entries()) yield [name, values[index] as T];
  }
}

export function shelfValues<T>(shelf: Shelf<T>): T[] {
  const all: T[] = [];
  for (const { values } of bucketsOf(shelf)) all.push(...values);
  return all;
}

/** By number: decisions go through shelves many times in a step, and an iterator makes an object for each empty place. */
function bucketsOf<T>(shelf: Shelf<T>): readonly Bucket<T>[] {
  const buckets: Bucket<T>[] = [];
  for (let at = 0; at < WIDTH; at++) {
    const row = shelf.rows[at];
    if (!row) continue;
    for (let place = 0; place < WIDTH; place++) {
      const bucket = row[place];
      if (bucket) buckets.push(bucket);
    }
  }
  return buckets;
}

/** The names whose value differs, with both values; the second is undefined for those that are gone. */
export function shelfChanges<T>(
  before: Shelf<T>,
  after: Shelf<T>,
): readonly (readonly [name: string, before: T | undefined, after: T | undefined])[] {
  const changes: (readonly [string, T | undefined, T | undefined])[] = [];
  if (before === after) return changes;
  for (let row = 0; row < WIDTH; row++) {
    const old = before.rows[row];
    const now = after.rows[row];
    if (old === now) continue;
    for (let at = 0; at < WIDTH; at++) if (old?.[at] !== now?.[at]) compare(old?.[at], now?.[at], changes);
  }
  return changes;
}

function compare<T>(
  old: Bucket<T> | null | undefined,
  now: Bucket<T> | null | undefined,
  changes: (readonly [string, T | undefined, T | undefined])[],
): void {
  now?.names.forEach((name, index) => {
    const was = old?.values[old.names.indexOf(name)];
    if (was !== now.values[index]) changes.push([name, was, now.values[index]]);
  });
  old?.names.forEach((name, index) => {
    if (!now?.names.includes(name)) changes.push([name, old.values[index], undefined]);
  });
}

function bucketOf<T>(shelf: Shelf<T>, hash: number): Bucket<T> | null | undefined {
  return shelf.rows[hash & (WIDTH - 1)]?.[(hash >>> 5) & (WIDTH - 1)];
}

function withBucket<T>(shelf: Shelf<T>, hash: number, bucket: Bucket<T> | null): readonly (Row<T> | null)[] {
  const at = hash & (WIDTH - 1);
  const row = shelf.rows[at]?.slice() ?? new Array<Bucket<T> | null>(WIDTH).fill(null);
  row[(hash >>> 5) & (WIDTH - 1)] = bucket;
  const rows = shelf.rows.slice();
  rows[at] = row;
  return rows;
}
