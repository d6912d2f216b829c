import { expect, it } from 'vitest';
import { measureGroup } from '../../src/checks/process-group.ts';
import type { Cgroups, GroupUsage } from '../../src/host/cgroups.ts';

const host = (usage: GroupUsage) => ({ cgroups: { usage: () => usage } as unknown as Cgroups });

it('rates need two looks; what ended in between counts', () => {
  const first = measureGroup(host({ cpuMs: 1000, memory: 10, oomKills: 0 }), ['/a'], undefined, 0);
  expect(first.reading).toEqual({ memory_group: 10, oom_kills: 0 });
  const second = measureGroup(host({ cpuMs: 1500, memoryLimit: 20 }), ['/a'], first.carry, 1000);
  expect(second.reading).toEqual({ memory_group_limit: 20, cpu_group: 50 });
});

it('nothing for the root group, and where there are no groups', () => {
  expect(measureGroup(host({ memory: 10 }), ['/'], undefined, 0)).toEqual({});
  expect(measureGroup(host({ memory: 10 }), [], undefined, 0)).toEqual({});
  expect(measureGroup({}, ['/a'], undefined, 0)).toEqual({});
  expect(measureGroup(host({}), ['/a'], undefined, 0).reading).toEqual({});
});

it('the groups of several main processes count together', () => {
  const usages: Readonly<Record<string, GroupUsage>> = {
    '/a': { memory: 10, memoryLimit: 50, oomKills: 1 },
    '/b': { memory: 7, oomKills: 2 },
  };
  const two = { cgroups: { usage: (path: string) => usages[path] } as unknown as Cgroups };
  expect(measureGroup(two, ['/a', '/b'], undefined, 0).reading).toEqual({ memory_group: 17, oom_kills: 3 });
});
