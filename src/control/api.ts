import type { Incident } from '../model/incident.ts';
import type { ManagerReport } from '../model/manager.ts';
import type { Finding, Reading } from '../model/reading.ts';
import type { Severity } from '../model/service.ts';
import type { CheckStateName, ServiceStateName } from '../model/state.ts';

/** Version of every JSON answer: goes up when a field changes its meaning or goes away, not when one is added. */
export const API_VERSION = 1;

/** `GET /v1/summary` and `watcher summary --json`. Times in wall milliseconds since the epoch. */
export interface Summary {
  readonly version: typeof API_VERSION;
  readonly agent: AgentInfo;
  readonly services: readonly SummaryRow[];
}

export interface AgentInfo {
  readonly version: string;
  readonly pid: number;
  readonly host: string;
  readonly startedAt: number;
  readonly config: string;
  readonly stateDir: string;
  readonly socket: string;
  /** Why results are not trusted just now, or absent. */
  readonly distrust?: string;
  /** The last reload was refused because of this. */
  readonly reloadRefused?: { readonly at: number; readonly summary: string };
  readonly undelivered: number;
  readonly missedRuns: number;
}

export interface SummaryRow {
  readonly service: string;
  readonly state: ServiceStateName;
  readonly since: number;
  /** What is wrong, one line; empty when nothing is. */
  readonly problem: string;
  readonly severity?: Severity;
  readonly incidents: readonly string[];
  /** `restart running`, `restart on trial for 41 s`, `stood down` */
  readonly activity?: string;
  readonly checksUp: number;
  readonly checksTotal: number;
  readonly silenced: boolean;
}

/** `GET /v1/status[?service=NAME]` */
export interface Status {
  readonly version: typeof API_VERSION;
  readonly agent: AgentInfo;
  readonly services: readonly ServiceStatus[];
}

export interface ServiceStatus extends SummaryRow {
  readonly description?: string;
  readonly groups: readonly string[];
  readonly manager?: { readonly kind: string; readonly report?: ManagerReport };
  readonly monitored: boolean;
  readonly checks: readonly CheckStatus[];
  readonly repairsInWindow: number;
  readonly repairsAllowed: number;
}

export interface CheckStatus {
  readonly name: string;
  readonly kind: string;
  readonly state: CheckStateName;
  readonly since: number;
  readonly lastRun?: number;
  readonly tookMs?: number;
  readonly every: string;
  readonly summary: string;
  readonly findings: readonly Finding[];
  readonly reading: Reading;
  /** The same values for people, in the order to show them: `memory: 41.2 MB`. */
  readonly measurements: readonly { readonly name: string; readonly text: string }[];
  readonly history: readonly string[];
  readonly incident?: Incident;
  readonly missed: number;
}

/** Body of `POST /v1/command`. `wait` holds the answer back until the operation has ended. */
export interface CommandRequest {
  readonly do: 'monitor' | 'unmonitor' | 'start' | 'stop' | 'restart' | 'reload-service';
  readonly services: readonly string[] | 'all';
  readonly for?: number;
  readonly wait?: boolean;
  readonly by?: string;
}

export interface CommandAnswer {
  readonly version: typeof API_VERSION;
  readonly results: readonly { readonly service: string; readonly ok: boolean; readonly detail: string }[];
}

/** Every error answer: a sentence with the fix, and a stable code. */
export interface ErrorAnswer {
  readonly version: typeof API_VERSION;
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
}
