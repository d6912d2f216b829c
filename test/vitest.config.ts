import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * Two projects. `unit`: pure code and real sockets inside one process; many files share a worker.
 * `e2e`: the built program against real servers and managers; one file at a time, so that two of them never
 * fight over a machine-wide thing (ports are always chosen by the kernel, but load is shared).
 */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    // Real processes and servers on a shared CI machine: what fails once and then passes is printed as such, and lands.
    retry: process.env['CI'] ? 2 : 0,
    reporters: ['default', 'test/count-reporter.ts'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'html'],
      reportsDirectory: 'coverage',
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          setupFiles: 'test/fixed-seed.ts',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/bench/**'],
          pool: 'forks',
          isolate: false,
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/e2e/build.ts',
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
