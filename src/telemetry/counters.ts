/** Numbers that only go up while the agent lives. Names are those of the metrics: `probes`, `notices_sent`. */
export interface Counters {
  add(name: string, by?: number): void;
  get(name: string): number;
  all(): Readonly<Record<string, number>>;
}

export function createCounters(): Counters {
  const counts = new Map<string, number>();
  return {
    add: (name, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by),
    get: (name) => counts.get(name) ?? 0,
    all: () => Object.fromEntries(counts),
  };
}
