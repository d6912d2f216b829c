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
  /** Options of which at least one has to be given. */
  readonly oneOf?: readonly (keyof F & string)[];
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
  /** What this manager runs on this host: for starter rules, and to find two that restart the same. Changes nothing. */
  discover?(host: Host): Promise<Discovery>;
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
  /** The same about a process that has just ended, where all of it can be told at once: then nothing holds up its repair. */
  reportNow?(): ManagerReport | undefined;
  /**
   * Where the manager is about to tell what became of a process that has just ended: resolves once it has, or some milliseconds later.
   * Then `reportNow` may know. Undefined where nothing is to be waited for.
   */
  endTold?(): Promise<void> | undefined;
  /**
   * Whether the host surely does not go down, where the manager is told of that as well, and in the order in which it happens: then
   * that need not be asked about the end of which `reportNow` knows.
   */
  hostStays?(): boolean;
  /** Follows the operation to its end (or its deadline). */
  operate(kind: Exclude<OperationKind, 'run'>, signal?: AbortSignal): Promise<OperationResult>;
  /** Why this user would not be let start, stop or restart it, where that can be found out without doing it. */
  refusal?(): Promise<string | undefined>;
  /** Last log lines, oldest first, where the manager keeps them. */
  logs?(lines: number): Promise<readonly string[]>;
  /** Calls back within milliseconds of a change, where the manager can tell. Returns the way to stop. */
  follow?(changed: () => void): () => void;
  close(): void;
}

/** What became of looking for the services of a manager. */
export interface Discovery {
  /** Whether the manager runs on this host. */
  readonly present: boolean;
  readonly services: readonly Discovered[];
  /** Why its services could not be listed, and what to do. */
  readonly trouble?: string;
}

/** One service that a manager has. */
export interface Discovered {
  readonly name: string;
  /** What stands under `manager:` for it. */
  readonly manager: Readonly<Record<string, unknown>>;
  /** One line for people: what it is. */
  readonly detail: string;
  /** Numbers of its own processes; those below them need not be here. */
  readonly pids: readonly number[];
  /** What makes the manager start it again by itself: `Restart=always`; absent where it would not. */
  readonly restarts?: string;
  /** Whether somebody wants it on this machine for good; what merely runs now is not worth a rule. */
  readonly lasting: boolean;
  /** What could stand under `manager:` for it without this manager, where that is known. */
  readonly instead?: Readonly<Record<string, unknown>>;
}

/** The manager does not run here. */
export const notHere: Discovery = { present: false, services: [] };

export function defineManager<const F extends Fields>(kind: ManagerKind<F>): ManagerKind<F> {
  return kind;
}
