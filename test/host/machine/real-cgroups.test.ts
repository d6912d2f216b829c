import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRealCgroups } from '../../../src/host/machine/real-cgroups.ts';
import { until } from '../until.ts';

let mount: string;
beforeEach(() => {
  mount = mkdtempSync(join(tmpdir(), 'watcher-cgroups-'));
});
afterEach(() => rmSync(mount, { recursive: true }));

function put(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(mount, path)), { recursive: true });
    writeFileSync(join(mount, path), text);
  }
}

describe('which hierarchy', () => {
  it('version 2, wherever it is mounted, before version 1', () => {
    put({
      'unified/cgroup.procs': '',
      'unified/system.slice/web.service/cgroup.procs': '41\n',
      'systemd/cgroup.procs': '',
      'systemd/system.slice/web.service/cgroup.procs': '42\n',
    });
    expect(createRealCgroups(mount)?.pids('/system.slice/web.service')).toEqual([41]);
  });

  it("version 1 alone: systemd's own hierarchy has the processes, the controllers have the numbers", () => {
    put({
      'systemd/cgroup.procs': '1\n',
      'systemd/system.slice/web.service/cgroup.procs': '41\n42\n',
      'systemd/system.slice/web.service/child/cgroup.procs': '43\n',
      'memory/system.slice/web.service/memory.usage_in_bytes': '4096\n',
      'memory/system.slice/web.service/memory.limit_in_bytes': '9223372036854771712\n',
      // Before Linux 4.13 without a count of kills.
      'memory/system.slice/web.service/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\n',
      'cpu,cpuacct/system.slice/web.service/cpuacct.usage': '3000000\n',
    });
    const cgroups = createRealCgroups(mount);
    expect(cgroups?.pids('/system.slice/web.service')).toEqual([41, 42, 43]);
    expect(cgroups?.pids('/system.slice/other.service')).toBeUndefined();
    expect(cgroups?.usage('/system.slice/web.service')).toEqual({ memory: 4096, cpuMs: 3 });
  });

  it('none where nothing is mounted', () => {
    expect(createRealCgroups(mount)).toBeUndefined();
  });
});

it('tells of making and removal, also of the slices above, again and again', async () => {
  put({ 'systemd/cgroup.procs': '' });
  const group = '/system.slice/system-worker.slice/worker@1.service';
  let told = 0;
  const stop = createRealCgroups(mount)?.watch(group, () => {
    told += 1;
  });
  const tells = async (change: () => void) => {
    const before = told;
    change();
    await until(() => told > before);
  };
  const slice = join(mount, 'systemd', dirname(group));
  for (let round = 0; round < 3; round++) {
    await tells(() => mkdirSync(slice, { recursive: true }));
    await tells(() => put({ [`systemd${group}/cgroup.procs`]: '41\n' }));
    await tells(() => rmSync(join(mount, 'systemd', group), { recursive: true }));
    // As systemd does with the slice of a template whose last instance ended.
    await tells(() => rmSync(round === 1 ? dirname(slice) : slice, { recursive: true }));
  }
  stop?.();
  mkdirSync(slice, { recursive: true });
  const after = told;
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toBe(after);
});

it('tells all who wait below a slice, also when that was removed and made anew in one go', async () => {
  put({ 'systemd/cgroup.procs': '' });
  const cgroups = createRealCgroups(mount);
  const slice = join(mount, 'systemd', 'system.slice', 'system-worker.slice');
  const told = [0, 0];
  const unitOf = (index: number) => `worker@${index}.service`;
  const stops = told.map((_, index) =>
    cgroups?.watch(`/system.slice/system-worker.slice/${unitOf(index)}`, () => {
      told[index] = (told[index] ?? 0) + 1;
    }),
  );
  const tells = async (index: number, change: () => void) => {
    const before = told[index] ?? 0;
    change();
    await until(() => (told[index] ?? 0) > before);
  };
  const tellsBoth = async (change: () => void) => {
    const [first, second] = told;
    change();
    await until(() => told[0] !== first && told[1] !== second);
  };
  await tellsBoth(() => mkdirSync(slice, { recursive: true }));
  for (let round = 0; round < 3; round++) {
    await tellsBoth(() => {
      rmSync(slice, { recursive: true });
      mkdirSync(slice);
    });
    for (const index of told.keys()) await tells(index, () => mkdirSync(join(slice, unitOf(index))));
  }
  // Nobody is told of a neighbour, or after stopping.
  const [, neighbour] = told;
  await tells(0, () => rmSync(join(slice, unitOf(0)), { recursive: true }));
  await tells(0, () => mkdirSync(join(slice, unitOf(0))));
  expect(told[1]).toBe(neighbour);
  stops[0]?.();
  const [stopped] = told;
  await tells(1, () => rmSync(join(slice, unitOf(1)), { recursive: true }));
  await tells(1, () => mkdirSync(join(slice, unitOf(1))));
  rmSync(join(slice, unitOf(0)), { recursive: true });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told[0]).toBe(stopped);
  stops[1]?.();
});
