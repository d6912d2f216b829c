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

/** Whether what is put survives a restart just now; when not, why, and since when it was first noticed. */
export type StoreHealth = { readonly durable: true } | { readonly durable: false; readonly reason: string };

/** A store that goes on in memory while its disk is full or read-only, and writes everything again when it can. */
export interface DiskStore extends Store {
  health(): StoreHealth;
  /** Calls back whenever `health` changes. */
  onHealth(changed: (health: StoreHealth) => void): void;
  /** Tries again what could not be written, and rewrites a file that has grown. Cheap: meant to be called every few seconds. */
  tend(): Promise<void>;
  /** Things to tell people about what was found when it was opened: a damaged file that was kept aside. */
  readonly notes: readonly string[];
}

/** Why a store could not be opened at all; `message` is a sentence, `hint` the fix. */
export interface StoreFailure {
  readonly code: 'locked' | 'unusable' | 'forbidden';
  readonly message: string;
  readonly hint: string;
}
