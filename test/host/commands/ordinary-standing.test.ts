import { readFileSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { expect, it } from 'vitest';
import { launchPosixCommand } from '../../../src/host/commands/posix-commands.ts';
import { createSpawnCommands } from '../../../src/host/commands/spawn-commands.ts';
import { createRealUsers } from '../../../src/host/machine/real-users.ts';
import { loadKoffi } from '../../../src/host/packages/load-koffi.ts';
import { createRealClock } from '../../../src/host/time/real-clock.ts';

/** Whether this process may do what systemd did to the watcher: lower both below what is usual. */
function lowered(): boolean {
  try {
    writeFileSync('/proc/self/oom_score_adj', '-500');
    setPriority(-3);
    return true;
  } catch {
    return false;
  }
}

it.runIf(process.platform === 'linux')(
  'no command inherits that the watcher is killed last and runs first, and the watcher stays so',
  async ({ skip }) => {
    const before = readFileSync('/proc/self/oom_score_adj', 'utf8').trim();
    const nice = getPriority();
    try {
      if (!lowered()) return skip('needs CAP_SYS_RESOURCE and CAP_SYS_NICE');
      await loadKoffi();
      const clock = createRealClock();
      for (const quick of [launchPosixCommand, () => undefined]) {
        const commands = createSpawnCommands(clock, createRealUsers(clock), 300, quick);
        // A child of the child that is there at once.
        const script = 'cat /proc/self/oom_score_adj; sleep 0.2; cut -d" " -f19 /proc/$$/stat';
        const run = { argv: ['/bin/sh', '-c', script], shell: false, env: {}, timeout: 10_000 };
        expect((await commands.run(run)).stdout).toBe('0\n0\n');
        expect((await commands.run(run, { leaves: 'daemon' })).stdout).toBe('0\n0\n');
      }
      expect(readFileSync('/proc/self/oom_score_adj', 'utf8').trim()).toBe('-500');
      expect(getPriority()).toBe(-3);
    } finally {
      setPriority(nice);
      writeFileSync('/proc/self/oom_score_adj', before);
    }
  },
);
