/** One HTTP exchange over a fresh connection (undici, loaded on first use). */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpOutcome>;
}

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Separate deadlines in milliseconds; `total` bounds everything, redirects included. */
  readonly timeouts: { readonly connect: number; readonly headers: number; readonly total: number };
  readonly maxBodyBytes: number;
  readonly redirects: number;
  readonly tls?: {
    readonly verify: boolean;
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly serverName?: string;
  };
  /** A unix socket to connect to instead of the URL's host. */
  readonly socketPath?: string;
  readonly family?: 4 | 6;
  readonly signal?: AbortSignal;
}

export type HttpOutcome =
  | {
      readonly ok: true;
      readonly status: number;
      /** Lower-case names. */
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly bodyBytes: number;
      readonly truncated: boolean;
      readonly url: string;
      readonly redirects: number;
      readonly timings: HttpTimings;
      /** End of validity of the server's certificate, wall milliseconds. */
      readonly certificateExpiresAt?: number;
    }
  | {
      readonly ok: false;
      /** In which phase it ended: so that the message says what was tried. */
      readonly phase: 'dns' | 'connect' | 'tls' | 'headers' | 'body' | 'aborted';
      readonly code: string;
      readonly reason: string;
      readonly timings: HttpTimings;
    };

/** Milliseconds from the start of the request. */
export interface HttpTimings {
  readonly dns?: number | undefined;
  readonly connect?: number | undefined;
  readonly tls?: number | undefined;
  readonly firstByte?: number | undefined;
  readonly total: number;
}
