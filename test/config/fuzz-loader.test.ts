import { describe, expect, it } from 'vitest';
import { fuzzLoader } from './fuzz-loader.ts';

/** `npm run fuzz` loads 200,000 of them; FUZZ_SEED=7 gives others. */
const files = Number(process.env['FUZZ_FILES'] ?? 2000);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);
const long = files > 10_000;

describe('the loader', () => {
  it(
    `takes ${files} mutated files without throwing or hanging`,
    async () => {
      const result = await fuzzLoader(files, seed);
      expect(result.files).toBe(files);
      // Some still load: the mutations are not all nonsense.
      expect(result.good).toBeGreaterThan(0);
      if (!long) return;
      console.log(
        `${result.good} of ${files} loaded; slowest ${result.slowest.ms} ms:\n${result.slowest.text}`,
      );
      expect(result.slowest.ms).toBeLessThan(100);
    },
    files * 50 + 20_000,
  );
});
