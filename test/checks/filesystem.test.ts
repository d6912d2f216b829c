import { describe, expect, it } from 'vitest';
import { filesystem } from '../../src/checks/filesystem.ts';
import { createFakeFilesystems, createFakeHost } from '../fakes/fake-host.ts';
import { lookOnce, readingOf } from './look-once.ts';

const withUsage = (usage: Parameters<typeof createFakeFilesystems>[0]) =>
  createFakeHost({ filesystems: createFakeFilesystems(usage) });

describe('a file system', () => {
  it('is measured as df does: the reserve of root counts neither as used nor as free', async () => {
    const host = withUsage({ size: 1000, used: 450, free: 450, inodes: 10, inodesFree: 4 });
    expect(readingOf(await lookOnce(filesystem, '/srv', { host }))).toMatchObject({
      mounted: false,
      used: 450,
      usable: 900,
      size: 1000,
      used_percent: 50,
      inodes_used: 6,
      inodes_percent: 60,
      read_only: false,
      flags: 'relatime,rw',
      type: 'ext4',
      mount_point: '/',
    });
  });

  it('that counts no inodes has none', async () => {
    const reading = readingOf(
      await lookOnce(filesystem, '/', { host: withUsage({ inodes: 0, inodesFree: 0 }) }),
    );
    expect(reading).toMatchObject({ mounted: true });
    expect(reading).not.toHaveProperty('inodes_used');
  });

  it('that must be mounted fails when it is not', async () => {
    const result = await lookOnce(filesystem, '{ path: /srv/data, mounted: true }', { host: withUsage({}) });
    expect(result).toMatchObject({ outcome: 'failed', reason: '/srv/data is not mounted: it lies on /' });
    const root = await lookOnce(filesystem, '{ path: /, mounted: true }', { host: withUsage({}) });
    expect(root.outcome).toBe('read');
  });

  it('that does not answer, or is not there, has failed; one that may not be seen is unknown', async () => {
    const failing = (code: string) =>
      createFakeHost({
        filesystems: { mounts: async () => [], usage: async () => ({ ok: false, code, reason: code }) },
      });
    const outcome = async (code: string) =>
      (await lookOnce(filesystem, '/mnt', { host: failing(code) })).outcome;
    expect(await outcome('ETIMEDOUT')).toBe('failed');
    expect(await outcome('ENOENT')).toBe('failed');
    expect(await outcome('EACCES')).toBe('unknown');
    expect(await outcome('EMFILE')).toBe('unknown');
  });
});
