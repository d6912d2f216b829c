import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { rehearseRepair } from '../../src/agent/rehearsal.ts';
import { registeredKinds } from '../../src/config/registered-kinds.ts';
import type { Host } from '../../src/host/host.ts';
import { createHost } from '../../src/host/real-host.ts';
import type { CommandSpec } from '../../src/model/service.ts';

const host = createHost();
afterAll(() => host.close());

/** The real host, which notes what it is asked to run. */
function noting(): { readonly host: Host; readonly ran: CommandSpec[]; readonly outcomes: string[] } {
  const ran: CommandSpec[] = [];
  const outcomes: string[] = [];
  const commands: Host['commands'] = {
    ...host.commands,
    async run(command, options) {
      ran.push(command);
      const result = await host.commands.run(command, options);
      outcomes.push(`${result.outcome} ${result.code}`);
      return result;
    },
  };
  return { host: { ...host, commands }, ran, outcomes };
}

describe('a rehearsal of a repair', () => {
  it('goes all the way from a service that is down to the end of its start command', async () => {
    const { host: noted, ran, outcomes } = noting();
    const bugs: unknown[] = [];
    await rehearseRepair({ host: noted, kinds: registeredKinds(), onBug: (error) => bugs.push(error) });
    expect(ran.map(({ argv }) => argv)).toEqual([['/bin/true']]);
    expect(outcomes).toEqual(['exited 0']);
    expect(bugs).toEqual([]);
  });

  it('leaves no timer, no descriptor and no process behind', async () => {
    const { host: noted } = noting();
    const kinds = registeredKinds();
    const rehearse = () => rehearseRepair({ host: noted, kinds, onBug: () => {} });
    await rehearse();
    await vi.waitFor(() => expect(host.clock.timers()).toBeLessThanOrEqual(1), { timeout: 10_000 });
    const timers = host.clock.timers();
    const open = readdirSync('/proc/self/fd').length;
    for (let round = 0; round < 5; round += 1) await rehearse();
    // The moment before evidence would be read is waited for by nobody.
    await vi.waitFor(() => expect(host.clock.timers()).toBeLessThanOrEqual(timers), { timeout: 10_000 });
    expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(open);
    const children = execFileSync('ps', ['--ppid', String(process.pid), '-o', 'comm='], { encoding: 'utf8' });
    expect(children).not.toContain('true');
  });

  it('is not held where the program that it would start is missing', async () => {
    const { host: noted, ran } = noting();
    const files: Host['files'] = { ...host.files, exists: async () => false };
    await rehearseRepair({ host: { ...noted, files }, kinds: registeredKinds(), onBug: () => {} });
    expect(ran).toEqual([]);
  });
});
