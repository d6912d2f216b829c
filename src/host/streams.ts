/** Connections that are kept open and talk both ways: the event sockets of process managers. */
export interface Streams {
  /** Opens at once; trouble, also that it could not be opened, comes as `ended`, once. */
  open(target: StreamTarget, events: StreamEvents): OpenStream;
}

export type StreamTarget = { readonly path: string } | { readonly host: string; readonly port: number };

export interface StreamEvents {
  received(bytes: Buffer): void;
  /** With a sentence. Not called after `close`. */
  ended(reason: string): void;
}

export interface OpenStream {
  send(bytes: string | Uint8Array): void;
  close(): void;
}
