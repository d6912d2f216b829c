import { crc32 } from 'node:zlib';
import type { StoreChange } from './store.ts';

/** Version of the journal's format: part of its first line, so that an older agent never misreads a newer file. */
export const JOURNAL_FORMAT = 1;

const NEWLINE = Buffer.from('\n');

/** The first line of every journal. */
export const JOURNAL_HEADER = sealed(JSON.stringify({ watcher: 'state', format: JOURNAL_FORMAT }));

/** One batch as one line: `<crc32, 8 hex digits> <JSON list of changes>\n`. All of a batch is in one line, so it is there whole or not at all. */
export function encodeLine(changes: readonly StoreChange[]): Buffer {
  return sealed(JSON.stringify(changes));
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

/** Bytes of UTF-8, made once: a batch is checked and written before a repair goes on, and a text would be encoded for each. */
function sealed(json: string): Buffer {
  const body = Buffer.from(json);
  const head = Buffer.from(`${crc32(body).toString(16).padStart(8, '0')} `, 'latin1');
  return Buffer.concat([head, body, NEWLINE], head.length + body.length + 1);
}

function unsealed(line: Buffer): unknown {
  if (line.length < 10 || line[8] !== 0x20) return undefined;
  const body = line.subarray(9);
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
