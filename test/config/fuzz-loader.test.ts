import { describe, expect, it } from 'vitest';
import { fuzzLoader } from './fuzz-loader.ts';

/** FUZZ_FILES=200000 FUZZ_SEED=7 runs more of them; see test/README.md. */
const files = Number(process.env['FUZZ_FILES'] ?? 3000);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);

describe('the loader', () => {
  it(
    `takes ${files} mutated files without throwing or hanging`,
    async () => {
      const result = await fuzzLoader(files, seed);
      expect(result.files).toBe(files);
      // Some still load: the mutations are not all nonsense.
      expect(result.good).toBeGreaterThan(0);
      if (files > 10_000)
        console.log(`${result.good} loaded; slowest ${result.slowest.ms} ms:\n${result.slowest.text}`);
    },
    files * 50 + 20_000,
  );
});
