import type { CheckKind } from './check-kind.ts';
import { dns } from './dns.ts';
import { http } from './http.ts';
import { tcp } from './tcp.ts';
import { tls } from './tls.ts';

/** A kind of check whatever its options are: what the registry, the schema and the reference work with. */
export type AnyCheckKind = Omit<CheckKind, 'main'> & { readonly main?: string };

/** Every kind of check, in the order of the reference. */
export const checkKinds: readonly AnyCheckKind[] = [http, tcp, tls, dns];

/** The kind of check called `kind`, or nothing. */
export function findCheck(kind: string): AnyCheckKind | undefined {
  return checkKinds.find((candidate) => candidate.kind === kind);
}
