import { flag, path } from '../schema/fields.ts';
import { defineCheck } from './check-kind.ts';
import { fileTrouble } from './file-trouble.ts';
import { filesystemReadings } from './filesystem-readings.ts';
import { rounded } from './rate.ts';

/** A mounted file system. */
export const filesystem = defineCheck({
  kind: 'filesystem',
  summary: 'Looks at the file system a path lies on: space, inodes, mount options.',
  options: {
    path: path({ summary: 'Mount point, or any path below it.' }),
    mounted: flag({ summary: 'The path itself must be a mount point.', default: false }),
  },
  main: 'path',
  readings: filesystemReadings,
  expects: [],
  failAfter: 1,
  timeout: 5000,
  target: () => undefined,
  brief: true,
  headline: ['used', 'free', 'inodes_used'],
  example: `
filesystem: /var
warn: full_in < 24h
expect: [used < 90%, inodes_used < 90%]
`,
  async probe({ options, host, timeout }) {
    const usage = await host.filesystems.usage(options.path, timeout);
    if (!usage.ok) return fileTrouble(usage, { outage: true });
    const { size, used, free, inodes, inodesFree, readOnly, mount } = usage.value;
    const isMounted = mount !== undefined && mount.target === withoutSlash(options.path);
    if (options.mounted && !isMounted) {
      const reason = `${options.path} is not mounted: it lies on ${mount?.target ?? 'another file system'}`;
      return { outcome: 'failed', reason, reading: { mounted: false } };
    }
    const usable = used + free;
    return {
      outcome: 'read',
      reading: {
        mounted: isMounted,
        size,
        usable,
        used,
        free,
        used_percent: usable > 0 ? rounded((used / usable) * 100) : 0,
        // Some file systems (btrfs, fuse) make inodes as they need them and count none.
        ...(inodes > 0 && {
          inodes,
          inodes_used: inodes - inodesFree,
          inodes_free: inodesFree,
          inodes_percent: rounded(((inodes - inodesFree) / inodes) * 100),
        }),
        read_only: readOnly,
        ...(mount && {
          flags: [...mount.options].sort().join(','),
          type: mount.type,
          device: mount.source,
          mount_point: mount.target,
        }),
      },
    };
  },
});

function withoutSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}
