import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createDueHeap, type Due } from '../../../src/agent/schedule/due-heap.ts';

type Named = Due & { readonly name: number };

/** `put` is far more frequent than `drop`, as in life. */
const deeds = fc.array(
  fc.record({
    what: fc.constantFrom('put', 'put', 'put', 'drop', 'pop'),
    item: fc.nat({ max: 30 }),
    due: fc.nat({ max: 20 }),
  }),
  { maxLength: 200 },
);

it('is what a list sorted at each step would be', () => {
  fc.assert(
    fc.property(deeds, (all) => {
      const items = Array.from({ length: 31 }, (_, name): Named => ({ name, due: 0, place: -1, order: 0 }));
      const heap = createDueHeap<Named>();
      let list: { readonly item: Named; readonly due: number; readonly order: number }[] = [];
      all.forEach(({ what, item: which, due }, order) => {
        const item = items[which] as Named;
        if (what !== 'pop') list = list.filter((one) => one.item !== item);
        if (what === 'drop') heap.drop(item);
        if (what === 'put') {
          heap.put(item, due);
          list.push({ item, due, order });
        }
        list.sort((a, b) => a.due - b.due || a.order - b.order);
        if (what === 'pop') {
          const first = list[0] !== undefined && list[0].due <= due ? list.shift() : undefined;
          expect(heap.popDue(due)).toBe(first?.item);
        }
        expect(heap.size).toBe(list.length);
        expect(heap.next()).toBe(list[0]?.due);
        expect(items.filter(({ place }) => place >= 0)).toHaveLength(list.length);
      });
      const rest = list.map(({ item }) => item.name);
      for (const name of rest) expect(heap.popDue(20)?.name).toBe(name);
      expect(heap.popDue(20)).toBeUndefined();
    }),
  );
});

it('forgets all that is in it at once, and takes it in again', () => {
  const heap = createDueHeap<Due>();
  const item = { due: 0, place: -1, order: 0 };
  heap.put(item, 5);
  heap.clear();
  expect(heap.next()).toBeUndefined();
  heap.drop(item);
  heap.put(item, 7);
  expect(heap.popDue(6)).toBeUndefined();
  expect(heap.popDue(7)).toBe(item);
});
