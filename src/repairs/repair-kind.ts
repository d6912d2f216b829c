import type { OperationKind } from '../model/manager.ts';

/** The declaration of a repair that a check may name. */
export interface RepairKind {
  /** `restart` in `repair: restart`. */
  readonly kind: string;
  readonly summary: string;
  /** What is asked of the service's manager, or `run` for an own command. */
  readonly operation: OperationKind;
  /** Whether `{ <kind>: [command] }` gives a command. */
  readonly takesCommand: boolean;
  readonly example: string;
}

/** Checks the declaration against its contract where it stands. */
export function defineRepair(kind: RepairKind): RepairKind {
  return kind;
}
