import type { Shelf } from '../lib/shelf.ts';
import type { ConditionMemory } from './condition.ts';
import type { Incident } from './incident.ts';
import type { ManagerReport, OperationKind } from './manager.ts';
import type { Judgement, Reading, Verdict } from './reading.ts';
import type { CommandSpec } from './service.ts';

export type CheckStateName = 'pending' | 'up' | 'warning' | 'failing' | 'down' | 'unknown' | 'paused';

export type ServiceStateName = CheckStateName | 'starting' | 'stopping' | 'stopped' | 'unmonitored';

/**
 * Everything the engine knows; plain data, so that it can be stored, restored and replayed. All times are `now` of an
 * `Instant`, in milliseconds, unless a field says otherwise. Read services and incidents with `getFromShelf` and
 * `shelfValues`; save it with `changedParts`.
 */
export interface EngineState {
  readonly services: Shelf<ServiceState>;
  /** Open incidents by id, those that still owe somebody a notice, and the newest of the closed ones. */
  readonly incidents: Shelf<Incident>;
  /** Ids of the incidents that are over and owe nothing, oldest first; bounded. */
  readonly closed: readonly string[];
  readonly silences: readonly Silence[];
  /** Incidents that owe notices, by what they have in common; those of a group leave together. */
  readonly pending: readonly PendingNotice[];
  readonly trust: { readonly trusted: boolean; readonly reason?: string; readonly since: number };
  /** What the calendar says just now: names of active maintenance windows, and indices of the routes that are in their hours. */
  readonly calendar: { readonly maintenance: readonly string[]; readonly routes: readonly number[] };
  /** Services with a repair under way that is not ready yet: they fill the places of `maxRepairs`. */
  readonly repairing: readonly string[];
  /** Services that wait for such a place, in the order they came. */
  readonly waiting: readonly string[];
  /** Troubles of the agent itself that somebody was told of, by key: `notifier/team`, `reload`. */
  readonly troubles: Readonly<Record<string, Trouble>>;
  /** Per notifier with a rate limit: what was sent, and what waits for its digest. */
  readonly rates: Readonly<Record<string, NotifierRate>>;
  /** When a service wants to be looked at though nothing happens, soonest first. Derived from the services. */
  readonly timers: readonly Timer[];
  /** Makes ids; only ever counts up. */
  readonly sequence: number;
}

export interface Timer {
  readonly at: number;
  readonly service: string;
}

export interface ServiceState {
  readonly name: string;
  /** Goes up with every change that must survive a crash; a passing check alone is not one. */
  readonly revision: number;
  readonly monitored: boolean;
  readonly unmonitoredBy?: string | undefined;
  /** When monitoring resumes by itself (`unmonitor --for 5m`). */
  readonly resumeAt?: number | undefined;
  readonly state: ServiceStateName;
  /** When it entered `state`. */
  readonly since: number;
  /** Set while somebody wants it stopped. */
  readonly stop?: StopWish | undefined;
  readonly report?: ManagerReport | undefined;
  /** Why nothing is a failure just now (`hold_while`). */
  readonly holding?: string | undefined;
  readonly checks: Readonly<Record<string, CheckState>>;
  readonly operation?: Operation | undefined;
  readonly queue: readonly Operation[];
  /** Set while it comes up: bad readings do not count until it is over. */
  readonly startup?: Startup | undefined;
  /** Results of probes that began before this are too old to count. */
  readonly freshFrom: number;
  /** The last time its own manager was given time to bring it back, and when it was up again after that. */
  readonly grace?: { readonly at: number; readonly readyAt?: number } | undefined;
  readonly repair: RepairState;
  /** By check; `''` for what concerns the service as a whole. */
  readonly decisions: Readonly<Record<string, Decisions>>;
  readonly wakeAt?: number | undefined;
}

export interface StopWish {
  readonly by: string;
  readonly at: number;
  /** `manager`: stopped on purpose outside of the watcher; `watcher`: by its own `stop` command. */
  readonly source: 'manager' | 'watcher';
  /** It was seen not running since: seen running again, somebody started it. */
  readonly seenDown: boolean;
  /** The incident whose repair stopped it: it stays open until the service is up again, or an operator stops it too. */
  readonly incident?: string;
  /** Why the operation that was to stop it failed: while its manager then says that it runs, it is not stopped. */
  readonly failed?: string | undefined;
}

export interface Startup {
  /** What is being waited for; `manager`: its manager starts it by itself. */
  readonly kind: OperationKind | 'manager';
  readonly since: number;
  readonly until: number;
  /** Checks that must have passed since, and those that have. */
  readonly required: readonly string[];
  readonly passed: readonly string[];
  /** It had come up so far as to live, and died: there is nothing to wait for. */
  readonly died?: boolean;
  /** Fills a place of `maxRepairs`. */
  readonly place: boolean;
}

