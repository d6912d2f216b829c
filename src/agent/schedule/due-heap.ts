/** A binary heap of things by the time they are due; ties come out in the order they went in. */
export interface DueHeap<T> {
  readonly size: number;
  push(due: number, item: T): void;
  /** The earliest time in it, or nothing when it is empty. */
  next(): number | undefined;
  /** Takes the earliest out when it is due at `now`. */
  popDue(now: number): T | undefined;
  /** Throws out what does not pass. */
  keep(passes: (item: T) => boolean): void;
  clear(): void;
}

interface Slot<T> {
  readonly due: number;
  readonly order: number;
  readonly item: T;
}

/** An empty one. Times may be on any scale, as long as all are on the same. */
export function createDueHeap<T>(): DueHeap<T> {
  let slots: Slot<T>[] = [];
  let order = 0;

  function rise(slot: Slot<T>, from: number): void {
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = slots[parentIndex];
      if (parent === undefined || before(parent, slot)) break;
      slots[index] = parent;
      index = parentIndex;
    }
    slots[index] = slot;
  }

  function sink(slot: Slot<T>): void {
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = slots[childIndex];
      if (child === undefined) break;
      const right = slots[childIndex + 1];
      if (right !== undefined && before(right, child)) {
        child = right;
        childIndex += 1;
      }
      if (before(slot, child)) break;
      slots[index] = child;
      index = childIndex;
    }
    slots[index] = slot;
  }

  return {
    get size() {
      return slots.length;
    },
    push(due, item) {
      order += 1;
      const slot = { due, order, item };
      slots.push(slot);
      rise(slot, slots.length - 1);
    },
    next: () => slots[0]?.due,
    popDue(now) {
      const first = slots[0];
      if (first === undefined || first.due > now) return undefined;
      const last = slots.pop();
      if (last !== undefined && slots.length > 0) sink(last);
      return first.item;
    },
    keep(passes) {
      // A sorted list is a heap.
      slots = slots.filter(({ item }) => passes(item)).sort((a, b) => (before(a, b) ? -1 : 1));
    },
    clear() {
      slots = [];
    },
  };
}

function before<T>(a: Slot<T>, b: Slot<T>): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
