import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { releaseMemory, untouchedFileMappings } from '../../../src/host/machine/keep-small.ts';
import { loadKoffi } from '../../../src/host/packages/load-koffi.ts';

const smaps = `00400000-00500000 r-xp 00000000 fe:00 77                         /usr/bin/node
Rss:                1000 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
Swap:                  0 kB
00500000-00600000 r--p 00100000 fe:00 77                         /usr/bin/node
Private_Dirty:       100 kB
Anonymous:           100 kB
00510000-00520000 r--p 00110000 fe:00 77                         /usr/bin/node
Private_Dirty:         0 kB
Anonymous:             0 kB
Swap:                  4 kB
00600000-00700000 rw-p 00200000 fe:00 77                         /usr/bin/node
Private_Dirty:         0 kB
Anonymous:             0 kB
Swap:                  0 kB
7f0000000000-7f0000001000 r-xp 00000000 00:00 0                  [vdso]
Private_Dirty:         0 kB
Anonymous:             0 kB
Swap:                  0 kB
`;

it('drops only what can be read from its file again', () => {
  expect(untouchedFileMappings(smaps)).toEqual([{ from: 0x400000n, to: 0x500000n }]);
});

it('leaves the program running', async () => {
  await loadKoffi();
  releaseMemory();
  expect(JSON.parse('[1, "two"]')).toEqual([1, 'two']);
  expect(readFileSync('/etc/passwd', 'utf8')).toContain(':');
});
