import type { OperationKind } from './manager.ts';
import type { Finding } from './reading.ts';
import type { Severity } from './service.ts';

/** From `failed` to `recovered`, of one check. Plain data: stored as it is. */
export interface Incident {
  /** Short and readable, unique for the life of the state folder: `api-7K3F`. */
  readonly id: string;
  readonly service: string;
  readonly check: string;
  readonly severity: Severity;
  readonly openedAt: number;
  /** First failing cycle of the run that led to it. */
  readonly failingSince: number;
  readonly closedAt?: number;
  /** Why it closed: `recovered`, `removed from the rules`, `stopped by an operator`. */
  readonly closedBecause?: string;
  readonly summary: string;
  readonly findings: readonly Finding[];
  readonly acknowledged?: Acknowledgement;
  readonly repairs: readonly RepairRecord[];
  readonly timeline: readonly TimelineEntry[];
  /** Notifiers that were told it failed, and so must be told when it ends (the resolve guarantee). */
  readonly told: readonly string[];
  /** Counts the notices of this incident: part of their idempotency keys. */
  readonly notices: number;
  /** The worst that was counted: `3 of 3`, `5 of 6`, `for 30 s`. */
  readonly tolerance: string;
  /** Name of the stored evidence pack, once captured. */
  readonly evidence?: string;
}

export interface Acknowledgement {
  readonly by: string;
  readonly at: number;
  readonly comment?: string;
  readonly until?: number;
}

export interface RepairRecord {
  readonly id: string;
  readonly kind: OperationKind;
  readonly at: number;
  readonly endedAt?: number;
  readonly outcome: 'running' | 'verifying' | 'held' | 'not-held' | 'failed';
  readonly detail: string;
}

export interface TimelineEntry {
  readonly at: number;
  readonly text: string;
}
