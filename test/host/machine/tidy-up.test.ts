import { constants, PerformanceObserver } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { mappedAnew, tidyUp } from '../../../src/host/machine/tidy-up.ts';
import { loadKoffi } from '../../../src/host/packages/load-koffi.ts';
import { until } from '../until.ts';

const before = `00400000-00500000 r-xp 00000000 fe:00 77                         /usr/bin/node
7f0000000000-7f0000040000 rw-p 00000000 00:00 0 
7f0000100000-7f0000140000 ---p 00000000 00:00 0 
7f0000200000-7f0000201000 rw-p 00000000 00:00 0                  [heap]
`;
const after = `00400000-00500000 r-xp 00000000 fe:00 77                         /usr/bin/node
7f0000000000-7f00000a0000 rw-p 00000000 00:00 0 
7f0000100000-7f0000140000 rw-p 00000000 00:00 0 
7f0000201000-7f0000241000 rw-p 00000000 00:00 0 
7f0000300000-7f0000340000 rw-p 00000000 fe:00 78                 /tmp/mapped
`;

describe('memory that a collection maps anew', () => {
  it('is what can be written to now and could not before: at the end of what was there, and where nothing was', () => {
    expect(mappedAnew(before, after)).toEqual([
      { from: 0x7f0000040000n, to: 0x7f0000080000n },
      { from: 0x7f0000080000n, to: 0x7f00000a0000n },
      { from: 0x7f0000100000n, to: 0x7f0000140000n },
    ]);
  });

  it('is none where nothing has changed', () => {
    expect(mappedAnew(after, after)).toEqual([]);
  });
});

it('tidying up collects what is young, each time', async () => {
  await loadKoffi();
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries() as unknown as { detail: { kind: number } }[])
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MINOR) collections += 1;
  });
  observer.observe({ entryTypes: ['gc'] });
  try {
    for (let time = 0; time < 20; time += 1) tidyUp();
    await until(() => collections >= 20);
  } finally {
    observer.disconnect();
  }
});
