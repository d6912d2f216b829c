import type { Condition } from './condition.ts';

/** A service as its rule file resolved to: every default filled in, every value parsed. Durations in milliseconds. */
export interface Service {
  readonly name: string;
  readonly description?: string;
  readonly manager?: Choice;
  readonly groups: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly dependsOn: readonly string[];
  readonly runbook?: string;
  readonly mode: ServiceMode;
  readonly budget: RepairBudget;
  /** How long it may take to come up after a start before its checks count against it. */
  readonly startTimeout: number;
  readonly stopTimeout: number;
  /** Restarted after a repair of a dependency (only where asked). */
  readonly restartAfterDependency: boolean;
  readonly restartSchedule?: CalendarTime;
  /** While one of these holds, nothing is a failure: a lock file that exists, a command that exits 0. */
  readonly holdWhile: readonly HoldWhile[];
  readonly evidence: EvidencePolicy;
  readonly checks: readonly Check[];
}

/** `active` repairs; `passive` tells but never repairs; `manual` is watched only after somebody said `monitor`. */
export type ServiceMode = 'active' | 'passive' | 'manual';

/** One entry of a registry with its parsed options: `{ systemd: api.service }` is kind `systemd`. */
export interface Choice {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface Check {
  /** Unique within its service. */
  readonly name: string;
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly cadence: Cadence;
  /** Cadence while failing softly; absent: as ever. */
  readonly retryEvery?: number;
  readonly timeout: number;
  readonly expect: readonly Condition[];
  readonly warn: readonly Condition[];
  readonly failAfter: Tolerance;
  readonly recoverAfter: Tolerance;
  /** Of the incident when there is no repair to try first, or none helped; `warning` is the limit. */
  readonly severity: Severity;
  /** A ladder: the next rung when the last did not hold. Empty: tell only. */
  readonly repair: readonly RepairStep[];
  readonly notify: readonly string[];
  readonly remindEvery?: number;
  readonly escalate: readonly Escalation[];
  readonly flapping?: FlapThresholds;
  /** How long `unknown` may last before somebody is told. */
  readonly unknownAfter: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Set for the check that observes the service's own main process: others are held back while it is down. */
  readonly vital: boolean;
}

export type Cadence = { readonly every: number } | { readonly cron: string; readonly timezone?: string };

export interface CalendarTime {
  readonly cron: string;
  readonly timezone?: string;
}

/** How often or how long before it counts: `3` is 3 of 3 in a row; `3 of 5`; `30s`. */
export type Tolerance = { readonly count: number; readonly of: number } | { readonly duration: number };

export type Severity = 'warning' | 'critical';

/** A repair by its registry kind: `restart`, `reload`, `start`, `stop`, `run` (with a command). */
export interface RepairStep {
  readonly kind: string;
  readonly command?: CommandSpec;
}

export interface RepairBudget {
  /** At most `attempts` repairs in any sliding `window`. */
  readonly attempts: number;
  readonly window: number;
  readonly backoff: { readonly min: number; readonly max: number };
  /** How long the service must stay up after a repair before the repair counts as held. */
  readonly hold: number;
  /** After a stand-down: try again once after this long; absent: wait for a human. */
  readonly retryAfter?: number;
  /** How many such second-tier tries before resting for good. */
  readonly retryTimes: number;
}

export interface Escalation {
  readonly after: number;
  readonly notify: readonly string[];
  readonly severity?: Severity;
}

/** As Nagios: percent of weighted state change over the last 21 states; starts above `high`, ends below `low`. */
export interface FlapThresholds {
  readonly low: number;
  readonly high: number;
}

export type HoldWhile = { readonly exists: string } | { readonly run: CommandSpec };

export interface EvidencePolicy {
  readonly timeout: number;
  readonly commands: readonly CommandSpec[];
  /** Log file of the service, for the last lines, when its manager has none. */
  readonly log?: string;
}

/** A program to run. Never a shell unless `shell` is set, and then `argv` has one element, the shell's text. */
export interface CommandSpec {
  readonly argv: readonly string[];
  readonly shell: boolean;
  readonly user?: string;
  readonly group?: string;
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeout: number;
}
