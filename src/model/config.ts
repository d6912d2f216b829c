import type { CalendarTime, Choice, Service, Severity } from './service.ts';

/** Everything the agent was told, resolved. Built whole by `config/`, swapped whole by a reload. */
export interface Config {
  /** The file it came from; absent for the embedded default. */
  readonly file?: string;
  /** How this machine is called in notices. */
  readonly hostName: string;
  readonly stateDir: string;
  readonly socket: string;
  readonly services: readonly Service[];
  readonly notifiers: Readonly<Record<string, Notifier>>;
  /** Who is told of what names nobody, and of the agent's own troubles. */
  readonly notify: readonly string[];
  readonly routes: readonly Route[];
  readonly maintenance: readonly MaintenanceWindow[];
  readonly heartbeat?: Heartbeat;
  readonly notices: NoticePolicy;
  /** Most repairs at once on this host, and per group. */
  readonly maxRepairs: { readonly host: number; readonly groups: Readonly<Record<string, number>> };
  /** Remote targets (host:port) that tell whether the uplink works; empty: only when most remote checks fail at once. */
  readonly uplink: readonly string[];
  readonly watchFiles: boolean;
  /** False: nothing but the schedule makes checks run; deaths and managers' events are not listened to. */
  readonly nudges?: boolean;
  readonly log: { readonly level: 'error' | 'warn' | 'info' | 'debug' };
  /** Texts that must never be printed, with the place each came from (`${file:/etc/key}`). */
  readonly secrets: readonly Secret[];
}

export interface Secret {
  readonly text: string;
  readonly source: string;
}

export interface Notifier extends Choice {
  readonly name: string;
  readonly minSeverity: Severity;
  /** Takes over when this one fails for good or for long, in order. */
  readonly fallback: readonly string[];
  readonly sendResolved: boolean;
  /** Most messages in a window; what is over it goes into one digest. */
  readonly rateLimit?: { readonly messages: number; readonly window: number };
}

/** Adds notifiers to (or replaces those of) notices that match; all of the given fields must match. */
export interface Route {
  readonly match: {
    readonly services?: readonly string[];
    readonly groups?: readonly string[];
    readonly labels?: Readonly<Record<string, string>>;
    readonly severity?: Severity;
    readonly during?: CalendarWindow;
  };
  readonly notify: readonly string[];
  readonly replace: boolean;
}

export interface CalendarWindow extends CalendarTime {
  readonly duration: number;
}

export interface MaintenanceWindow {
  readonly name: string;
  /** Recurring, or one explicit span of wall time. */
  readonly when: CalendarWindow | { readonly from: number; readonly until: number };
  /** Empty lists match everything. */
  readonly services: readonly string[];
  readonly groups: readonly string[];
  /** Whether repairs go on during the window. */
  readonly repairs: boolean;
}

export interface Heartbeat {
  readonly url: string;
  readonly every: number;
}

export interface NoticePolicy {
  /** Wait this long for more of the same cause before telling. */
  readonly groupWait: number;
}
