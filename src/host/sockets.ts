import type { Regex } from '../lib/regex/regex.ts';

/** Stream and datagram sockets for probes: always a deadline, always closed. */
export interface Sockets {
  connect(target: SocketTarget, timeoutMs: number, signal?: AbortSignal): Promise<SocketOutcome>;
  /** Connects, sends and reads by turns: for banners and simple protocols. */
  converse(
    target: SocketTarget,
    script: readonly SocketTurn[],
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<SocketOutcome>;
  /** Sends one datagram (UDP) and waits for one answer; silence is told apart from a refusal by the other host. */
  exchange(
    target: DatagramTarget,
    payload: Uint8Array,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<DatagramOutcome>;
}

export type SocketTarget =
  | {
      readonly host: string;
      readonly port: number;
      readonly family?: 4 | 6;
      readonly tls?: boolean;
      /** Whether the server's certificate must be trusted; only `false` turns it off. */
      readonly verify?: boolean;
      /** Text of certificates to trust instead of the system's. */
      readonly ca?: string;
      /** Name to ask for and to verify instead of `host`. */
      readonly serverName?: string;
    }
  | { readonly path: string };

export interface DatagramTarget {
  readonly host: string;
  readonly port: number;
  readonly family?: 4 | 6;
}

/**
 * `expect` reads until the text (or pattern) has come, `maxBytes` are in, or the deadline passed. Each one looks only
 * at what has come since the last match. `startTls` goes on inside TLS (verified as the target says).
 */
export type SocketTurn =
  | { readonly send: string | Uint8Array }
  | {
      /** `RegExp` for what a protocol says; patterns of rules are run by an engine that no text can stall. */
      readonly expect: string | RegExp | Pick<Regex, 'source' | 'end'>;
      readonly maxBytes?: number;
      /** An answer that ends the wait at once as a failure (code `MISMATCH`). */
      readonly unless?: RegExp;
    }
  | { readonly startTls: true };

export type SocketOutcome =
  | {
      readonly ok: true;
      readonly connectMs: number;
      readonly totalMs: number;
      /** Everything that came, as UTF-8. */
      readonly received: string;
      /** The same as raw bytes, for binary protocols. */
      readonly bytes?: Uint8Array;
      readonly address?: string;
    }
  | {
      readonly ok: false;
      readonly phase: 'dns' | 'connect' | 'tls' | 'send' | 'expect' | 'aborted';
      readonly code: string;
      readonly reason: string;
      readonly received?: string;
      /** Absent when there was no connection. */
      readonly connectMs?: number;
      readonly totalMs: number;
    };

export type DatagramOutcome =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly totalMs: number; readonly address: string }
  | {
      readonly ok: false;
      /** `expect`: it was sent and nothing came back (code `TIMEOUT`) or the port is closed (`ECONNREFUSED`). */
      readonly phase: 'dns' | 'send' | 'expect' | 'aborted';
      readonly code: string;
      readonly reason: string;
      readonly totalMs: number;
    };
