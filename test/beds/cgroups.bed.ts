import { existsSync, readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { process as processCheck } from '../../src/checks/process.ts';
import { createHost } from '../../src/host/real-host.ts';
import { systemd } from '../../src/managers/systemd.ts';
import type { Reading } from '../../src/model/reading.ts';
import { context, eventually, must, removeUnit, reported, unit } from './bed.ts';

// Which numbers there are depends on the machine: all of version 2 in a virtual machine (test/beds/vm), those of version
// 1 in a hybrid or legacy box (but processor time only where cpu and cpuacct are one mount, as distributions have it), and
// only processor time in a unified box on a machine whose controllers are bound to version 1.
const root = '/sys/fs/cgroup';
const two = existsSync(`${root}/cgroup.controllers`)
  ? readFileSync(`${root}/cgroup.controllers`, 'utf8').split(/\s+/)
  : [];
const counts = {
  memory: two.includes('memory') || existsSync(`${root}/memory`),
  cpu: existsSync(`${root}/cgroup.controllers`) || existsSync(`${root}/unified/cgroup.controllers`),
};

/** Takes 300 MB. */
const eater = `${process.execPath} -e "Buffer.alloc(300000000,1)"`;

afterEach(() => removeUnit('hog.service'));

async function look(carry?: unknown): Promise<{ readonly reading: Reading; readonly carry: unknown }> {
  const host = createHost();
  const manager = systemd.open({ unit: 'hog' }, context('hog'));
  const result = await processCheck.probe({
    options: { pss: false },
    host,
    service: 'hog',
    manager: () => manager.report(),
    signal: AbortSignal.timeout(20_000),
    timeout: 20_000,
    carry,
  } as Parameters<typeof processCheck.probe>[0]);
  manager.close();
  host.close();
  if (result.outcome !== 'read') throw new Error(JSON.stringify(result));
  return { reading: result.reading, carry: result.carry };
}

it('memory and processor time of the whole group, cached files and helpers that are gone included', async () => {
  // 50 MB of a file in memory, which no process maps, and processor time of children that ended.
  await unit('hog.service', [
    '[Service]',
    'RuntimeDirectory=hog',
    'MemoryAccounting=yes',
    'CPUAccounting=yes',
    'MemoryMax=400M',
    `ExecStart=/bin/sh -c 'head -c 50000000 /dev/zero >/run/hog/file; while :; do head -c 3000000 /dev/urandom >/dev/null; done'`,
  ]);
  await must('systemctl', 'start', 'hog');
  let last = await look();
  await eventually(async () => {
    last = await look(last.carry);
    const { memory_group: memory = 0, cpu_group: cpu = 0 } = last.reading as Record<string, number>;
    return (!counts.memory || memory > 50e6) && (!counts.cpu || cpu > 5);
  }, 60_000).catch(() => {
    throw new Error(JSON.stringify(last.reading));
  });
  const reading = last.reading as Record<string, number | undefined>;
  expect(reading.memory_group === undefined).toBe(!counts.memory);
  expect(reading.oom_kills).toBe(counts.memory ? 0 : undefined);
  expect(reading.memory_group_limit).toBe(counts.memory ? 400 * 1024 * 1024 : undefined);
  console.log(JSON.stringify({ counts, two, memory: reading.memory_group, cpu: reading.cpu_group }));
}, 120_000);

const onlyWithMemory = counts.memory ? it : () => undefined;
onlyWithMemory(
  'killed for want of memory: counted, and told by systemd where it is version 2',
  async () => {
    await unit('hog.service', [
      '[Service]',
      'MemoryMax=120M',
      'MemorySwapMax=0',
      'OOMPolicy=continue',
      `ExecStart=/bin/sh -c '${eater}; sleep 1000'`,
    ]);
    await must('systemctl', 'start', 'hog');
    await eventually(async () => Number((await look()).reading.oom_kills) > 0, 60_000);
    await unit('hog.service', ['[Service]', 'MemoryMax=120M', 'MemorySwapMax=0', `ExecStart=${eater}`]);
    await must('systemctl', 'restart', 'hog');
    const manager = systemd.open({ unit: 'hog' }, context('hog'));
    const report = await reported(manager, ({ activity }) => activity === 'failed', 60_000);
    manager.close();
    expect(report).toMatchObject({
      intent: 'run',
      lastExit: two.includes('memory') ? 'oom-kill' : 'signal KILL',
    });
  },
  120_000,
);
