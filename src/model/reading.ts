/** One measured value. Numbers are in the base unit of their declared quantity (see `Quantity`). */
export type ReadingValue = number | string | boolean | null | readonly ReadingValue[] | ReadingObject;

export interface ReadingObject {
  readonly [name: string]: ReadingValue;
}

/**
 * What a number measures, and so which units a condition may compare it with.
 * Base units: bytes in bytes, durations in milliseconds, percentages as 0 to 100 (not 0 to 1), timestamps in
 * milliseconds since the epoch, counts as they are. `per: 'second'` makes it a rate of that base unit.
 */
export type Quantity = 'count' | 'bytes' | 'duration' | 'percent' | 'timestamp';

/** How a kind declares one value of its reading; conditions are type-checked against it when a file is loaded. */
export type ReadingField =
  | {
      readonly type: 'number';
      readonly quantity: Quantity;
      readonly per?: 'second';
      readonly meaning: string;
      /** Largest possible value in the base unit: a condition beyond it can never change and is refused. */
      readonly max?: number;
      readonly min?: number;
      /** A count that need not be a whole number, such as an average. */
      readonly fraction?: true;
      /** What is left of its total: as that fills, this falls. */
      readonly remaining?: true;
      /** Name of the reading that holds the total, so that `memory < 80%` has a meaning. */
      readonly total?: string;
      /**
       * Not probed but computed by the condition language: the time until the reading `of` reaches the reading
       * `reaches`, by the trend of the last `window` milliseconds (6 hours when absent). For `full_in > 24h`.
       */
      readonly forecast?: { readonly of: string; readonly reaches: string; readonly window?: number };
    }
  | { readonly type: 'text'; readonly meaning: string; readonly values?: readonly string[] }
  | { readonly type: 'flag'; readonly meaning: string }
  /** Any JSON below a dotted path: `json.database.connections[0].state`. */
  | { readonly type: 'json'; readonly meaning: string }
  /** A map of text: `header.content-type` (names compare without case). */
  | { readonly type: 'map'; readonly meaning: string }
  | { readonly type: 'list'; readonly meaning: string };

export type ReadingFields = Readonly<Record<string, ReadingField>>;

/** Named, typed measurements. A name that is absent could not be measured this time. */
export type Reading = ReadingObject;

/**
 * What a probe brought back.
 * `read`: it saw the thing and measured it. `failed`: the thing is not as it must be for anything to be measured
 * (connection refused, no such process); counts as failing. `unknown`: it could not tell (no permission, the
 * probe itself broke); never repairs or pages by itself.
 */
export type ProbeResult =
  | {
      readonly outcome: 'read';
      readonly reading: Reading;
      readonly carry?: unknown;
      readonly exhibit?: Exhibit;
    }
  | {
      readonly outcome: 'failed';
      readonly reason: string;
      readonly reading?: Reading;
      readonly carry?: unknown;
      readonly exhibit?: Exhibit;
    }
  | { readonly outcome: 'unknown'; readonly reason: string; readonly carry?: unknown };

/** What a human would want to have seen of this very probe: the failing response, the command's output. Bounded text. */
export interface Exhibit {
  readonly title: string;
  readonly text: string;
}

/** Of one cycle. `unknown`: could not tell. */
export type Verdict = 'ok' | 'warning' | 'failing' | 'unknown';

/** The verdict of one cycle with its reasons, ready to be printed. */
export interface Judgement {
  readonly verdict: Verdict;
  /** One sentence with the values: `latency 812 ms, expected < 500 ms`; for `ok` the main measurements. */
  readonly summary: string;
  /** The parts of the summary for the conditions that did not hold (several may fail at once). */
  readonly findings: readonly Finding[];
}

export interface Finding {
  /** The condition as the user wrote it, or empty when the probe itself failed. */
  readonly condition: string;
  readonly level: 'warning' | 'failing' | 'unknown';
  /** `812 ms` */
  readonly measured: string;
  /** `< 500 ms` */
  readonly expected: string;
  readonly sentence: string;
}
