import type { Files } from '../files.ts';

/** What stands in a pid file right now. `writtenAt` in wall milliseconds. */
export type PidFile =
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly reason: string }
  /** Empty or no number: half written, most of the time. */
  | { readonly state: 'garbled'; readonly reason: string }
  | { readonly state: 'names'; readonly pid: number; readonly writtenAt: number };

/** Largest PID that Linux can give (PID_MAX_LIMIT, proc_sys_kernel(5) under pid_max). */
const LARGEST_PID = 4_194_304;

/** So many bytes of it are read. */
const MOST = 256;

/** Reads a pid file: its first line is the number (postmaster.pid of PostgreSQL has more lines after it). */
export async function readPidFile(files: Files, path: string): Promise<PidFile> {
  const content = await files.read(path, MOST);
  if (!content.ok) {
    const absent = content.code === 'ENOENT' || content.code === 'ENOTDIR';
    return absent ? { state: 'absent' } : { state: 'unreadable', reason: `pid file ${content.reason}` };
  }
  const pid = numberIn(content.value);
  if (pid === undefined) {
    const found = content.value.trim() === '' ? 'is empty' : 'holds no process number';
    return { state: 'garbled', reason: `pid file ${path} ${found}` };
  }
  const facts = await files.stat(path);
  return facts.ok ? { state: 'names', pid, writtenAt: facts.value.modifiedAt } : { state: 'absent' };
}

/** The number in a pid file that lies in memory, at once; undefined where there is none, or where that cannot be told. */
export function numberInPidFile(files: Files, path: string): number | undefined {
  const content = files.readNow(path, MOST);
  return content?.ok === true ? numberIn(content.value) : undefined;
}

function numberIn(content: string): number | undefined {
  const pid = Number(/^\s*(\d{1,10})\s*(?:\n|$)/.exec(content)?.[1]);
  return pid >= 1 && pid <= LARGEST_PID ? pid : undefined;
}
