import type { ConditionMemory } from './condition.ts';
import type { Incident } from './incident.ts';
import type { ManagerReport, OperationKind } from './manager.ts';
import type { Judgement, Reading, Verdict } from './reading.ts';
import type { CommandSpec } from './service.ts';

export type CheckStateName = 'pending' | 'up' | 'warning' | 'failing' | 'down' | 'unknown' | 'paused';

export type ServiceStateName = CheckStateName | 'starting' | 'stopping' | 'stopped' | 'unmonitored';

/** Everything the engine knows; plain JSON data, so that it can be stored, restored and replayed. */
export interface EngineState {
  readonly services: Readonly<Record<string, ServiceState>>;
  /** Open incidents, and the closed ones that still owe somebody a notice, by id. */
  readonly incidents: Readonly<Record<string, Incident>>;
  readonly silences: readonly Silence[];
  /** Notices waiting for their group (`group_wait`) or for a rate limit. Owned by `engine/notice`. */
  readonly pending: readonly PendingNotice[];
  readonly trust: { readonly trusted: boolean; readonly reason?: string; readonly since: number };
  /** Makes ids; only ever counts up. */
  readonly sequence: number;
}

export interface ServiceState {
  readonly name: string;
  readonly monitored: boolean;
  /** When monitoring resumes by itself (`unmonitor --for 5m`). */
  readonly resumeAt?: number;
  readonly since: number;
  readonly report?: ManagerReport;
  readonly checks: Readonly<Record<string, CheckState>>;
  readonly operation?: Operation;
  readonly queue: readonly Operation[];
  readonly repair: RepairState;
}

export interface CheckState {
  readonly name: string;
  readonly state: CheckStateName;
  /** When it entered `state`. */
  readonly since: number;
  /** Newest last; bounded by what tolerance and display need. */
  readonly samples: readonly Sample[];
  readonly failingSince?: number;
  readonly incident?: string;
  readonly memory: ConditionMemory;
  readonly judgement?: Judgement;
  readonly reading?: Reading;
  readonly lastRun?: number;
  readonly flap: FlapState;
}

export interface Sample {
  readonly at: number;
  readonly verdict: Verdict;
  readonly text: string;
}

export interface FlapState {
  readonly changes: readonly boolean[];
  readonly flapping: boolean;
}

/** Something being done to a service, or waiting its turn. */
export interface Operation {
  readonly id: string;
  readonly kind: OperationKind;
  readonly command?: CommandSpec;
  readonly reason: string;
  readonly by: 'repair' | 'operator' | 'schedule' | 'dependency';
  readonly incident?: string;
  readonly requestedAt: number;
  readonly startedAt?: number;
}

export interface RepairState {
  /** Starts of repairs within the budget's window. */
  readonly attempts: readonly number[];
  readonly rung: number;
  readonly failures: number;
  readonly notBefore: number;
  readonly verifying?: {
    readonly repair: string;
    readonly incident: string;
    readonly until: number;
    readonly readySince?: number;
  };
  readonly stoodDownAt?: number;
  readonly secondTries: number;
  readonly healthySince?: number;
}

export interface Silence {
  readonly id: string;
  readonly services: readonly string[];
  readonly checks: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly by: string;
  readonly comment: string;
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
