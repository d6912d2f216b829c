/** Sends one mail through the first server that takes it (nodemailer, loaded on first use). Every phase is bounded. */
export interface Mail {
  send(message: MailMessage, servers: readonly MailServer[], timeoutMs: number): Promise<MailOutcome>;
}

export interface MailServer {
  /** `smtp://[user:password@]host[:port]` (STARTTLS where offered), `smtps://`. */
  readonly url: string;
  /** Whether the server's certificate must be trusted. */
  readonly verify: boolean;
  /**
   * Sends nothing without TLS. Also in force when the URL carries a password and the server is on another machine,
   * unless `plain` says that there is no TLS at all.
   */
  readonly requireTls: boolean;
  readonly plain?: boolean;
  /** Text of certificates to trust instead of the known ones. */
  readonly ca?: string;
}

export interface MailMessage {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
  readonly references: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly attachments: readonly { readonly name: string; readonly text: string }[];
}

export type MailOutcome =
  | {
      readonly ok: true;
      readonly server: string;
      readonly response: string;
      /** Recipients that no server took, while others got the mail. */
      readonly refused?: readonly RefusedRecipient[];
    }
  /** `retry`: a 4xx answer or no connection; a 5xx answer will not change. */
  | { readonly ok: false; readonly retry: boolean; readonly reason: string };

export interface RefusedRecipient {
  readonly address: string;
  /** A 4xx answer, which may be another one in a while (RFC 5321, section 4.2.1). */
  readonly retry: boolean;
  readonly reason: string;
}
