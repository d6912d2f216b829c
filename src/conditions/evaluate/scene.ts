import type { ReadingExpression, WindowExpression } from '../../model/condition.ts';
import type { Reading } from '../../model/reading.ts';

/** Everything that an evaluation looks at. */
export interface Scene {
  readonly reading: Reading;
  /** Milliseconds since the epoch, for `age` and `until`. */
  readonly at: number;
  /**
   * Whether the probe saw the thing: then a path that leads nowhere in what it saw is a fact (null); else nothing is
   * known of it.
   */
  readonly seen: boolean;
  /** The value of a windowed function; undefined while it is not known. */
  window(expression: WindowExpression): number | undefined;
  /** Whether a reading differs from its last known value; false at first sight, undefined when it is absent. */
  changed(expression: ReadingExpression): boolean | undefined;
}

/** Undefined means: not known. Then `and`, `or` and `not` go on as far as the rest decides (Kleene's logic). */
export type Evaluate<T> = (scene: Scene) => T | undefined;
