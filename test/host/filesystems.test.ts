import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBounded } from '../../src/host/files/bounded.ts';
import { mayHang, mountOf, parseMountinfo } from '../../src/host/filesystems/mounts.ts';
import { createRealFilesystems } from '../../src/host/filesystems/real-filesystems.ts';
import { createRealClock } from '../../src/host/time/real-clock.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

const filesystems = createRealFilesystems(createRealClock());

describe('usage', () => {
  it('agrees with df', async () => {
    const usage = await filesystems.usage('/', 5000);
    const [size, used] = execFileSync('df', ['-B1', '--output=size,used', '/'], { encoding: 'utf8' })
      .split('\n')[1]
      ?.trim()
      .split(/\s+/)
      .map(Number) ?? [0, 0];
    if (!usage.ok) throw new Error(usage.reason);
    expect(usage.value.size).toBe(size);
    expect(Math.abs(usage.value.used - (used ?? 0))).toBeLessThan(1e9);
    expect(usage.value.mount?.target).toBe('/');
    expect((await filesystems.mounts()).length).toBeGreaterThan(1);
  });

  it('says what is wrong in words', async () => {
    expect(await filesystems.usage('/nowhere/at/all', 5000)).toEqual({
      ok: false,
      code: 'ENOENT',
      reason: '/nowhere/at/all does not exist',
    });
  });

  it.runIf(process.getuid?.() === 0)(
    'measures a small file system that fills up, also through a link',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'watcher-mount-'));
      const target = join(folder, 'small');
      mkdirSync(target);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,nr_inodes=16,nosuid', 'watcher-test', target]);
      try {
        symlinkSync(target, join(folder, 'link'));
        writeFileSync(join(target, 'file'), Buffer.alloc(512 * 1024));
        const usage = await filesystems.usage(join(folder, 'link'), 5000);
        expect(usage).toMatchObject({
          ok: true,
          value: {
            size: 1024 * 1024,
            used: 512 * 1024,
            free: 512 * 1024,
            inodes: 16,
            inodesFree: 14,
            readOnly: false,
          },
        });
        expect(usage.ok && usage.value.mount).toMatchObject({
          target,
          type: 'tmpfs',
          source: 'watcher-test',
        });
        expect(usage.ok && usage.value.mount?.options).toContain('nosuid');
        execFileSync('mount', ['-o', 'remount,ro', target]);
        expect(await filesystems.usage(target, 5000)).toMatchObject({ ok: true, value: { readOnly: true } });
      } finally {
        execFileSync('umount', [target]);
        rmSync(folder, { recursive: true });
      }
    },
  );
});

describe('calls that never come back', () => {
  const answer = { ok: true, value: 1 } as const;

  it('end for the caller at the deadline, and no second one is started meanwhile', async () => {
    const clock = createFakeClock();
    const bounded = createBounded(clock);
    let calls = 0;
    let finish: () => void = () => undefined;
    const hang = () => {
      calls += 1;
      return new Promise<typeof answer>((resolve) => (finish = () => resolve(answer)));
    };
    const first = bounded.run('/mnt/dead', 1000, hang);
    const second = bounded.run('/mnt/dead', 1000, hang);
    await clock.advance(1000);
    expect(await first).toMatchObject({ ok: false, code: 'ETIMEDOUT' });
    expect(await second).toMatchObject({ ok: false, code: 'ETIMEDOUT' });
    await clock.advance(59_000);
    const third = await bounded.run('/mnt/dead', 1000, hang);
    expect(third).toMatchObject({ reason: expect.stringContaining('has not answered for 60 s') });
    expect(await bounded.run('/mnt/fine', 1000, async () => answer)).toEqual(answer);
    expect(calls).toBe(1);
    finish();
    await clock.advance(1);
    expect(await bounded.run('/mnt/dead', 1000, async () => answer)).toEqual(answer);
    expect(clock.waiting).toBe(0);
  });

  it('go one after the other when they do come back', async () => {
    const clock = createFakeClock();
    const bounded = createBounded(clock);
    const order: string[] = [];
    const call = (name: string) => async () => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
      return answer;
    };
    await Promise.all([bounded.run('k', 10, call('a')), bounded.run('k', 10, call('b'))]);
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });
});

describe('mounts', () => {
  const mounts = parseMountinfo(
    [
      '22 1 0:21 / / rw,relatime - ext4 /dev/sda1 rw',
      '23 22 0:5 / /mnt/with\\040blank rw,nosuid shared:1 master:2 - nfs4 server:/x rw,vers=4.2',
      '24 22 0:6 / /data rw - xfs /dev/sdb ro,noquota',
      '25 22 0:7 / /data rw - tmpfs over rw',
      '',
    ].join('\n'),
  );

  it('are taken apart, with both kinds of options', () => {
    expect(mounts).toHaveLength(4);
    expect(mounts[1]).toMatchObject({ target: '/mnt/with blank', source: 'server:/x', type: 'nfs4' });
    expect(mounts[1]?.options).toEqual(['rw', 'nosuid', 'vers=4.2']);
    expect(mounts[2]?.options).toEqual(['ro', 'noquota']);
  });

  it('are found for a path: the longest, and of two the one on top', () => {
    expect(mountOf('/mnt/with blank/x', mounts)?.type).toBe('nfs4');
    expect(mountOf('/data/x', mounts)?.source).toBe('over');
    expect(mountOf('/database', mounts)?.target).toBe('/');
    expect([mayHang(mounts[1]), mayHang(mounts[0]), mayHang(undefined)]).toEqual([true, false, false]);
  });
});
