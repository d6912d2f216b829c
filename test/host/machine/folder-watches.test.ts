import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createFolderWatches } from '../../../src/host/machine/folder-watches.ts';
import { until } from '../until.ts';

it('tells each who waits once, and only those who still do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'watcher-folder-'));
  try {
    const told: string[] = [];
    const watches = createFolderWatches();
    const wait = (who: string) => watches.watch(folder, 'new', () => void told.push(who));
    const stop = wait('first');
    wait('second');
    const last = watches.watch(folder, 'last', () => void told.push('last'));
    stop?.();
    mkdirSync(join(folder, 'new'));
    mkdirSync(join(folder, 'last'));
    await until(() => told.includes('last'));
    expect(told).toEqual(['second', 'last']);
    last?.();
    expect(watches.watch(join(folder, 'absent'), 'new', () => {})).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
