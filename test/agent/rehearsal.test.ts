import { execFileSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { HEAD_START } from '../../src/agent/core.ts';
import { rehearseRepairs } from '../../src/agent/rehearsal.ts';
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

describe('a rehearsal of repairs', () => {
  it('goes all the way from a death to the end of a start command, as often as it is told to', async () => {
    const { host: noted, ran, outcomes } = noting();
    const bugs: unknown[] = [];
    const onBug = (error: unknown) => bugs.push(error);
    const gone = await rehearseRepairs({ host: noted, kinds: registeredKinds(), onBug }, 3);
    expect(gone).toBe(true);
    expect(ran.map(({ argv }) => argv)).toEqual([['/bin/true'], ['/bin/true'], ['/bin/true']]);
    expect(outcomes).toEqual(['exited 0', 'exited 0', 'exited 0']);
    expect(bugs).toEqual([]);
  });

  it('gives each repair the head start that one that counts would get', async () => {
    const { host: noted, ran } = noting();
    const real = host.clock;
    let headStarts = 0;
    const clock: Host['clock'] = {
      instant: () => real.instant(),
      monotonic: () => real.monotonic(),
      timers: () => real.timers(),
      after(ms, run, options) {
        if (ms === HEAD_START) headStarts += 1;
        return real.after(ms, run, options);
      },
    };
    const bugs: unknown[] = [];
    const onBug = (error: unknown) => bugs.push(error);
    await rehearseRepairs({ host: { ...noted, clock }, kinds: registeredKinds(), onBug }, 5);
    expect([ran.length, headStarts, bugs]).toEqual([5, 5, []]);
  });

  it('leaves no timer, no descriptor and no process behind', async () => {
    const { host: noted } = noting();
    const kinds = registeredKinds();
    const rehearse = () => rehearseRepairs({ host: noted, kinds, onBug: () => {} }, 1);
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

  it('goes the same way in an agent that has run for long: what the kernel shows of it is as old as the first look at that', async () => {
    const { host: noted, outcomes } = noting();
    const files: Host['files'] = {
      ...noted.files,
      async stat(path) {
        const found = await noted.files.stat(path);
        return found.ok ? { ok: true, value: { ...found.value, modifiedAt: Date.now() - 3_600_000 } } : found;
      },
    };
    await rehearseRepairs({ host: { ...noted, files }, kinds: registeredKinds(), onBug: () => {} }, 1);
    expect(outcomes).toEqual(['exited 0']);
  });

  it('ends when the agent stops, and does not begin after it', async () => {
    const { host: noted, ran } = noting();
    const kinds = registeredKinds();
    const stopping = new AbortController();
    const commands: Host['commands'] = {
      ...noted.commands,
      async run(command, options) {
        if (ran.length === 1) stopping.abort();
        return noted.commands.run(command, options);
      },
    };
    const parts = { host: { ...noted, commands }, kinds, onBug: () => {} };
    expect(await rehearseRepairs(parts, 50, stopping.signal)).toBe(false);
    expect(ran.length).toBeLessThanOrEqual(2);
    ran.length = 0;
    expect(await rehearseRepairs(parts, 50, stopping.signal)).toBe(false);
    expect(ran).toEqual([]);
  });

  it('leaves nobody behind that waits for the agent to stop', async () => {
    const { host: noted } = noting();
    const stopping = new AbortController();
    await rehearseRepairs({ host: noted, kinds: registeredKinds(), onBug: () => {} }, 1, stopping.signal);
    expect(getEventListeners(stopping.signal, 'abort')).toEqual([]);
  });

  it('is not held where the program that it would start is missing', async () => {
    const { host: noted, ran } = noting();
    const files: Host['files'] = { ...host.files, exists: async () => false };
    await rehearseRepairs({ host: { ...noted, files }, kinds: registeredKinds(), onBug: () => {} }, 1);
    expect(ran).toEqual([]);
  });

  it('is left as it is where its program does not end', async () => {
    const { host: noted } = noting();
    const endings: string[] = [];
    const commands: Host['commands'] = {
      ...noted.commands,
      run: (_, { signal } = {}) =>
        new Promise((resolve) => {
          signal?.addEventListener('abort', () => {
            endings.push('aborted');
            resolve({ outcome: 'aborted', stdout: '', stderr: '', tookMs: 0 });
          });
        }),
    };
    await rehearseRepairs({ host: { ...noted, commands }, kinds: registeredKinds(), onBug: () => {} }, 2);
    expect(endings).toEqual(['aborted']);
  });
});
