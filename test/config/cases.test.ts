import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseCase, runCase } from './run-case.ts';

const folder = fileURLToPath(new URL('../cases/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.case'));
/** UPDATE_CASES=1 writes the printed output into the cases: look at what changed before it is kept. */
const update = process.env['UPDATE_CASES'] === '1';

describe('the cases', () => {
  it('are many', () => expect(files.length).toBeGreaterThanOrEqual(120));

  it.each(files)('%s', async (name) => {
    const text = readFileSync(folder + name, 'utf8');
    const output = await runCase(parseCase(text));
    const input = text.slice(0, text.indexOf('=== output\n'));
    if (update) writeFileSync(folder + name, `${input}=== output\n${output}`);
    else expect(`${input}=== output\n${output}`).toBe(text);
  });
});
