import { describe, expect, it } from 'vitest';
import { cgroupSection } from '../../../src/agent/evidence/evidence-cgroup.ts';
import { memorySection } from '../../../src/agent/evidence/evidence-memory.ts';
import type { Cgroups } from '../../../src/host/cgroups.ts';
import { createFakeHost } from '../../fakes/fake-host.ts';

const pid = async () => 42;
const nothing = async () => undefined;

describe('the memory map totals', () => {
  const rollup = [
    '5626a4913000-7ffd6f83a000 ---p 00000000 00:00 0                          [rollup]',
    'Rss:              409600 kB',
    'Pss:              358400 kB',
    'Shared_Clean:     102400 kB',
    'Private_Clean:    102400 kB',
    'Private_Dirty:    204800 kB',
    'Anonymous:        204800 kB',
    'Swap:               2048 kB',
    'Locked:                0 kB',
  ].join('\n');
  const status = 'Name:\tapi\nVmPeak:\t 2097152 kB\nVmSize:\t 1048576 kB\nVmHWM:\t  512000 kB\n';

  it('tell what is private, shared and swapped out', async () => {
    const host = createFakeHost();
    host.files.put('/proc/42/smaps_rollup', rollup);
    host.files.put('/proc/42/status', status);
    expect(await memorySection(host, pid).read()).toBe(
      [
        'resident 400 MB: 300 MB private, 100 MB shared',
        'proportional share 350 MB, anonymous 200 MB, swapped out 2 MB, locked 0 B',
        'peak resident 500 MB, address space 1 GB, its peak 2 GB',
      ].join('\n'),
    );
  });

  it('say what may not be read, and give what may', async () => {
    const host = createFakeHost();
    host.files.put('/proc/42/status', status);
    host.files.refuse('/proc/42/smaps_rollup', 'EACCES');
    expect(await memorySection(host, pid).read()).toBe(
      '(totals: /proc/42/smaps_rollup cannot be read (EACCES))\npeak resident 500 MB, address space 1 GB, its peak 2 GB',
    );
  });

  it('are none of a process that is gone, and of no process', async () => {
    expect(await memorySection(createFakeHost(), pid).read()).toBeUndefined();
    expect(await memorySection(createFakeHost(), nothing).read()).toBeUndefined();
  });
});

describe('the control group', () => {
  const usage = { memory: 100 * 2 ** 20, memoryLimit: 512 * 2 ** 20, cpuMs: 12_000, oomKills: 1 };
  const cgroups: Cgroups = {
    pids: () => [],
    usage: (path) => (path === '/system.slice/api.service' ? usage : {}),
    watch: () => () => {},
  };

  it('has its numbers where the controllers of version 1 count beside the unified hierarchy', async () => {
    const host = createFakeHost({ cgroups });
    host.files.put('/sys/fs/cgroup/memory/system.slice/api.service/memory.failcnt', '7\n');
    host.files.put('/sys/fs/cgroup/unified/system.slice/api.service/cpu.stat', 'usage_usec 1\nuser_usec 1\n');
    // Where the manager says nothing of it, the process does.
    host.processes.put({ pid: 42, details: { cgroup: '/system.slice/api.service' } });
    expect(await cgroupSection(host, nothing, pid).read()).toBe(
      [
        '/system.slice/api.service',
        'memory 100 MB of at most 512 MB, processor time 12 s, 1 killed for want of memory',
        'cpu.stat:\n  usage_usec 1\n  user_usec 1',
        'memory.failcnt: 7',
      ].join('\n'),
    );
  });

  it('is left out where it is the whole machine, and where nobody counts', async () => {
    const host = createFakeHost({ cgroups });
    expect(await cgroupSection(host, async () => '/', pid).read()).toBeUndefined();
    expect(await cgroupSection(host, async () => '/other', pid).read()).toBeUndefined();
    expect(await cgroupSection(createFakeHost(), async () => '/other', pid).read()).toBeUndefined();
  });
});
