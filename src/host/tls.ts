/** A look at a server's certificate. */
export interface Tls {
  inspect(target: TlsTarget, timeoutMs: number, signal?: AbortSignal): Promise<TlsOutcome>;
}

export interface TlsTarget {
  readonly host: string;
  readonly port: number;
  readonly serverName?: string;
  readonly ca?: string;
  /** The protocol in which TLS is asked for; absent: TLS from the first byte. */
  readonly starttls?: StartTlsProtocol;
}

export type StartTlsProtocol = 'smtp' | 'imap' | 'pop3' | 'ftp' | 'postgres';

export type TlsOutcome =
  | {
      readonly ok: true;
      readonly validFrom: number;
      readonly validUntil: number;
      readonly subject: string;
      readonly issuer: string;
      readonly fingerprint: string;
      readonly protocol: string;
      readonly cipher: string;
      /** Why the chain is not trusted, or nothing when it is. */
      readonly distrust?: string;
      readonly names: readonly string[];
      readonly handshakeMs: number;
    }
  | {
      readonly ok: false;
      readonly phase: 'dns' | 'connect' | 'tls' | 'aborted';
      readonly code: string;
      readonly reason: string;
    };
