import type { Host } from '../host/host.ts';
import type { ManagerReport, OperationKind, OperationResult } from '../model/manager.ts';
import type { Fields, OptionsOf } from '../schema/field.ts';

/** The declaration of a process manager. */
export interface ManagerKind<F extends Fields = Fields> {
  /** Its key under `manager:`: `systemd`. */
  readonly kind: string;
  readonly summary: string;
  readonly options: F;
  readonly main?: keyof F & string;
  /** What it can do; the rest is refused when a rule asks for it. */
  can(options: OptionsOf<F>): readonly Exclude<OperationKind, 'run'>[];
  /** For the reference: what can be seen, what is event-driven, what rights it needs, how stopped on purpose is told. */
  readonly notes: {
    readonly sees: string;
    readonly events: string;
    readonly rights: string;
    readonly intent: string;
  };
  readonly example: string;
  /** Opens the way to one service. Must not fail: troubles show in the reports. */
  open(options: OptionsOf<F>, context: ManagerContext): Manager;
  /** Services of this manager on this host, for starter rules and the embedded default. */
  discover?(host: Host): Promise<readonly Discovered[]>;
}

export interface ManagerContext {
  readonly host: Host;
  readonly service: string;
  readonly startTimeout: number;
  readonly stopTimeout: number;
}

/** One service as its manager sees it. */
export interface Manager {
  report(): Promise<ManagerReport>;
  /** Follows the operation to its end (or its deadline). */
  operate(kind: Exclude<OperationKind, 'run'>, signal?: AbortSignal): Promise<OperationResult>;
  /** Last log lines, oldest first, where the manager keeps them. */
  logs?(lines: number): Promise<readonly string[]>;
  /** Calls back within milliseconds of a change, where the manager can tell. Returns the way to stop. */
  follow?(changed: () => void): () => void;
  close(): void;
}

export interface Discovered {
  readonly name: string;
  readonly manager: Readonly<Record<string, unknown>>;
  readonly detail: string;
}

export function defineManager<const F extends Fields>(kind: ManagerKind<F>): ManagerKind<F> {
  return kind;
}
