import { describeSystemError } from './describe-system-error.ts';
import { type JournalFile, rewriteJournal } from './journal-file.ts';
import type { DiskStore, StoreChange, StoreHealth } from './store.ts';

/** Below this a journal is never rewritten; above it, when it has doubled since the last time. */
const REWRITE_FROM = 1024 * 1024;

interface Opening {
  readonly path: string;
  readonly entries: Map<string, unknown>;
  /** Absent when the disk could not be written at all yet. */
  readonly file?: JournalFile;
  readonly trouble?: string;
  readonly notes?: readonly string[];
  readonly released?: () => void;
}

/** A store over one journal: the map in memory is the truth, the file follows it as far as the disk lets it. */
export function diskStore(opening: Opening): DiskStore {
  const { path, entries } = opening;
  let file = opening.file;
  let health: StoreHealth =
    opening.trouble === undefined ? { durable: true } : { durable: false, reason: opening.trouble };
  let tell: (health: StoreHealth) => void = () => {};
  /** Keys whose last change is not in the file yet. */
  const unwritten = new Set<string>();
  /** Changes made while a rewrite is under way: they go into both files. */
  let meanwhile: (readonly StoreChange[])[] | undefined;
  let rewriteAt = Math.max(REWRITE_FROM, 2 * (file?.size ?? 0));
  /** What the disk has of the file is not known: the kernel drops what it could not write, and says so only once. */
  let unsound = false;
  let working: Promise<void> | undefined;
  let closed = false;

  function setHealth(next: StoreHealth): void {
    const changed = next.durable !== health.durable;
    health = next;
    if (changed) tell(next);
  }

  function failed(error: unknown): void {
    setHealth({ durable: false, reason: describeSystemError(error) });
  }

  /** Puts what could not be written at the end of the file that is there: needs no room but for that. */
  function catchUp(into: JournalFile): void {
    try {
      into.append([...unwritten].map((key) => (entries.has(key) ? [key, entries.get(key)] : [key])));
      unwritten.clear();
      setHealth({ durable: true });
    } catch (error) {
      failed(error);
    }
  }

  async function rewrite(): Promise<void> {
    const changes: (readonly StoreChange[])[] = [];
    meanwhile = changes;
    try {
      const next = await rewriteJournal(path, [...entries], () => changes);
      file?.close();
      file = next;
      rewriteAt = Math.max(REWRITE_FROM, 2 * next.size);
      unwritten.clear();
      unsound = false;
      setHealth({ durable: true });
    } catch (error) {
      // Without room for a second file the old one still does, when it is whole.
      if (file === undefined || unsound || !stillThere(file)) failed(error);
      else rewriteAt = 2 * file.size;
    } finally {
      meanwhile = undefined;
    }
  }

  async function tend(): Promise<void> {
    if (closed) return;
    if (file === undefined || unsound || !stillThere(file)) await rewrite();
    else if (!health.durable) catchUp(file);
    else if (file.size > rewriteAt) await rewrite();
  }

  function batch(changes: readonly StoreChange[]): void {
    if (changes.length === 0) return;
    for (const change of changes) {
      if (change.length === 2) entries.set(change[0], change[1]);
      else entries.delete(change[0]);
    }
    meanwhile?.push(changes);
    if (health.durable && file !== undefined) {
      try {
        file.append(changes);
        return;
      } catch (error) {
        failed(error);
      }
    }
    for (const [key] of changes) unwritten.add(key);
  }

  return {
    notes: opening.notes ?? [],
    get: (key) => entries.get(key),
    entries: (prefix) => [...entries].filter(([key]) => key.startsWith(prefix)),
    put: (key, value) => batch([[key, value]]),
    delete: (key) => batch([[key]]),
    batch,
    health: () => health,
    onHealth(changed) {
      tell = changed;
    },
    tend() {
      working ??= tend().finally(() => {
        working = undefined;
      });
      return working;
    },
    async sync() {
      await working;
      if (!health.durable || file === undefined) return;
      try {
        await file.sync();
      } catch (error) {
        unsound = true;
        failed(error);
      }
    },
    async close() {
      if (closed) return;
      await working;
      await tend();
      closed = true;
      try {
        await file?.sync();
      } catch (error) {
        failed(error);
      }
      file?.close();
      file = undefined;
      opening.released?.();
    },
  };
}

function stillThere(file: JournalFile): boolean {
  try {
    return file.intact();
  } catch {
    return false;
  }
}
