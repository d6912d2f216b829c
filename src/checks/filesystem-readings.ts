import type { ReadingFields } from '../model/reading.ts';

const bytes = { type: 'number', quantity: 'bytes', min: 0 } as const;
const count = { type: 'number', quantity: 'count', min: 0 } as const;
const share = { type: 'number', quantity: 'percent', min: 0, max: 100 } as const;

/** What a check of a file system measures. Percentages are those of df(1): what root has in reserve does not count. */
export const filesystemReadings = {
  mounted: { type: 'flag', meaning: 'Whether the path itself is a mount point.' },
  used: {
    ...bytes,
    meaning: 'Space in use; as a percentage: of what users can use, as df shows it.',
    total: 'usable',
  },
  free: { ...bytes, meaning: 'Space that users can still take.', total: 'usable', remaining: true },
  usable: { ...bytes, meaning: 'Space for users in all: the size less the reserve of root.' },
  size: { ...bytes, meaning: 'Size of the file system.' },
  used_percent: { ...share, meaning: '`used` as a share of `usable`.' },
  full_in: {
    type: 'number',
    quantity: 'duration',
    min: 0,
    meaning: 'Time until it is full if it goes on as in the last 6 hours.',
    forecast: { of: 'used', reaches: 'usable' },
  },
  inodes: { ...count, meaning: 'Inodes (files and folders that fit), where the file system counts them.' },
  inodes_used: { ...count, meaning: 'Inodes in use.', total: 'inodes' },
  inodes_free: { ...count, meaning: 'Inodes that are free.', total: 'inodes', remaining: true },
  inodes_percent: { ...share, meaning: '`inodes_used` as a share of `inodes`.' },
  inodes_full_in: {
    type: 'number',
    quantity: 'duration',
    min: 0,
    meaning: 'Time until there are no inodes left if it goes on as in the last 6 hours.',
    forecast: { of: 'inodes_used', reaches: 'inodes' },
  },
  read_only: { type: 'flag', meaning: 'Whether it is mounted read-only (as kernels do after disk errors).' },
  flags: { type: 'text', meaning: 'Mount options in the order of the alphabet: `flags unchanged`.' },
  type: { type: 'text', meaning: 'Type of the file system: `ext4`.' },
  device: { type: 'text', meaning: 'What is mounted: `/dev/sda1`.' },
  mount_point: { type: 'text', meaning: 'Where it is mounted.' },
} as const satisfies ReadingFields;
