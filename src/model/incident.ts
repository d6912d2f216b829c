import type { OperationKind } from './manager.ts';
import type { Finding } from './reading.ts';
import type { Severity } from './service.ts';

/** From `failed` to `recovered`, of one check. Plain data: stored as it is. Times as in `EngineState`. */
export interface Incident {
  /** Short and readable, unique for the life of the state folder: `api-7K3F`. */
  readonly id: string;
  readonly service: string;
  readonly check: string;
  /** The worst so far; never goes down. */
  readonly severity: Severity;
  /** What it is about, the worst so far: a check that could not be read, that warned, or that failed. */
  readonly about: 'unknown' | 'warning' | 'failing';
  readonly openedAt: number;
  /** First bad reading of the run that led to it: when it began, for people. */
  readonly failingSince: number;
  /** Where it began as less than it is now: when it became worse. */
  readonly worseSince?: number | undefined;
  /** When the check was up again, while the repair is on trial and after. */
  readonly upAt?: number | undefined;
  readonly closedAt?: number | undefined;
  /** Why it closed: `recovered`, `removed from the rules`, `stopped by an operator`. */
  readonly closedBecause?: string | undefined;
  readonly summary: string;
  readonly findings: readonly Finding[];
  readonly acknowledged?: Acknowledgement | undefined;
  readonly repairs: readonly RepairRecord[];
  readonly timeline: readonly TimelineEntry[];
  /** Notifiers that were told it failed, and so must be told when it ends (the resolve guarantee). */
  readonly told: readonly string[];
  /** Those that heard of it themselves by a later notice, whoever carried the first one. */
  readonly heard?: readonly string[] | undefined;
  /** Those of `told` that learned of it from a digest. */
  readonly toldByDigest?: readonly string[] | undefined;
  /** Counts the notices of this incident: part of their idempotency keys. */
  readonly notices: number;
  /** The next notice it owes; absent when everybody knows everything. */
  readonly owed?: OwedNotice | undefined;
  /** Why the owed notice is held back just now. */
  readonly withheld?: string | undefined;
  /** `key` of that `Mute`: the same for as long as the reason is, whatever time is left. */
  readonly withheldBy?: string | undefined;
  /** When somebody was last told, for reminders. */
  readonly toldAt?: number | undefined;
  /** How many steps of `escalate` were taken. */
  readonly escalations: number;
  /** The worst that was counted: `3 of 3`, `5 of 6`, `for 30 s`. */
  readonly tolerance: string;
  /** Name of the stored evidence pack, once captured. */
  readonly evidence?: string | undefined;
  /** What the evidence says in a line or two. */
  readonly evidenceSummary?: string | undefined;
  /** What it was about when evidence was last asked for without a repair: each is looked at once. */
  readonly lookedAt?: 'warning' | 'failing' | undefined;
  /** Readings around its opening, bad ones starred. */
  readonly history?: readonly string[] | undefined;
}

export interface OwedNotice {
  readonly kind: OwedKind;
  readonly since: number;
  /** Notifiers to be told besides those whom routing names (escalation by time). */
  readonly extra: readonly string[];
}

/** The kinds of notice that are about the course of an incident. */
export type OwedKind =
  | 'failed'
  | 'unknown'
  | 'escalated'
  | 'stood-down'
  | 'reminder'
  | 'recovered'
  | 'closed';

export interface Acknowledgement {
  readonly by: string;
  readonly at: number;
  readonly comment?: string;
  /** Wall time. */
  readonly until?: number;
}

export interface RepairRecord {
  readonly id: string;
  readonly kind: OperationKind;
  readonly at: number;
  readonly endedAt?: number | undefined;
  /** `unclear`: nobody could tell whether it held. */
  readonly outcome: 'running' | 'verifying' | 'held' | 'not-held' | 'failed' | 'unclear';
  readonly detail: string;
  /** Last lines of what the operation printed. */
  readonly output?: string | undefined;
}

export interface TimelineEntry {
  readonly at: number;
  readonly text: string;
}
