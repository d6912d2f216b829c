import type { UnitFacts } from './systemd-unit.ts';

/** A way to systemd: over D-Bus, or through systemctl. */
export interface SystemdLink {
  /**
   * `end`: its main process is dead, and systemd is about to tell what became of it (`due`), or was to have (`late`). What was known
   * before that is not gone by then.
   */
  read(unit: string, about?: { readonly end: 'due' | 'late' | undefined }): Promise<AskedUnit>;
  /** Enqueues a job and follows it to its end. */
  job(job: JobRequest, withinMs: number, signal?: AbortSignal): Promise<JobOutcome>;
  /** Why systemd would not let this user operate the unit; nothing where it would, or where that cannot be found out. */
  refusal(unit: string): Promise<string | undefined>;
  /** Keeps systemd from forgetting what became of the unit, as it does with what is down and not referred to; returns the way to let go. */
  pin(unit: string): Promise<() => void>;
  /** Calls back when the unit changed, or when changes may have been missed. */
  follow(unit: string, changed: () => void): () => void;
  /**
   * How many events of jobs of a unit that is followed were told so far. Where two answers are the same, nobody and nothing
   * had systemd start or stop it in between. Undefined where jobs are not told, or may have been missed just now.
   */
  jobEvents(unit: string): number | undefined;
  /** What is known of a unit that is followed without asking. */
  told(unit: string): UnitFacts | undefined;
  /**
   * Of a unit that is followed and whose main process is dead: resolves once systemd told what became of it, or soon after that was to
   * be expected. Undefined where systemd is not about to tell all of it.
   */
  endTold(unit: string): Promise<void> | undefined;
  /** Whether the host goes on, by all that was told up to now; false where that is not known. */
  hostStays(): boolean;
  /** Finds that out, unless it is known, for the next that asks. */
  learnOfHost(): void;
  close(): void;
}

export interface JobRequest {
  readonly verb: JobVerb;
  readonly unit: string;
  /** The unit is in the state `failed`. */
  readonly failed?: boolean;
  /**
   * It may have run into its start limit, and is let out of it first; nothing is said when there was nothing to reset. By the
   * times of the last start: whoever does not tell them by the wall clock goes by `failed`.
   */
  readonly resetFailed?: boolean;
}

export type JobVerb = 'start' | 'stop' | 'restart' | 'reload';

/** `jobEvents`: how many were told until the answer, where that is certain. */
export type AskedUnit = Asked<UnitFacts> & { readonly jobEvents?: number | undefined };

export type Asked<T> =
  | { readonly ok: true; readonly value: T }
  /** `absent`: systemd itself cannot be reached this way, another may work. */
  | { readonly ok: false; readonly absent: boolean; readonly reason: string };

/**
 * How a job ended: `done`, or as org.freedesktop.systemd1(5) has it under JobRemoved (`failed`, `timeout`, `canceled`,
 * `dependency`, `skipped`, `assert`, ...); `refused` when it never began, `late` when it had not ended in time.
 */
export interface JobOutcome {
  readonly result: string;
  /** A sentence for what never began. */
  readonly reason?: string;
  readonly absent?: boolean;
}
