import type { Incident } from '../model/incident.ts';
import type { ManagerReport } from '../model/manager.ts';
import type { Finding, Reading } from '../model/reading.ts';
import type { Severity } from '../model/service.ts';
import type { CheckStateName, ServiceStateName, Silence } from '../model/state.ts';

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
  /** Why the state is not being saved just now (a full disk), or absent. */
  readonly stateTrouble?: string;
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
  readonly do: 'monitor' | 'unmonitor' | 'start' | 'stop' | 'restart';
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

/** `POST /v1/reload`: the new configuration is in force when this answers. A refused one is an error answer with the problems as text. */
export interface ReloadAnswer {
  readonly version: typeof API_VERSION;
  readonly config: string;
  readonly services: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  /** Settings that only a restart of the agent brings into force: `socket`, `state_dir`. */
  readonly needsRestart: readonly string[];
}

/** `POST /v1/quit`: the agent has begun to stop; it is gone when its socket is. */
export interface QuitAnswer {
  readonly version: typeof API_VERSION;
  readonly pid: number;
}

/** Query of `GET /v1/events`, which answers with one JSON event a line (NDJSON), oldest first. */
export interface EventsQuery {
  readonly service?: string;
  /** Wall milliseconds since the epoch. */
  readonly since?: number;
  /** At most so many of those that are stored, the newest ones. */
  readonly limit?: number;
  /** Stay connected and send what happens from now on. */
  readonly follow?: boolean;
}

/** `GET /v1/incidents[?all=1][&service=NAME]`: newest first; without `all` only what is open. */
export interface IncidentsAnswer {
  readonly version: typeof API_VERSION;
  readonly incidents: readonly Incident[];
}

/** `GET /v1/incidents/ID` */
export interface IncidentAnswer {
  readonly version: typeof API_VERSION;
  readonly incident: Incident;
  /** The evidence pack as text, where one was captured. */
  readonly evidence?: string;
}

/** `GET /v1/why?service=NAME[&check=NAME]`: the chain of reasons, one sentence a line. */
export interface WhyAnswer {
  readonly version: typeof API_VERSION;
  readonly service: string;
  readonly check?: string;
  readonly reasons: readonly string[];
}

/** Body of `POST /v1/acknowledge`. `for` in milliseconds; absent: until the incident ends. */
export interface AcknowledgeRequest {
  readonly incident: string;
  readonly by?: string;
  readonly comment?: string;
  readonly for?: number;
  /** Takes an acknowledgement back. */
  readonly undo?: boolean;
}

/** Body of `POST /v1/silences`. `for` in milliseconds. Empty or absent lists match everything. */
export interface SilenceRequest {
  readonly services?: readonly string[];
  readonly checks?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly for: number;
  readonly by?: string;
  readonly comment?: string;
  readonly noRepair?: boolean;
}

/** `GET /v1/silences`, and the answer to making or ending one. */
export interface SilencesAnswer {
  readonly version: typeof API_VERSION;
  readonly silences: readonly Silence[];
}

/** `GET /v1/config`: what is in force, resolved, with secrets replaced by their sources. */
export interface ConfigAnswer {
  readonly version: typeof API_VERSION;
  readonly loadedAt: number;
  readonly config: unknown;
}
