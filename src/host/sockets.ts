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
}

export type SocketTarget =
  | {
      readonly host: string;
      readonly port: number;
      readonly family?: 4 | 6;
      readonly tls?: boolean;
      readonly verify?: boolean;
    }
  | { readonly path: string };

/** `expect` reads until the text (or pattern) has come, `maxBytes` are in, or the deadline passed. */
export type SocketTurn =
  | { readonly send: string | Uint8Array }
  | { readonly expect: string | RegExp; readonly maxBytes?: number };

export type SocketOutcome =
  | {
      readonly ok: true;
      readonly connectMs: number;
      readonly totalMs: number;
      readonly received: string;
      readonly address?: string;
    }
  | {
      readonly ok: false;
      readonly phase: 'dns' | 'connect' | 'tls' | 'send' | 'expect' | 'aborted';
      readonly code: string;
      readonly reason: string;
      readonly received?: string;
      readonly totalMs: number;
    };