/** The last decisions done and not done, for `watcher why`. */
export interface Decisions {
  readonly repair?: Decision;
  readonly noRepair?: Decision;
  readonly notice?: Decision;
  readonly noNotice?: Decision;
}

export interface Decision {
  readonly at: number;
  readonly text: string;
  /** Of the reason, where its words change while it stays the same. */
  readonly key?: string;
  /** The words without what was true only at that moment: the time left. */
  readonly lasting?: string;
  /** The check and the incident it was about, where it was about one. */
  readonly check?: string;
  readonly incident?: string;
}

export interface CheckState {
  readonly name: string;
  readonly state: CheckStateName;
  /** When it entered `state`. */
  readonly since: number;
  /** What counts after tolerance: `failing` is down, and stays until recovery is certain. */
  readonly level: Level;
  /** Readings that count, newest last; bounded by what tolerance and display need. */
  readonly samples: readonly Sample[];
  /** Only samples after this count towards the next change of level. */
  readonly countFrom: number;
  /** Since when the verdicts have been, without a break, on this side of `warning` and of `failing`. */
  readonly turned: { readonly warning: number; readonly failing: number };
  /** First bad reading of the run that the present or coming incident is about. */
  readonly failingSince?: number | undefined;
  /** The last time a bad reading was put down to a cause elsewhere. */
  readonly heldAt?: number | undefined;
  readonly unknownSince?: number | undefined;
  readonly incident?: string | undefined;
  readonly memory: ConditionMemory;
  readonly judgement?: Judgement | undefined;
  /** Outcome of the last probe: `failed` means that there was nothing to measure. */
  readonly outcome?: 'read' | 'failed' | 'unknown' | undefined;
  readonly reading?: Reading | undefined;
  readonly lastRun?: number | undefined;
  readonly tookMs?: number | undefined;
  /** The pace that was asked for, where it is not the check's own. Milliseconds. */
  readonly pace?: number | undefined;
  readonly flap: FlapState;
}

export type Level = 'ok' | 'warning' | 'failing';

export interface Sample {
  readonly at: number;
  readonly verdict: Verdict;
  readonly text: string;
}

export interface FlapState {
  /** Whether the verdict changed from each reading to the next, newest last; at most 20. */
  readonly changes: readonly boolean[];
  readonly last?: Verdict;
  readonly flapping: boolean;
}

/** Something being done to a service, or waiting its turn. */
export interface Operation {
  readonly id: string;
  readonly kind: OperationKind;
  readonly command?: CommandSpec | undefined;
  readonly reason: string;
  readonly by: 'repair' | 'operator' | 'schedule' | 'dependency';
  /** Who asked, for an operator's. */
  readonly who?: string | undefined;
  readonly incident?: string | undefined;
  readonly requestedAt: number;
  readonly startedAt?: number | undefined;
}

export interface RepairState {
  /** Starts of repairs within the budget's window. */
  readonly attempts: readonly number[];
  /** The check whose ladder `rung` counts. */
  readonly check?: string | undefined;
  readonly rung: number;
  /** Repairs in a row that did not help. */
  readonly failures: number;
  readonly notBefore: number;
  readonly verifying?: Verification | undefined;
  readonly stoodDownAt?: number | undefined;
  readonly secondTries: number;
  /** When a fresh reading was asked for, because the last one was too old to act on. */
  readonly askedAt?: number | undefined;
  /** Since when nothing has been wrong with the service. */
  readonly healthySince?: number | undefined;
}

/** A repair on trial. */
export interface Verification {
  readonly repair: string;
  readonly kind: OperationKind;
  readonly check: string;
  readonly incident: string;
  /** End of the trial, once `readySince` is set; the deadline to be ready is that of the start-up. */
  readonly until: number;
  readonly readySince?: number | undefined;
}

export interface Silence {
  readonly id: string;
  readonly services: readonly string[];
  readonly checks: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly by: string;
  readonly comment: string;
  /** Wall time, as `until`. */
  readonly from: number;
  readonly until: number;
  /** Also hold repairs back. */
  readonly noRepair: boolean;
}

export interface PendingNotice {
  readonly key: string;
  readonly since: number;
  readonly due: number;
  readonly incidents: readonly string[];
}

export interface Trouble {
  readonly since: number;
  readonly text: string;
  readonly told: readonly string[];
}

export interface NotifierRate {
  /** When messages left, within the limit's window. */
  readonly sent: readonly number[];
  /** Incidents that wait for the digest, oldest first. */
  readonly held: readonly HeldNotice[];
}

export interface HeldNotice {
  readonly incident: string;
  readonly at: number;
  /** The digest is how its reader first hears of it. */
  readonly opening?: true;
}
