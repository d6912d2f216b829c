import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyShelf,
  getFromShelf,
  putOnShelf,
  type Shelf,
  shelfChanges,
  shelfEntries,
  shelfValues,
  takeFromShelf,
} from '../../src/lib/shelf.ts';

const changes = fc.array(fc.tuple(fc.string(), fc.option(fc.nat())), { maxLength: 200 });

describe('a shelf', () => {
  it('is a map, and every change leaves the one before as it was', () => {
    fc.assert(
      fc.property(changes, (all) => {
        const map = new Map<string, number>();
        let shelf: Shelf<number> = emptyShelf();
        for (const [name, value] of all) {
          const before = new Map(shelfEntries(shelf));
          const next = value === null ? takeFromShelf(shelf, name) : putOnShelf(shelf, name, value);
          expect(new Map(shelfEntries(shelf))).toEqual(before);
          shelf = next;
          if (value === null) map.delete(name);
          else map.set(name, value);
        }
        expect(new Map(shelfEntries(shelf))).toEqual(map);
        expect(shelf.size).toBe(map.size);
        expect(shelfValues(shelf).sort()).toEqual([...map.values()].sort());
        for (const [name, value] of map) expect(getFromShelf(shelf, name)).toBe(value);
      }),
      { numRuns: 50 },
    );
  });

  it('tells what differs from another', () => {
    fc.assert(
      fc.property(changes, (all) => {
        let before: Shelf<number> = emptyShelf();
        for (let index = 0; index < 50; index += 1) before = putOnShelf(before, `s${index}`, index);
        let after = before;
        for (const [name, value] of all) {
          const known = `s${name.length * 7}`;
          after = value === null ? takeFromShelf(after, known) : putOnShelf(after, known, value);
        }
        const expected = [...new Set([...shelfEntries(before), ...shelfEntries(after)].map(([name]) => name))]
          .map((name) => [name, getFromShelf(before, name), getFromShelf(after, name)] as const)
          .filter(([, was, is]) => was !== is);
        const sort = (list: readonly (readonly unknown[])[]) => list.map((one) => JSON.stringify(one)).sort();
        expect(sort(shelfChanges(before, after))).toEqual(sort(expected));
      }),
      { numRuns: 50 },
    );
  });

  it('is the same one when nothing changed', () => {
    const shelf = putOnShelf(emptyShelf<number>(), 'a', 1);
    expect(putOnShelf(shelf, 'a', 1)).toBe(shelf);
    expect(takeFromShelf(shelf, 'b')).toBe(shelf);
    expect(getFromShelf(shelf, '__proto__')).toBeUndefined();
  });
});
