import type { Host } from '../host/host.ts';
import type { Delivery, Notice } from '../model/notice.ts';
import type { Fields, OptionsOf } from '../schema/field.ts';

/** The declaration of a way to tell people. A sender only formats and sends; retries and order are the outbox's. */
export interface NotifierKind<F extends Fields = Fields> {
  readonly kind: string;
  readonly summary: string;
  readonly options: F;
  readonly main?: keyof F & string;
  readonly example: string;
  /** Must end by `timeout`; never throws for what the world does; never puts a secret into its reason. */
  send(notice: Notice, sending: Sending<OptionsOf<F>>): Promise<Delivery>;
  /** A look whether it could work, without telling anybody (`watcher check --host`). */
  reach?(sending: Sending<OptionsOf<F>>): Promise<Delivery>;
}

export interface Sending<O> {
  readonly options: O;
  readonly host: Host;
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Which attempt this is (1 is the first) and how late it is, for `late by 2 h` in the message. */
  readonly attempt: number;
  readonly lateBy: number;
  /** Reads a stored evidence pack as text, for attachments. */
  readonly evidence: (name: string) => Promise<string | undefined>;
}

export function defineNotifier<const F extends Fields>(kind: NotifierKind<F>): NotifierKind<F> {
  return kind;
}
