/** What can stand in a heap: when it is due, and the heap's own notes of it. */
export interface Due {
  due: number;
  /** Where it stands in the heap; -1 while it is in none. */
  place: number;
  /** Goes up with each thing that is put in: of things due at the same time the first one in comes out first. */
  order: number;
}

/**
 * A binary heap of things by the time they are due. Each knows its place, so that it is moved and taken out where it stands, and
 * nothing is made for it: a thousand checks a second would leave as much for the collector each second.
 */
export interface DueHeap<T extends Due> {
  readonly size: number;
  /** Puts it in, or at its new time where it is in already. */
  put(item: T, due: number): void;
  drop(item: T): void;
  /** The earliest time in it, or nothing when it is empty. */
  next(): number | undefined;
  /** Takes the earliest out when it is due at `now`. */
  popDue(now: number): T | undefined;
  clear(): void;
}

/** An empty one. Times may be on any scale, as long as all are on the same. */
export function createDueHeap<T extends Due>(): DueHeap<T> {
  const items: T[] = [];
  let order = 0;

  function stand(item: T, place: number): void {
    items[place] = item;
    item.place = place;
  }

  function rise(item: T, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = items[above];
      if (parent === undefined || before(parent, item)) break;
      stand(parent, place);
      place = above;
    }
    stand(item, place);
  }

  function sink(item: T, from: number): void {
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      let child = items[below];
      if (child === undefined) break;
      const right = items[below + 1];
      if (right !== undefined && before(right, child)) {
        child = right;
        below += 1;
      }
      if (before(item, child)) break;
      stand(child, place);
      place = below;
    }
    stand(item, place);
  }

  /** Up or down to where it belongs, from where it stands or is to stand. */
  function settle(item: T, from: number): void {
    const parent = from > 0 ? items[(from - 1) >> 1] : undefined;
    if (parent !== undefined && before(item, parent)) rise(item, from);
    else sink(item, from);
  }

  function drop(item: T): void {
    const { place } = item;
    if (place < 0) return;
    item.place = -1;
    const last = items.pop();
    if (last !== undefined && last !== item) settle(last, place);
  }

  return {
    get size() {
      return items.length;
    },
    put(item, due) {
      order += 1;
      item.due = due;
      item.order = order;
      settle(item, item.place < 0 ? items.length : item.place);
    },
    drop,
    next: () => items[0]?.due,
    popDue(now) {
      const first = items[0];
      if (first === undefined || first.due > now) return undefined;
      drop(first);
      return first;
    },
    clear() {
      for (const item of items) item.place = -1;
      items.length = 0;
    },
  };
}

function before(a: Due, b: Due): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
