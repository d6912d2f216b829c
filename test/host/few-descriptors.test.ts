import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { killAll, startOrphans } from './orphans.ts';

it.runIf(process.platform === 'linux')(
  'says nothing of the deaths of living processes when no descriptor is left, and finds the one that has ended',
  { timeout: 60_000 },
  async () => {
    // Below the project, so that its packages are found.
    const folder = mkdtempSync(join(process.cwd(), 'node_modules', '.few-descriptors-'));
    const pids = startOrphans(150);
    try {
      const program = join(folder, 'few-descriptors.mjs');
      await build({
        entryPoints: [join(import.meta.dirname, 'few-descriptors.ts')],
        outfile: program,
        bundle: true,
        platform: 'node',
        format: 'esm',
        packages: 'external',
      });
      const script = 'ulimit -n 128 && exec "$@"';
      const words = ['-c', script, 'sh', process.execPath, program, ...pids.map(String)];
      const { stdout } = await promisify(execFile)('/bin/sh', words);
      const { free, ...rest } = JSON.parse(stdout);
      expect(rest).toEqual({ living: 150, table: 'unreadable', told: [pids.at(-1)], code: 'ESRCH' });
      // Half of them stay free for whatever else the watcher does, but for what Node itself has open.
      expect(free).toBeGreaterThan(35);
    } finally {
      killAll(pids);
      rmSync(folder, { recursive: true });
    }
  },
);
