import type { Host } from '../host/host.ts';
import type { ManagerReport } from '../model/manager.ts';
import type { ProbeResult, ReadingFields } from '../model/reading.ts';
import type { Fields, OptionsOf } from '../schema/field.ts';

/** The declaration of a kind of check: everything the product knows of it stands in its one file. */
export interface CheckKind<F extends Fields = Fields> {
  /** Its key in a check: `http`. */
  readonly kind: string;
  /** One sentence for `watcher kinds` and hover text. */
  readonly summary: string;
  /** The options below the kind's key. */
  readonly options: F;
  /** The option that a plain value stands for: `http: http://…` is `http: { url: http://… }`. */
  readonly main?: keyof F & string;
  readonly readings: ReadingFields;
  /** Conditions that hold where the user gives none on the same readings: `['status < 400']`. */
  readonly expects: readonly string[];
  /** Conditions whose failing is a warning, where the user gives none on the same readings. */
  readonly warns?: readonly string[];
  /** Default of `fail_after`: 3 for what crosses a network, 1 for what the kernel tells. */
  readonly failAfter: number;
  /** Default of `timeout` in milliseconds. */
  readonly timeout: number;
  /**
   * The machine beyond this one on which the result depends, for bounding what runs at once for it and for doubting the way
   * there; nothing where all happens on this one.
   */
  target(options: OptionsOf<F>): string | undefined;
  /** Every look starts a program: fewer of them at once than of what only opens sockets. */
  readonly startsProgram?: true;
  /** Only the kernel answers, within microseconds: many such looks are taken together. Nothing whose time is measured. */
  readonly brief?: true;
  /** Whether the check needs its service to have a manager with a main process. */
  needsManager?(options: OptionsOf<F>): boolean;
  /** Names of readings to show first in `status`, at most three. */
  readonly headline: readonly string[];
  /** A complete check as YAML, loaded by a test. */
  readonly example: string;
  probe(look: Look<OptionsOf<F>>): Promise<ProbeResult>;
  /**
   * What a look would find, where that is certain without one, and the reading is the very one of last time: asked before the
   * turns of a service with which all is well, and at once or not at all.
   */
  foregone?(known: Known<OptionsOf<F>>): Foregone | undefined;
  /** What a look would find, where what its manager has just said decides that: asked where something has ended. */
  byReport?(known: Known<OptionsOf<F>>): ProbeResult | undefined;
}

/** What is certain to be found without a look. */
export interface Foregone {
  readonly result: ProbeResult;
  /** Until when, in monotonic milliseconds, unless its manager or the kernel tells of something before. */
  readonly until: number;
}

/** What is known before a look. */
export interface Known<O> extends Pick<Look<O>, 'options' | 'host' | 'carry' | 'judged'> {
  /** What the manager said last: young enough for a service with which all is well. */
  readonly report: ManagerReport;
}

/** What a probe is given. It must end soon after `signal` aborts; results after that are ignored. */
export interface Look<O> {
  readonly options: O;
  readonly host: Host;
  readonly service: string;
  /** Deadline of this probe in milliseconds from now. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** What the service's manager says of it (asked at most once per tick), where it has one. */
  readonly manager?: (() => Promise<ManagerReport>) | undefined;
  /** What the same check's last probe returned as `carry`; absent at first and after a reload. */
  readonly carry?: unknown;
  /** Names of the readings that the check's conditions look at; absent: all. Costly ones may be left out if nobody asks. */
  readonly wanted?: ReadonlySet<string>;
  /** Those of them that a condition judges; the others are only shown and may be some seconds old. Absent: all. */
  readonly judged?: ReadonlySet<string>;
}

/** Infers the types of options from the fields; the registry holds kinds of all types side by side. */
export function defineCheck<const F extends Fields>(kind: CheckKind<F>): CheckKind<F> {
  return kind;
}
