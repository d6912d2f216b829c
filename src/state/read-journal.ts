import { decodeLine, formatOf, JOURNAL_FORMAT } from './journal-line.ts';

/** What a journal's bytes say. */
export interface JournalContent {
  readonly entries: Map<string, unknown>;
  /** Bytes up to the end of the last whole line: what follows is a torn tail of a write that was cut off. */
  readonly goodBytes: number;
  /**
   * `whole`: every line is good, except perhaps a torn last one. `damaged`: some line before the end is not what was
   * written, the good ones are in `entries`. `foreign`: not a journal, or of a newer format.
   */
  readonly outcome: 'whole' | 'damaged' | 'foreign';
  /** One sentence for people when something was wrong. */
  readonly detail?: string;
}

/** Replays a journal. Never fails: what cannot be read is said in the outcome. */
export function readJournal(bytes: Buffer): JournalContent {
  const entries = new Map<string, unknown>();
  if (bytes.length === 0) return { entries, goodBytes: 0, outcome: 'whole' };
  const headerEnd = bytes.indexOf(0x0a);
  if (headerEnd === -1) return { entries, goodBytes: 0, outcome: 'foreign', detail: 'it has no first line' };
  const format = formatOf(bytes.subarray(0, headerEnd));
  if (format === undefined) {
    return {
      entries,
      goodBytes: 0,
      outcome: 'foreign',
      detail: 'its first line is not that of a state file',
    };
  }
  if (format !== JOURNAL_FORMAT) {
    const detail = `it has format ${format} and this version reads format ${JOURNAL_FORMAT}`;
    return { entries, goodBytes: 0, outcome: 'foreign', detail };
  }
  return replay(bytes, headerEnd + 1, entries);
}

function replay(bytes: Buffer, from: number, entries: Map<string, unknown>): JournalContent {
  let goodBytes = from;
  let good = 0;
  let bad = 0;
  let badSinceGood = 0;
  for (let start = from; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    const changes = newline === -1 ? undefined : decodeLine(bytes.subarray(start, end));
    if (changes === undefined) {
      badSinceGood += 1;
    } else {
      bad += badSinceGood;
      badSinceGood = 0;
      good += 1;
      goodBytes = end + 1;
      for (const change of changes) {
        if (change.length === 2) entries.set(change[0], change[1]);
        else entries.delete(change[0]);
      }
    }
    start = end + 1;
  }
  // One bad line at the very end is a write that a kill or a full disk cut off; more than one was not left by us.
  if (badSinceGood > 1) bad += badSinceGood;
  if (bad === 0) return { entries, goodBytes, outcome: 'whole' };
  const detail = `${bad} of its ${good + bad} lines do not match their checksums`;
  return { entries, goodBytes, outcome: 'damaged', detail };
}
