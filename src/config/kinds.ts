import type { CheckKind } from '../checks/check-kind.ts';
import type { ManagerKind } from '../managers/manager-kind.ts';
import type { NotifierKind } from '../notifiers/notifier-kind.ts';
import type { RepairKind } from '../repairs/repair-kind.ts';

/** The registries that rule files may name kinds of: an argument, so that tests can bring small ones. */
export interface Kinds {
  readonly checks: Readonly<Record<string, CheckKind>>;
  readonly managers: Readonly<Record<string, ManagerKind>>;
  readonly notifiers: Readonly<Record<string, NotifierKind>>;
  readonly repairs: Readonly<Record<string, RepairKind>>;
}
