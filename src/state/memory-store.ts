import type { DiskStore } from './store.ts';

/** A store that forgets: for a dry run and for one pass. */
export function memoryStore(): DiskStore {
  const entries = new Map<string, unknown>();
  const set = (changes: Parameters<DiskStore['batch']>[0]): void => {
    for (const change of changes) {
      if (change.length === 2) entries.set(change[0], change[1]);
      else entries.delete(change[0]);
    }
  };
  return {
    notes: [],
    get: (key) => entries.get(key),
    entries: (prefix) => [...entries].filter(([key]) => key.startsWith(prefix)),
    put: (key, value) => void entries.set(key, value),
    delete: (key) => void entries.delete(key),
    batch: set,
    sync: async () => {},
    close: async () => {},
    health: () => ({ durable: true }),
    onHealth: () => {},
    tend: async () => {},
  };
}
