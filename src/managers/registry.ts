import { commands } from './commands.ts';
import type { ManagerKind } from './manager-kind.ts';
import { systemd } from './systemd.ts';

/** A manager whatever its options are: what the registry, the schema and the reference work with. */
export type AnyManagerKind = Omit<ManagerKind, 'main'> & { readonly main?: string };

/** Every manager that may stand under `manager:`, in the order of the reference. */
export const managerKinds: readonly AnyManagerKind[] = [systemd, commands];

/** The manager called `kind`, or nothing. */
export function findManager(kind: string): AnyManagerKind | undefined {
  return managerKinds.find((candidate) => candidate.kind === kind);
}
