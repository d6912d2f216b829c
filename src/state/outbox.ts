import type { Store, StoreChange } from './store.ts';

/** What the outbox must know of an entry: its place in the order of writing, and when it wants to be sent. */
export interface Queued {
  readonly number: number;
  readonly writtenAt: number;
  readonly nextAt: number;
  /** It was refused for what it is and waits for a late second chance: others need not wait behind it. */
  readonly aside?: boolean;
}

/** What an outbox asks of its entries. */
export interface OutboxRules<E> {
  /** Whose turn an entry is. */
  readonly carrierOf: (entry: E) => string;
  /** What must be told in order: entries that share a topic never overtake each other. */
  readonly topicsOf: (entry: E) => readonly string[];
}

/**
 * Notices written down before they are sent. Whoever carries them has a line of its own, in the order in which they were
 * written, so that nobody reads `recovered` before `failed`. One that is refused steps aside for what is about something else.
 */
export interface Outbox<E extends Queued> {
  /** Adds an entry; the change must be saved in the same batch as the state that says they were told. */
  add(make: (number: number) => E): StoreChange;
  /** Carriers with something to carry. */
  lines(): readonly string[];
  /** The next in the line of a carrier, due or not. */
  first(carrier: string): E | undefined;
  /** An entry as it is now; undefined once it was removed. */
  get(number: number): E | undefined;
  update(entry: E): void;
  remove(entry: E): void;
  /** After a reload: who carries what is worked out anew. */
  resort(): void;
  all(): readonly E[];
  readonly size: number;
  /** When the oldest undelivered one was written. */
  oldest(): number | undefined;
}

const PREFIX = 'outbox/';

/** The outbox of a store, with what an earlier agent left in it. */
export function openOutbox<E extends Queued>(
  store: Store,
  { carrierOf, topicsOf }: OutboxRules<E>,
): Outbox<E> {
  let lines = new Map<string, E[]>();
  /** Where each entry stands, by its number. */
  const placed = new Map<number, string>();
  let sequence = 0;

  function insert(entry: E): void {
    const carrier = carrierOf(entry);
    const line = lines.get(carrier) ?? [];
    lines.set(carrier, line);
    // Handed over from another line it may be older than what waits here.
    let at = line.length;
    while (at > 0 && (line[at - 1]?.number ?? 0) > entry.number) at -= 1;
    line.splice(at, 0, entry);
    placed.set(entry.number, carrier);
  }

  function take(number: number): void {
    const carrier = placed.get(number);
    const line = carrier === undefined ? undefined : lines.get(carrier);
    if (carrier === undefined || line === undefined) return;
    placed.delete(number);
    line.splice(
      line.findIndex((entry) => entry.number === number),
      1,
    );
    if (line.length === 0) lines.delete(carrier);
  }

  const keyOf = (number: number): string => `${PREFIX}${String(number).padStart(12, '0')}`;

  for (const [key, value] of [...store.entries(PREFIX)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    insert(value as E);
    sequence = Math.max(sequence, Number(key.slice(PREFIX.length)));
  }

  return {
    add(make) {
      sequence += 1;
      const entry = make(sequence);
      insert(entry);
      return [keyOf(entry.number), entry];
    },
    lines: () => [...lines.keys()],
    first: (carrier) => nextOf(lines.get(carrier) ?? [], topicsOf),
    get: (number) => lines.get(placed.get(number) ?? '')?.find((entry) => entry.number === number),
    update(entry) {
      take(entry.number);
      insert(entry);
      store.put(keyOf(entry.number), entry);
    },
    remove(entry) {
      take(entry.number);
      store.delete(keyOf(entry.number));
    },
    resort() {
      const all = [...lines.values()].flat().sort((a, b) => a.number - b.number);
      lines = new Map();
      for (const entry of all) insert(entry);
    },
    all: () => [...lines.values()].flat(),
    get size() {
      return placed.size;
    },
    oldest() {
      let oldest: number | undefined;
      for (const [entry] of lines.values()) {
        if (entry !== undefined) oldest = Math.min(oldest ?? entry.writtenAt, entry.writtenAt);
      }
      return oldest;
    },
  };
}

/** The earliest due of those that stepped aside and of the first that did not and has none of its topics before it. */
function nextOf<E extends Queued>(line: readonly E[], topicsOf: OutboxRules<E>['topicsOf']): E | undefined {
  let next: E | undefined;
  const waiting = new Set<string>();
  for (const entry of line) {
    const topics = topicsOf(entry);
    if (!topics.some((topic) => waiting.has(topic))) {
      if (next === undefined || entry.nextAt < next.nextAt) next = entry;
      if (entry.aside !== true) return next;
    }
    for (const topic of topics) waiting.add(topic);
  }
  return next;
}
