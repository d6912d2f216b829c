/**
 * Which remote checks fail, and since when, told in constant time: in an outage every one of thousands of checks asks at
 * every turn. Times are milliseconds that never go back.
 */
export interface FailureTally {
  readonly checks: number;
  readonly failing: number;
  /** The different hosts of those that fail. */
  readonly hosts: ReadonlyMap<string, number>;
  note(key: string, target: string, failed: boolean, now: number): void;
  forget(key: string): void;
  /** Milliseconds between the first and the last beginning of what fails now; zero where nothing does. */
  spread(): number;
}

/** An empty one. */
export function createFailureTally(): FailureTally {
  const targets = new Map<string, string>();
  /** By check, in the order in which they began. */
  const since = new Map<string, number>();
  const hosts = new Map<string, number>();
  let latest: string | undefined;

  function end(key: string): void {
    const target = targets.get(key);
    if (!since.delete(key) || target === undefined) return;
    if (latest === key) latest = undefined;
    const left = (hosts.get(target) ?? 0) - 1;
    if (left > 0) hosts.set(target, left);
    else hosts.delete(target);
  }

  return {
    get checks() {
      return targets.size;
    },
    get failing() {
      return since.size;
    },
    hosts,
    note(key, target, failed, now) {
      if (targets.get(key) !== target) end(key);
      targets.set(key, target);
      if (!failed) {
        end(key);
      } else if (!since.has(key)) {
        since.set(key, now);
        hosts.set(target, (hosts.get(target) ?? 0) + 1);
        latest = key;
      }
    },
    forget(key) {
      end(key);
      targets.delete(key);
    },
    spread() {
      const [first] = since.values();
      // Only when the last one that began has ended is it looked for.
      latest ??= [...since.keys()].at(-1);
      const last = latest === undefined ? undefined : since.get(latest);
      return first === undefined || last === undefined ? 0 : last - first;
    },
  };
}
