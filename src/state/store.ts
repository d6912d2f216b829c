/**
 * A small durable map: everything that survives the agent. Values are JSON data. `put` is in the kernel's hands when it
 * returns (survives a kill of the agent); `sync` also waits for the disk (survives a power loss).
 */
export interface Store {
  get(key: string): unknown;
  entries(prefix: string): readonly (readonly [key: string, value: unknown])[];
  put(key: string, value: unknown): void;
  delete(key: string): void;
  /** All or nothing, also across a kill between the lines. */
  batch(changes: readonly StoreChange[]): void;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export type StoreChange = readonly [key: string, value: unknown] | readonly [key: string];
