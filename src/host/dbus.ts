import type { BusCall, BusMessage } from './dbus/message.ts';

export type { BusCall, BusMessage };

/** Connections to message buses and to the private sockets of programs that speak D-Bus. */
export interface Dbus {
  open(address: BusAddress, timeoutMs: number): Promise<BusOutcome>;
  /** A connection to this socket that somebody else has opened and not closed: to ask over, not to keep or to close. */
  opened(path: string): BusConnection | undefined;
}

export interface BusAddress {
  /** The unix socket: `/run/dbus/system_bus_socket`. */
  readonly path: string;
  /** Whether a bus is behind it, which wants to be greeted, or one program alone (`/run/systemd/private`). */
  readonly bus: boolean;
}

export type BusOutcome =
  | { readonly ok: true; readonly connection: BusConnection }
  | { readonly ok: false; readonly code: string; readonly reason: string };

/** One open connection. After it closed every call fails with `Disconnected`. */
export interface BusConnection {
  call(call: BusCall, timeoutMs: number): Promise<BusReply>;
  /** Every signal that arrives; which ones do is asked for with `AddMatch`. Returns the way to stop. */
  onSignal(listener: (signal: BusMessage) => void): () => void;
  /** Calls back once when the connection is gone, with a sentence. */
  onClose(listener: (reason: string) => void): void;
  close(): void;
}

/** `error` is the D-Bus name without its first parts: `NoSuchUnit`, `AccessDenied`, `NoReply`. */
export type BusReply =
  /** `serial` goes up with everything that one peer sends: a signal of a lower one is older than this reply. */
  | { readonly ok: true; readonly body: readonly unknown[]; readonly serial: number }
  | { readonly ok: false; readonly error: string; readonly reason: string };
