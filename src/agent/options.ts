import type { Kinds } from '../config/kinds.ts';
import type { ControlFailure } from '../control/answered.ts';
import type { Host } from '../host/host.ts';
import type { Config } from '../model/config.ts';
import type { StoreFailure } from '../state/store.ts';
import type { AgentLogger } from '../telemetry/logger.ts';
import type { UnitNotice } from './unit/unit-notice.ts';

/** What reading the rules gave. */
export interface Loaded {
  /** Absent when there are errors. */
  readonly config?: Config;
  /** Problems as they are printed, with excerpts; empty when there are none. */
  readonly report: string;
  /** `2 errors and 1 warning`. */
  readonly summary: string;
  /** Files that were read and folders where new ones would count: watched with `watch: true`. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

export interface AgentOptions {
  readonly host: Host;
  readonly kinds: Kinds;
  /** Of the program, for people. */
  readonly version: string;
  readonly load: () => Promise<Loaded>;
  readonly logger: AgentLogger;
  /** Decide everything, do nothing: no operations, no notices, nothing saved, no socket. */
  readonly dryRun?: boolean;
  /** Off: only the schedule makes checks run. For tests: nothing but latency may depend on nudges. */
  readonly nudges?: boolean;
  /** Calls back each time when the process has given back memory that it did not use. */
  readonly onMemoryReleased?: (run: () => void) => void;
  /** Where systemd wants to be told how the agent is. */
  readonly unit?: UnitNotice;
}

/** Why the agent did not start. `family` says which of the kinds of failure it is, for the exit code. */
export type StartFailure =
  /** It was asked to stop before it had started. */
  | { readonly family: 'stopped' }
  | { readonly family: 'configuration'; readonly report: string; readonly summary: string }
  | { readonly family: 'state'; readonly failure: StoreFailure }
  | { readonly family: 'socket'; readonly failure: ControlFailure };
