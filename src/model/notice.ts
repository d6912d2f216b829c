import type { RepairRecord } from './incident.ts';
import type { Severity } from './service.ts';

export type NoticeKind =
  | 'failed'
  | 'recovered'
  | 'escalated'
  | 'reminder'
  | 'stood-down'
  | 'unknown'
  | 'flapping'
  | 'closed'
  | 'digest'
  | 'agent'
  | 'test';

/**
 * One message for one notifier, with everything it says frozen in it: it may be sent hours later, and must then still
 * tell what was true when it was written. Notifiers only format it.
 */
export interface Notice {
  /** Stable idempotency key: the same notice sent twice carries the same id. */
  readonly id: string;
  readonly notifier: string;
  readonly kind: NoticeKind;
  /** `firing` until everything in it is over. `info` for what neither opens nor closes anything. */
  readonly status: 'firing' | 'resolved' | 'info';
  readonly severity: Severity;
  readonly at: number;
  readonly host: string;
  /** Subject line; begins with the state: `DOWN api/responds: latency 812 ms, expected < 500 ms`. */
  readonly title: string;
  readonly items: readonly NoticeItem[];
  /** Extra paragraph for notices that are not about incidents (a refused reload, a digest). */
  readonly text?: string;
  /** Notifiers that get the same beginning or end in a notice of their own: they need not carry this one. */
  readonly alsoTold?: readonly string[];
  /** What a notice about no incident is about, the same at its beginning and its end: `notifier/team`, `reload`. */
  readonly topic?: string;
  /** When that began, on the wall clock. */
  readonly startedAt?: number;
}

/** What the notice says of one incident. */
export interface NoticeItem {
  readonly incident: string;
  readonly service: string;
  readonly check: string;
  readonly status: 'firing' | 'resolved' | 'info';
  /** Its reader hears of the incident for the first time. */
  readonly opening?: true;
  readonly severity: Severity;
  /** First bad reading. */
  readonly startedAt: number;
  /** Where it began as a warning, or could not be told, and is worse now: since when. */
  readonly worseSince?: number;
  /** First good reading after the last bad one. */
  readonly endedAt?: number;
  /** `latency 812 ms` */
  readonly measured: string;
  /** `latency < 500 ms` */
  readonly expected: string;
  /** How often: `3 of 3 cycles` */
  readonly tolerance: string;
  readonly summary: string;
  /** What was done about it, oldest first. */
  readonly repairs: readonly RepairRecord[];
  /** What the watcher will do next, or why it does nothing: `restart in 4 s (attempt 2 of 3)`. */
  readonly next?: string;
  readonly description?: string;
  readonly runbook?: string;
  /** False where nothing can start or restart the service: it has no manager. */
  readonly operable?: boolean;
  readonly groups: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** The last readings, bad ones starred: `41 ms, *812 ms, *790 ms`. */
  readonly history: readonly string[];
  readonly evidence?: string;
  /** What the evidence says in a line: `last log line: out of handles; 9 exhibits captured`. */
  readonly evidenceSummary?: string;
  readonly acknowledgedBy?: string;
  readonly acknowledgedComment?: string;
  /** What the incident is about; absent in notices of older versions, where it counts as failing. */
  readonly about?: 'unknown' | 'warning' | 'failing';
}

/** A notice that leaves later than this after it was written says that it is late. Milliseconds. */
export const LATE_AFTER = 2 * 60_000;

/** How one attempt to send ended. The sender says whether trying again can help. */
export type Delivery =
  | {
      readonly ok: true;
      readonly detail: string;
      /** Whom it did not reach, though others got it, and why. */
      readonly missed?: string;
    }
  | {
      readonly ok: false;
      readonly retry: boolean;
      readonly retryAfter?: number;
      readonly reason: string;
      /** It may have arrived all the same: it was sent, and no answer came. */
      readonly perhaps?: true;
    };
