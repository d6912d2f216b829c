import type { Files } from '../../host/files.ts';

/** What stands in a pid file right now. `writtenAt` in wall milliseconds. */
export type PidFile =
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly reason: string }
  /** Empty or no number: half written, most of the time. */
  | { readonly state: 'garbled'; readonly reason: string }
  | { readonly state: 'names'; readonly pid: number; readonly writtenAt: number };

/** Largest PID that Linux can give (PID_MAX_LIMIT, proc(5) under /proc/sys/kernel/pid_max). */
const largestPid = 4_194_304;

/** Reads a pid file: the first line is the number (postmaster.pid of PostgreSQL has more lines after it). */
export async function readPidFile(files: Files, path: string): Promise<PidFile> {
  const content = await files.read(path, 256);
  if (!content.ok) {
    return content.code === 'ENOENT' || content.code === 'ENOTDIR'
      ? { state: 'absent' }
      : { state: 'unreadable', reason: `pid file ${path} cannot be read: ${content.reason}` };
  }
  const number = /^\s*(\d{1,10})\s*(?:\n|$)/.exec(content.value)?.[1];
  const pid = Number(number);
  if (number === undefined || pid < 1 || pid > largestPid) {
    const found = content.value.trim() === '' ? 'is empty' : 'holds no process number';
    return { state: 'garbled', reason: `pid file ${path} ${found}` };
  }
  const facts = await files.stat(path);
  if (!facts.ok) return { state: 'absent' };
  return { state: 'names', pid, writtenAt: facts.value.modifiedAt };
}
