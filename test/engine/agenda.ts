/** What is to happen in a simulated month: millions of things, soonest first, those of one moment in the order they came. */
export interface Agenda {
  add(at: number, run: () => void): void;
  /** Takes the next thing out. */
  next(): { readonly at: number; readonly run: () => void } | undefined;
}

interface Item {
  readonly at: number;
  readonly number: number;
  readonly run: () => void;
}

/** A binary heap. */
export function createAgenda(): Agenda {
  const heap: Item[] = [];
  let count = 0;

  const before = (a: number, b: number): boolean => {
    const [one, other] = [heap[a], heap[b]];
    if (!one || !other) return one !== undefined;
    return one.at < other.at || (one.at === other.at && one.number < other.number);
  };
  const swap = (a: number, b: number): void => {
    const one = heap[a];
    heap[a] = heap[b] as Item;
    heap[b] = one as Item;
  };

  return {
    add(at, run) {
      count += 1;
      let i = heap.push({ at, number: count, run }) - 1;
      for (let up = (i - 1) >> 1; i > 0 && before(i, up); up = (i - 1) >> 1) {
        swap(i, up);
        i = up;
      }
    },
    next() {
      const top = heap[0];
      const last = heap.pop();
      if (!last || heap.length === 0) return top;
      heap[0] = last;
      for (let i = 0; ; ) {
        const child = before(2 * i + 2, 2 * i + 1) ? 2 * i + 2 : 2 * i + 1;
        if (child >= heap.length || !before(child, i)) return top;
        swap(i, child);
        i = child;
      }
    },
  };
}
