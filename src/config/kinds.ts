import type { CheckKind } from '../checks/check-kind.ts';
import type { ManagerKind } from '../managers/manager-kind.ts';
import type { NotifierKind } from '../notifiers/notifier-kind.ts';
import type { RepairKind } from '../repairs/repair-kind.ts';

/** A kind whatever its options are. */
type Any<K extends { readonly main?: string }> = Omit<K, 'main'> & { readonly main?: string };

/** A kind of check as rule files meet it. */
export type AnyCheckKind = Any<CheckKind>;

/** The kinds that rule files may name, by name: an argument, so that tests can bring small ones. */
export interface Kinds {
  readonly checks: Readonly<Record<string, AnyCheckKind>>;
  readonly managers: Readonly<Record<string, Any<ManagerKind>>>;
  readonly notifiers: Readonly<Record<string, Any<NotifierKind>>>;
  readonly repairs: Readonly<Record<string, RepairKind>>;
}

/** As a list, or by name already. */
type Registry<K> = readonly K[] | Readonly<Record<string, K>>;

/** Registries as kinds by name. */
export function kindsByName(registries: {
  readonly checks: Registry<AnyCheckKind>;
  readonly managers: Registry<Any<ManagerKind>>;
  readonly notifiers: Registry<Any<NotifierKind>>;
  readonly repairs: Registry<RepairKind>;
}): Kinds {
  return {
    checks: byName(registries.checks),
    managers: byName(registries.managers),
    notifiers: byName(registries.notifiers),
    repairs: byName(registries.repairs),
  };
}

function byName<K extends { readonly kind: string }>(kinds: Registry<K>): Readonly<Record<string, K>> {
  return Object.fromEntries(Object.values(kinds).map((kind: K) => [kind.kind, kind]));
}
