import { resolve } from 'node:path';
import type { Mount } from '../filesystems.ts';

/**
 * Parses /proc/self/mountinfo, proc_pid_mountinfo(5): `36 35 98:0 /sub /target rw,noatime shared:1 - ext4 /dev/sda1 rw`.
 * Options of the mount and of the file system stand together; `ro` in either makes it read-only.
 */
export function parseMountinfo(text: string): readonly Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const [, , , , target, own] = left.split(' ');
    const [type, source, superOptions] = right.split(' ');
    if (!target || !type) continue;
    const options = new Set([...(own ?? '').split(','), ...(superOptions ?? '').split(',')]);
    options.delete('');
    if (options.has('ro')) options.delete('rw');
    mounts.push({
      source: unescapeOctal(source ?? ''),
      target: unescapeOctal(target),
      type,
      options: [...options],
    });
  }
  return mounts;
}

/** The mount a path lies on: the longest target above it; of two on the same target, the later covers the earlier. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  const wanted = resolve(path);
  let found: Mount | undefined;
  for (const mount of mounts) {
    const below = mount.target === '/' || wanted === mount.target || wanted.startsWith(`${mount.target}/`);
    if (below && mount.target.length >= (found?.target.length ?? 0)) found = mount;
  }
  return found;
}

/** File systems whose answers depend on another machine or on another process. */
export function mayHang(mount: Mount | undefined): boolean {
  return /^(nfs|cifs|smb|9p|ceph|glusterfs|lustre|afs|ncpfs|fuse|autofs|ocfs2|gfs2|beegfs)/.test(
    mount?.type ?? '',
  );
}

/** Blank, tab, newline and backslash are written in octal. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
