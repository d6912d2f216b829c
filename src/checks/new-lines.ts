import type { FileFacts, FileResult, Files } from '../host/files.ts';

/** Where the last look at a growing file ended. */
export interface Position {
  readonly inode: number;
  readonly offset: number;
}

/** Lines that matched among those that came since the last look. */
export interface NewLines {
  readonly lines: number;
  readonly hits: number;
  readonly lastHit?: string;
  readonly position: Position;
}

/** At most so much of a file is looked at in one cycle; a log that grows faster is followed in the next. */
const MOST_BYTES = 4_194_304;
const CHUNK = 262_144;
const LONGEST_LINE = 4096;

/**
 * Looks at the lines that were completed since `from`. At first sight only the end is taken note of: what was there
 * before the watcher is no news. A file that was replaced or cut short (log rotation) is read from its beginning.
 */
export async function readNewLines(
  files: Files,
  path: string,
  facts: FileFacts,
  from: Position | undefined,
  matches: (line: string) => boolean,
): Promise<FileResult<NewLines>> {
  const { inode, size } = facts;
  if (!from) return { ok: true, value: { lines: 0, hits: 0, position: { inode, offset: size } } };
  let offset = from.inode === inode && from.offset <= size ? from.offset : 0;
  const end = Math.min(size, offset + MOST_BYTES);
  let lines = 0;
  let hits = 0;
  let lastHit: string | undefined;

  while (offset < end) {
    const part = await files.range(path, offset, Math.min(CHUNK, end - offset));
    if (!part.ok) return part;
    const { text, bytes } = part.value;
    if (bytes === 0) break;
    const complete = text.lastIndexOf('\n') + 1;
    if (complete === 0) {
      // A line that is not finished yet waits for the next cycle, unless it is longer than any line should be.
      if (bytes < CHUNK) break;
      offset += bytes;
      continue;
    }
    const whole = text.slice(0, complete);
    for (const line of whole.slice(0, -1).split('\n')) {
      lines += 1;
      if (matches(line.slice(0, LONGEST_LINE))) {
        hits += 1;
        lastHit = line.slice(0, LONGEST_LINE);
      }
    }
    offset += Buffer.byteLength(whole);
  }
  const position = { inode, offset };
  return { ok: true, value: { lines, hits, position, ...(lastHit !== undefined && { lastHit }) } };
}
