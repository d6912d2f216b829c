import { chmodSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describeSystemError } from './describe-system-error.ts';
import { diskStore } from './disk-store.ts';
import { type JournalFile, journalBytes, openJournalFile } from './journal-file.ts';
import { type LockOwner, lockFolder } from './lock-folder.ts';
import { readJournal } from './read-journal.ts';
import type { DiskStore, StoreFailure } from './store.ts';

export type OpenedStore =
  | { readonly ok: true; readonly store: DiskStore }
  | { readonly ok: false; readonly failure: StoreFailure };

/** Name of the journal in the state folder. */
export const JOURNAL = 'state.log';

/**
 * Opens the state folder for this agent alone, creating it (mode 0700) when it is not there. A damaged file is kept aside
 * as `state.log.corrupt-<n>` and what its checksums vouch for is taken over. A disk that is full or read-only is no
 * failure: the store goes on in memory and says so in its health.
 */
export async function openStore(folder: string, owner: LockOwner = ownProcess()): Promise<OpenedStore> {
  const unusable = prepareFolder(folder);
  if (unusable !== undefined && !unusable.memory) return { ok: false, failure: unusable.failure };
  if (unusable !== undefined) {
    return {
      ok: true,
      store: diskStore({ path: join(folder, JOURNAL), entries: new Map(), trouble: unusable.reason }),
    };
  }
  const lock = await lockFolder(folder, owner);
  if (!lock.ok) return { ok: false, failure: lockedFailure(folder, lock.pid) };
  try {
    return { ok: true, store: openJournal(folder, lock.release) };
  } catch (error) {
    lock.release();
    return {
      ok: false,
      failure: {
        code: isForbidden(error) ? 'forbidden' : 'unusable',
        message: `cannot read the state in ${folder}: ${describeSystemError(error)}`,
        hint: 'see that the folder and the files in it belong to the user that the agent runs as',
      },
    };
  }
}

function openJournal(folder: string, released: () => void): DiskStore {
  const path = join(folder, JOURNAL);
  const content = readJournal(journalBytes(path));
  const notes: string[] = [];
  let file: JournalFile | undefined;
  let trouble: string | undefined;
  try {
    if (content.outcome !== 'whole') {
      const aside = keepAside(path);
      const kept = content.entries.size;
      notes.push(
        `the state file was damaged (${content.detail}): it is kept as ${aside}, ` +
          (kept === 0
            ? 'and the agent starts with an empty one'
            : `and ${kept} intact entries were taken over`),
      );
      file = openJournalFile(path, 0);
      if (kept > 0) file.append([...content.entries]);
    } else {
      file = openJournalFile(path, content.goodBytes);
    }
  } catch (error) {
    if (!isDiskTrouble(error)) throw error;
    trouble = describeSystemError(error);
  }
  return diskStore({
    path,
    entries: content.entries,
    notes,
    released,
    ...(file === undefined ? {} : { file }),
    ...(trouble === undefined ? {} : { trouble }),
  });
}

/** Troubles of a disk that may pass: the agent goes on in memory until they do. */
export function isDiskTrouble(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ENOSPC' || code === 'EROFS' || code === 'EDQUOT' || code === 'EIO' || code === 'ESTALE';
}

/** It belongs to somebody else. */
function isForbidden(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
}

function keepAside(path: string): string {
  let number = 1;
  while (statSync(`${path}.corrupt-${number}`, { throwIfNoEntry: false }) !== undefined) number += 1;
  renameSync(path, `${path}.corrupt-${number}`);
  return `${path}.corrupt-${number}`;
}

/** What the agent itself keeps in its folder: the state, events, evidence, locks, and the socket where it is put there. */
const OURS = /^(state\.log.*|events(\.1)?\.ndjson|evidence|agent\.(pid|lock)|\.new-.*|.*\.sock)$/;

function notAlone(folder: string): StoreFailure {
  return {
    code: 'unusable',
    message: `cannot use ${folder} as the state folder: everybody may write there`,
    hint: `set 'state_dir' in watcher.yaml to a folder of its own, such as ${join(folder, 'watcher-state')}`,
  };
}

type Unusable =
  | { readonly memory: true; readonly reason: string }
  | { readonly memory: false; readonly failure: StoreFailure };

function prepareFolder(folder: string): Unusable | undefined {
  try {
    const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
    const facts = statSync(folder);
    if (made !== undefined || (facts.mode & 0o077) === 0) return undefined;
    const ours = facts.uid === process.getuid?.() && readdirSync(folder).every((name) => OURS.test(name));
    const shared = (facts.mode & 0o1002) !== 0;
    // A folder that others may read would show them incidents and evidence; one that others use is not ours to close.
    if (ours && (facts.mode & 0o1000) === 0) chmodSync(folder, 0o700);
    else if (shared) return { memory: false, failure: notAlone(folder) };
    return undefined;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EROFS' && statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return undefined;
    if (isDiskTrouble(error)) return { memory: true, reason: describeSystemError(error) };
    const why =
      code === 'EEXIST' || code === 'ENOTDIR'
        ? 'it, or something on the way to it, is not a folder'
        : describeSystemError(error);
    return {
      memory: false,
      failure: {
        code: isForbidden(error) ? 'forbidden' : 'unusable',
        message: `cannot use ${folder} as the state folder: ${why}`,
        hint: "set 'state_dir' in watcher.yaml to a folder that this user may write",
      },
    };
  }
}

function lockedFailure(folder: string, pid: number | undefined): StoreFailure {
  const who = pid === undefined ? 'another agent' : `another agent (PID ${pid})`;
  return {
    code: 'locked',
    message: `${who} is already running on the state folder ${folder}`,
    hint: "stop that one first ('watcher quit'), or give this one its own 'state_dir' and 'socket'",
  };
}

/** Good enough where nobody says better: PIDs without start times. */
function ownProcess(): LockOwner {
  return {
    identity: { pid: process.pid, start: 0 },
    alive({ pid }) {
      try {
        process.kill(pid, 0);
        return true;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'EPERM';
      }
    },
  };
}
