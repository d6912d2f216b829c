import { crc32 } from 'node:zlib';
import type { StoreChange } from './store.ts';

/** Version of the journal's format: part of its first line, so that an older agent never misreads a newer file. */
export const JOURNAL_FORMAT = 1;

const NEWLINE = 0x0a;
/** Bytes before the JSON. */
const HEAD = 9;
/** Where lines are made that are written at once; the batch of a repair has about 5 kB. */
const scratch = Buffer.allocUnsafeSlow(32 * 1024);

/** The first line of every journal. */
export const JOURNAL_HEADER = sealed(JSON.stringify({ watcher: 'state', format: JOURNAL_FORMAT }), 'keep');

/**
 * One batch as one line: `<crc32, 8 hex digits> <JSON list of changes>\n`. All of a batch is in one line, so it is there whole or not
 * at all. The bytes are those of the caller alone with `keep`; otherwise they hold until the next line is made.
 */
export function encodeLine(changes: readonly StoreChange[], keep?: 'keep'): Buffer {
  return sealed(JSON.stringify(changes), keep);
}

/** The changes of one line (without its newline), or nothing when its checksum or its shape is wrong. */
export function decodeLine(line: Buffer): readonly StoreChange[] | undefined {
  const value = unsealed(line);
  return Array.isArray(value) && value.every(isChange) ? (value as StoreChange[]) : undefined;
}

/** The format number that a first line names, or nothing when it is not the first line of a journal. */
export function formatOf(line: Buffer): number | undefined {
  const value = unsealed(line);
  if (typeof value !== 'object' || value === null) return undefined;
  const { watcher, format } = value as { watcher?: unknown; format?: unknown };
  return watcher === 'state' && typeof format === 'number' ? format : undefined;
}

/** Bytes of UTF-8, made once and in memory that is there: a batch is checked and written before a repair goes on. */
function sealed(json: string, keep?: 'keep'): Buffer {
  // No character of a string takes more than three bytes of UTF-8.
  const fits = keep === undefined && HEAD + 3 * json.length + 1 <= scratch.length;
  const bytes = fits ? scratch : Buffer.allocUnsafe(HEAD + Buffer.byteLength(json) + 1);
  const end = HEAD + bytes.write(json, HEAD, 'utf8');
  const sum = crc32(bytes.subarray(HEAD, end)).toString(16).padStart(8, '0');
  bytes.write(`${sum} `, 0, 'latin1');
  bytes[end] = NEWLINE;
  return bytes.subarray(0, end + 1);
}

function unsealed(line: Buffer): unknown {
  if (line.length <= HEAD || line[HEAD - 1] !== 0x20) return undefined;
  const body = line.subarray(HEAD);
  if (line.toString('latin1', 0, 8) !== crc32(body).toString(16).padStart(8, '0')) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function isChange(value: unknown): boolean {
  return Array.isArray(value) && (value.length === 1 || value.length === 2) && typeof value[0] === 'string';
}
