import { constants, type Stats } from 'node:fs';
import type { RuleFileFacts, RuleText } from './rule-files.ts';

/** Bytes of a rule file at most. */
const MAX_BYTES = 8_000_000;

/** Opening a fifo without O_NONBLOCK would wait for a writer for ever. */
export const openFlags = constants.O_RDONLY | constants.O_NONBLOCK;

/** Why what was opened is no rule file; undefined when it may be read. */
export function refuseFile(stats: Stats): RuleText | undefined {
  if (stats.isDirectory()) return { ok: false, code: 'EISDIR', reason: 'it is a folder' };
  if (!stats.isFile()) return { ok: false, code: 'ENOTFILE', reason: 'it is not a file' };
  if (stats.size <= MAX_BYTES) return undefined;
  return { ok: false, code: 'EFBIG', reason: `it is larger than ${MAX_BYTES} bytes` };
}

/** What was read. A byte order mark is no part of the text, and would shift the first column. */
export function ruleText(text: string, stats: Stats): RuleText {
  return { ok: true, text: text.startsWith('\uFEFF') ? text.slice(1) : text, facts: factsOf(stats) };
}

/** What the system said instead, in words. */
export function unreadable(error: unknown): RuleText {
  const { code = 'EIO', message } = error as NodeJS.ErrnoException;
  return { ok: false, code, reason: reasons[code] ?? message };
}

/** Who owns the file and who may touch it. */
export function factsOf({ mode, uid, gid }: Stats): RuleFileFacts {
  return { mode: mode & 0o7777, uid, gid };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  ENOTDIR: 'a part of its path is not a folder',
  ELOOP: 'its symbolic links go in a circle',
};
