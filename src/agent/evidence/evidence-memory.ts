import type { Host } from '../../host/host.ts';
import { formatSize } from '../../lib/size.ts';
import type { Section } from './evidence-section.ts';

/** Both files are shorter than this, in bytes. */
const MOST_BYTES = 8192;

/**
 * What the process's memory is made of: the totals of its memory map, proc(5), /proc/PID/smaps_rollup, and what the
 * kernel counts anyway, /proc/PID/status. The first needs the rights of its owner, the second none.
 */
export function memorySection(host: Host, pid: () => Promise<number | undefined>): Section {
  return {
    title: 'memory map totals',
    async read() {
      const main = await pid();
      if (main === undefined || host.platform !== 'linux') return undefined;
      // Not read at once: the kernel walks through all of the process's pages, which takes its time for a large one.
      const read = (name: string) => host.files.range(`/proc/${main}/${name}`, 0, MOST_BYTES);
      const [rollup, status] = await Promise.all([read('smaps_rollup'), read('status')]);
      if (!status.ok && !rollup.ok) return undefined;
      return [
        ...(rollup.ok ? mapLines(kilobytesIn(rollup.value.text)) : [`(totals: ${rollup.reason})`]),
        ...(status.ok ? statusLines(kilobytesIn(status.value.text)) : []),
      ].join('\n');
    },
  };
}

/** Sizes in bytes of the lines `Name:   123 kB`, where kB are 1024 bytes. */
function kilobytesIn(text: string): ReadonlyMap<string, number> {
  return new Map(
    [...text.matchAll(/^(\w+):\s+(\d+) kB$/gm)].map(([, name = '', kilobytes]) => [
      name,
      Number(kilobytes) * 1024,
    ]),
  );
}

function mapLines(sizes: ReadonlyMap<string, number>): readonly string[] {
  const resident = sizes.get('Rss');
  if (resident === undefined) return [];
  const sum = (...names: readonly string[]) =>
    names.reduce((total, name) => total + (sizes.get(name) ?? 0), 0);
  const own = formatSize(sum('Private_Clean', 'Private_Dirty', 'Private_Hugetlb'));
  const shared = formatSize(sum('Shared_Clean', 'Shared_Dirty', 'Shared_Hugetlb'));
  return [
    `resident ${formatSize(resident)}: ${own} private, ${shared} shared`,
    listed(sizes, [
      ['Pss', 'proportional share'],
      ['Anonymous', 'anonymous'],
      ['AnonHugePages', 'huge pages'],
      ['Swap', 'swapped out'],
      ['Locked', 'locked'],
    ]),
  ];
}

function statusLines(sizes: ReadonlyMap<string, number>): readonly string[] {
  const line = listed(sizes, [
    ['VmHWM', 'peak resident'],
    ['VmSize', 'address space'],
    ['VmPeak', 'its peak'],
    ['VmData', 'data'],
    ['VmStk', 'stack'],
    ['VmPTE', 'page tables'],
  ]);
  // A kernel thread has none of them.
  return line === '' ? [] : [line];
}

function listed(
  sizes: ReadonlyMap<string, number>,
  names: readonly (readonly [field: string, word: string])[],
): string {
  return names
    .flatMap(([field, word]) => {
      const size = sizes.get(field);
      return size === undefined ? [] : [`${word} ${formatSize(size)}`];
    })
    .join(', ');
}
