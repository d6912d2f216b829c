import { regexOf } from '../lib/regex/regex.ts';
import type { ProbeResult } from '../model/reading.ts';
import { choice, path, pattern } from '../schema/fields.ts';
import { defineCheck } from './check-kind.ts';
import { factReadings, factsReading } from './file-facts.ts';
import { fileTrouble } from './file-trouble.ts';
import { type Position, readNewLines } from './new-lines.ts';

interface Carry {
  readonly position?: Position;
  /** Of the content whose hash is known, so that it is not read again while nothing changed. */
  readonly hashed?: { readonly key: string; readonly hash: string };
}

/** A file, fifo, socket or device. */
export const file = defineCheck({
  kind: 'file',
  summary: 'Looks at a file: size, times, owner, permissions, content, new lines of a log.',
  options: {
    path: path({ summary: 'The file.' }),
    type: choice(['file', 'fifo', 'socket', 'device', 'any'], {
      summary: 'What it must be; something else in its place counts as failing.',
      default: 'file',
    }),
    lines: pattern({
      summary: 'Regular expression that new lines are counted by (`hits`), as of a log.',
      optional: true,
    }),
    ignore: pattern({
      summary: 'Regular expression of new lines that do not count.',
      optional: true,
    }),
    hash: choice(['none', 'md5', 'sha1', 'sha256'], {
      summary: 'Which hash of the content to measure (it is read when size or times have changed).',
      default: 'none',
    }),
  },
  main: 'path',
  readings: {
    ...factReadings,
    type: {
      type: 'text',
      meaning: 'What it is.',
      values: ['file', 'directory', 'fifo', 'socket', 'device', 'link'],
    },
    size: { type: 'number', quantity: 'bytes', meaning: 'Size of its content.', min: 0 },
    hash: { type: 'text', meaning: 'Hash of its content (with `hash`): `hash unchanged`.' },
    hits: {
      type: 'number',
      quantity: 'count',
      meaning: 'New lines since the last look that match `lines` (without it: all new lines).',
      min: 0,
    },
    last_hit: { type: 'text', meaning: 'The newest of these lines.' },
  },
  expects: ['present'],
  failAfter: 1,
  timeout: 10_000,
  target: () => undefined,
  brief: true,
  headline: ['size', 'modified', 'hits'],
  example: `
file: { path: /var/log/app/error.log, lines: "FATAL|OutOfMemory" }
expect: [hits == 0, size < 1 GB]
`,
  async probe({ options, host, carry }): Promise<ProbeResult> {
    const last = (carry ?? {}) as Carry;
    const facts = await host.files.stat(options.path);
    if (!facts.ok) return absent(fileTrouble(facts), last);
    const found = facts.value;
    if (options.type !== 'any' && found.type !== options.type) {
      const reason = `${options.path} is a ${found.type}, not a ${options.type}`;
      return { outcome: 'failed', reason, reading: { present: true, type: found.type }, carry };
    }
    const reading = { ...(await factsReading(found, host)), type: found.type, size: found.size };
    if (found.type !== 'file') return { outcome: 'read', reading };

    let next: Carry = last;
    if (options.lines !== undefined || options.ignore !== undefined) {
      const counts = lineTest(options.lines, options.ignore);
      const news = await readNewLines(host.files, options.path, found, last.position, counts);
      if (!news.ok) return { ...fileTrouble(news), carry: last };
      const { hits, lastHit, position } = news.value;
      Object.assign(reading, { hits, ...(lastHit !== undefined && { last_hit: lastHit }) });
      next = { ...next, position };
    }
    if (options.hash !== 'none') {
      const key = `${found.inode} ${found.size} ${found.modifiedAt} ${found.changedAt}`;
      if (next.hashed?.key !== key) {
        const hash = await host.files.hash(options.path, options.hash);
        if (!hash.ok) return { ...fileTrouble(hash), carry: next };
        next = { ...next, hashed: { key, hash: hash.value } };
      }
      Object.assign(reading, { hash: next.hashed?.hash });
    }
    return { outcome: 'read', reading, carry: next };
  },
});

function absent(result: ProbeResult, carry: Carry): ProbeResult {
  return result.outcome === 'failed'
    ? { ...result, reading: { present: false }, carry }
    : { ...result, carry };
}

function lineTest(pattern: string | undefined, ignore: string | undefined): (line: string) => boolean {
  const wanted = pattern === undefined ? undefined : regexOf(pattern);
  const unwanted = ignore === undefined ? undefined : regexOf(ignore);
  return (line) => (wanted?.test(line) ?? wanted === undefined) && unwanted?.test(line) !== true;
}
