import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests beside real managers. Only `test/beds/run` starts them, in a box of their own; one file at a time, as they share its systemd. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  cacheDir: '/tmp/vite',
  test: {
    // As in test/vitest.config.ts.
    retry: process.env['CI'] ? 2 : 0,
    include: ['test/beds/**/*.bed.ts'],
    reporters: ['default', fileURLToPath(new URL('../count-reporter.ts', import.meta.url))],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
