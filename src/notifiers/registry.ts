import { email } from './email.ts';
import type { NotifierKind } from './notifier-kind.ts';
import { webhook } from './webhook.ts';

/** A notifier whatever its options are: what the registry, the schema and the reference work with. */
export type AnyNotifierKind = Omit<NotifierKind, 'main'> & { readonly main?: string };

/** Every kind of notifier, in the order of the reference. */
export const notifierKinds: readonly AnyNotifierKind[] = [email, webhook];

/** The notifier called `kind`, or nothing. */
export function findNotifier(kind: string): AnyNotifierKind | undefined {
  return notifierKinds.find((candidate) => candidate.kind === kind);
}
