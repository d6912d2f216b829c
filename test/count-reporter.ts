import { writeSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/**
 * Prints `N passed, N failed, N skipped` as the very last line of a run, after the coverage tables, for whatever reads
 * only the end. A file that cannot be loaded and an error outside of any test count as failed: the line never looks
 * better than the run was.
 */
export default function countReporter(): Reporter {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
      for (const module of modules) addModule(counts, module);
      const text = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`;
      process.once('exit', () => writeSync(1, text));
    },
  };
}

function addModule(counts: { passed: number; failed: number; skipped: number }, module: TestModule): void {
  let failed = 0;
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === 'passed') counts.passed += 1;
    else if (state === 'failed') failed += 1;
    else counts.skipped += 1;
  }
  if (module.state() === 'failed' && failed === 0) failed = 1;
  counts.failed += failed;
}
