/** What a counter is split by. Bounded: names of rules and words of ours, never a PID, an address or a message. */
export type Labels = Readonly<Record<string, string>>;

/** One number of a metric. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** Numbers that only go up while the agent lives, by the name of their metric without prefix and suffix: `probes`. */
export interface Counters {
  /** Counts one more, or so many. The labels of one name always have the same keys. */
  add(name: string, labels?: Labels, many?: number): void;
  /** Forgets the numbers of a name whose labels do not pass: of services that are no longer in the rules. */
  keep(name: string, passes: (labels: Labels) => boolean): void;
  /** All numbers of a name, in the order in which they first came up. */
  of(name: string): readonly Sample[];
}

export function createCounters(): Counters {
  const byName = new Map<string, Map<string, { readonly labels: Labels; value: number }>>();
  return {
    add(name, labels = {}, many = 1) {
      let counts = byName.get(name);
      if (counts === undefined) {
        counts = new Map();
        byName.set(name, counts);
      }
      const key = Object.values(labels).join('\n');
      const count = counts.get(key);
      if (count === undefined) counts.set(key, { labels, value: many });
      else count.value += many;
    },
    keep(name, passes) {
      const counts = byName.get(name);
      for (const [key, { labels }] of counts ?? []) if (!passes(labels)) counts?.delete(key);
    },
    of: (name) => [...(byName.get(name)?.values() ?? [])].map(({ labels, value }) => ({ labels, value })),
  };
}
