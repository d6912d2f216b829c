import { join } from 'node:path';
import type { FileFacts, Files } from '../host/files.ts';
import { regexOf } from '../lib/regex/regex.ts';
import { path, pattern } from '../schema/fields.ts';
import { defineCheck } from './check-kind.ts';
import { factReadings, factsReading } from './file-facts.ts';
import { fileTrouble } from './file-trouble.ts';

/** Most entries whose facts are looked at: a folder with more of them is a finding of its own (`entries`). */
const MOST_ENTRIES = 5000;
const AT_ONCE = 16;

/** A folder and what lies directly in it. */
export const directory = defineCheck({
  kind: 'directory',
  summary: 'Looks at a folder: how many entries, their size, the newest and the oldest, owner, permissions.',
  options: {
    path: path({ summary: 'The folder.' }),
    match: pattern({
      summary: 'Regular expression of the names that count (all without it).',
      optional: true,
    }),
  },
  main: 'path',
  readings: {
    ...factReadings,
    entries: { type: 'number', quantity: 'count', meaning: 'Names in it.', min: 0 },
    total_size: { type: 'number', quantity: 'bytes', meaning: 'Size of the files directly in it.', min: 0 },
    newest: {
      type: 'number',
      quantity: 'timestamp',
      meaning: 'When the newest entry was modified: `age(newest) < 25h` for backups.',
    },
    oldest: { type: 'number', quantity: 'timestamp', meaning: 'When the oldest entry was modified.' },
    newest_name: { type: 'text', meaning: 'Name of the newest entry.' },
    newest_size: { type: 'number', quantity: 'bytes', meaning: 'Size of the newest entry.', min: 0 },
  },
  expects: ['present'],
  failAfter: 1,
  timeout: 10_000,
  target: () => undefined,
  headline: ['entries', 'newest', 'total_size'],
  example: `
directory: { path: /var/backups, match: "[.]dump$" }
expect: [age(newest) < 25h, newest_size > 1 MB]
`,
  async probe({ options, host, wanted, signal }) {
    const facts = await host.files.stat(options.path);
    if (!facts.ok) {
      const result = fileTrouble(facts);
      return result.outcome === 'failed' ? { ...result, reading: { present: false } } : result;
    }
    if (facts.value.type !== 'directory') {
      return { outcome: 'failed', reason: `${options.path} is a ${facts.value.type}, not a folder` };
    }
    const names = await host.files.list(options.path);
    if (!names.ok) return fileTrouble(names);
    const regex = options.match === undefined ? undefined : regexOf(options.match);
    const counted = names.value.filter((name) => regex === undefined || regex.test(name) === true);
    const looks = ['total_size', 'newest', 'oldest', 'newest_name', 'newest_size'];
    const deeper = wanted === undefined || looks.some((name) => wanted.has(name));
    const content = deeper ? await lookInto(host.files, options.path, counted, signal) : {};
    const reading = await factsReading(facts.value, host);
    return { outcome: 'read', reading: { ...reading, entries: counted.length, ...content } };
  },
});

async function lookInto(files: Files, folder: string, names: readonly string[], signal: AbortSignal) {
  let totalSize = 0;
  let newest: { readonly name: string; readonly facts: FileFacts } | undefined;
  let oldest: number | undefined;
  if (names.length > MOST_ENTRIES) return {};
  for (let start = 0; start < names.length && !signal.aborted; start += AT_ONCE) {
    const batch = names.slice(start, start + AT_ONCE);
    const looks = await Promise.all(
      batch.map(async (name) => ({ name, facts: await files.stat(join(folder, name)) })),
    );
    for (const { name, facts } of looks) {
      // It may have been removed in the meantime.
      if (!facts.ok) continue;
      if (facts.value.type === 'file') totalSize += facts.value.size;
      if (!newest || facts.value.modifiedAt > newest.facts.modifiedAt) newest = { name, facts: facts.value };
      oldest = Math.min(oldest ?? Number.POSITIVE_INFINITY, facts.value.modifiedAt);
    }
  }
  return {
    total_size: totalSize,
    ...(newest && {
      newest: Math.round(newest.facts.modifiedAt),
      newest_name: newest.name,
      newest_size: newest.facts.size,
    }),
    ...(oldest !== undefined && { oldest: Math.round(oldest) }),
  };
}
