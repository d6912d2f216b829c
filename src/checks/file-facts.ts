import type { FileFacts } from '../host/files.ts';
import type { Host } from '../host/host.ts';
import type { ReadingFields, ReadingValue } from '../model/reading.ts';

/** What files and folders have in common. */
export const factReadings = {
  present: { type: 'flag', meaning: 'Whether it is there.' },
  mode: { type: 'text', meaning: 'Permission bits as four octal digits: `mode == "0644"`.' },
  owner: { type: 'text', meaning: 'Name of its user.' },
  group: { type: 'text', meaning: 'Name of its group.' },
  uid: { type: 'number', quantity: 'count', meaning: 'Number of its user.', min: 0 },
  gid: { type: 'number', quantity: 'count', meaning: 'Number of its group.', min: 0 },
  inode: {
    type: 'number',
    quantity: 'count',
    meaning: 'Its inode: `inode changed` when it was replaced.',
    min: 0,
  },
  links: { type: 'number', quantity: 'count', meaning: 'Hard links to it.', min: 0 },
  modified: {
    type: 'number',
    quantity: 'timestamp',
    meaning: 'When its content changed: `age(modified) < 1h`.',
  },
  touched: {
    type: 'number',
    quantity: 'timestamp',
    meaning: 'When its content, name, owner or permissions changed.',
  },
  accessed: { type: 'number', quantity: 'timestamp', meaning: 'When it was last read.' },
} as const satisfies ReadingFields;

/** Readings of these facts. */
export async function factsReading(facts: FileFacts, host: Host): Promise<Record<string, ReadingValue>> {
  return {
    present: true,
    mode: facts.mode.toString(8).padStart(4, '0'),
    owner: await host.users.nameOf(facts.uid),
    group: (await host.users.group(String(facts.gid)))?.name ?? String(facts.gid),
    uid: facts.uid,
    gid: facts.gid,
    inode: facts.inode,
    links: facts.links,
    modified: Math.round(facts.modifiedAt),
    touched: Math.round(Math.max(facts.modifiedAt, facts.changedAt)),
    accessed: Math.round(facts.accessedAt),
  };
}
