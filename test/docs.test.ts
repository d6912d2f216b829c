import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { exitCodesTable } from './docs/exit-codes.ts';

/** Generated parts of the documentation: file, name between the markers, and what must stand there. */
const parts = [{ file: 'README.md', name: 'exit codes', render: exitCodesTable }] as const;

const root = fileURLToPath(new URL('..', import.meta.url));

describe('generated documentation', () => {
  it.each(parts)('$file: $name (write it again: npm run docs)', ({ file, name, render }) => {
    const path = `${root}${file}`;
    const text = readFileSync(path, 'utf8');
    const expected = replacePart(text, name, render());
    if (process.env['WATCHER_DOCS'] === 'write') writeFileSync(path, expected);
    else expect(text).toBe(expected);
  });
});

function replacePart(text: string, name: string, content: string): string {
  const begin = `<!-- begin ${name}: npm run docs -->\n`;
  const end = `<!-- end ${name} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`no markers for '${name}'`);
  return text.slice(0, from + begin.length) + content + text.slice(to);
}
