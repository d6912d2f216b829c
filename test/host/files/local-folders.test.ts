import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLocalFolders } from '../../../src/host/files/local-folders.ts';
import { readLocal, statLocal } from '../../../src/host/files/memory-files.ts';
import type { FileResult } from '../../../src/host/files.ts';
import { createRealClock } from '../../../src/host/time/real-clock.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';
import { until } from '../until.ts';

const real = async (path: string): Promise<FileResult<string>> => {
  const value = await realpath(path).catch(() => undefined);
  return value === undefined ? { ok: false, code: 'ENOENT', reason: '' } : { ok: true, value };
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'watcher-local-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it.runIf(process.platform === 'linux')(
  'knows a folder in memory once it has looked, /run at once, and never one on a disk',
  async () => {
    const mount = (type: string) => ({ source: 'x', target: '/', type, options: [] });
    const folders = createLocalFolders(createRealClock(), real, () => [mount('tmpfs')]);
    expect(folders.knows('/run/x.pid')).toBe(true);
    expect(folders.knows(`${folder}/x.pid`)).toBe(false);
    await until(() => folders.knows(`${folder}/x.pid`));
    expect(folders.knows('/no/such/folder/x.pid')).toBe(false);
    // A disk may hang, and everything with it.
    const disk = createLocalFolders(createRealClock(), real, () => [mount('ext4')]);
    expect(disk.knows(`${folder}/x.pid`)).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(disk.knows(`${folder}/x.pid`)).toBe(false);
  },
);

it.runIf(process.platform === 'linux')('does not touch what is written below a network mount', async () => {
  const asked: string[] = [];
  const spied = async (path: string) => {
    asked.push(path);
    return real(path);
  };
  const mount = (target: string, type: string) => ({ source: 'x', target, type, options: [] });
  const mounts = [mount('/', 'ext4'), mount('/mnt/share', 'nfs4')];
  const folders = createLocalFolders(createFakeClock(), spied, () => mounts);
  expect(folders.knows('/mnt/share/data/x')).toBe(false);
  expect(folders.remoteMount('/mnt/share/data/x')).toBe('/mnt/share');
  expect(folders.remoteMount(`${folder}/x`)).toBeUndefined();
  expect(folders.knows(`${folder}/x`)).toBe(false);
  expect(asked).toEqual([folder]);
});

it('reads regular files only: a link may lead to a server that is gone', () => {
  writeFileSync(`${folder}/a`, '12\n');
  symlinkSync(`${folder}/a`, `${folder}/b`);
  expect(readLocal(`${folder}/a`, 100)).toEqual({ ok: true, value: '12\n' });
  expect(readLocal(`${folder}/b`, 100)).toBeUndefined();
  expect(readLocal(folder, 100)).toBeUndefined();
  expect(readLocal(`${folder}/c`, 100)).toMatchObject({ ok: false, code: 'ENOENT' });
  expect(statLocal(`${folder}/a`)).toMatchObject({ ok: true, value: { size: 3 } });
  expect(statLocal(`${folder}/b`)).toBeUndefined();
  expect(statLocal(`${folder}/c`)).toMatchObject({ ok: false, code: 'ENOENT' });
});
