import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesystem } from '../../src/checks/filesystem.ts';
import { process as processKind } from '../../src/checks/process.ts';
import { system } from '../../src/checks/system.ts';
import { createHost } from '../../src/host/real-host.ts';
import { killAll, startOrphans } from '../host/orphans.ts';
import { until } from '../host/until.ts';
import { lookOnce, readingOf } from './look-once.ts';

/** The same kinds as elsewhere, but on this very machine. */
const host = createHost();
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'watcher-process-'));
});
afterAll(() => {
  host.close();
  rmSync(folder, { recursive: true });
});

describe('a real process', () => {
  it('that burns one processor is seen to, by pid file and by match', async () => {
    const [pid = 0] = startOrphans(1, 'sh -c "while :; do :; done"');
    try {
      const pidfile = join(folder, 'burn.pid');
      writeFileSync(pidfile, `${pid}\n`);
      const wanted = new Set(['cpu']);
      const first = await lookOnce(processKind, `pidfile: ${pidfile}`, { host, wanted });
      expect(readingOf(first)).toMatchObject({ running: true, pid, children: 0, pidfile: 'ok' });
      // The machine may be busy: it gets some of a processor, and never more than one.
      expect(readingOf(first).cpu).toBeGreaterThan(0);
      expect(readingOf(first).cpu).toBeLessThan(110);
      const match = 'match: { command: "^sh -c while :; do :; done$" }';
      const found = await until(async () => {
        const result = await lookOnce(processKind, match, { host });
        return result.outcome === 'read' ? result.reading : undefined;
      });
      expect(found.pid).toBe(pid);
    } finally {
      killAll([pid]);
    }
  });

  it('is found by its program and its user, and not as one of another user', async () => {
    const program = join(folder, 'watched-sleep');
    copyFileSync('/bin/sleep', program);
    chmodSync(program, 0o755);
    const [pid = 0] = startOrphans(1, `${program} 300`);
    try {
      const look = async (match: string) => lookOnce(processKind, `match: { ${match} }`, { host });
      const found = await until(async () => {
        const result = await look(`exe: ${program}`);
        return result.outcome === 'read' ? result.reading : undefined;
      });
      expect(found.pid).toBe(pid);
      const own = await look(`exe: ${program}, user: ${userInfo().username}`);
      expect(readingOf(own).pid).toBe(pid);
      const other = userInfo().username === 'nobody' ? 'root' : 'nobody';
      expect((await look(`exe: ${program}, user: ${other}`)).outcome).toBe('failed');
    } finally {
      killAll([pid]);
    }
  });

  it('that was killed is gone at the next look, with its pid file left behind', async () => {
    const [pid = 0] = startOrphans(1);
    const pidfile = join(folder, 'killed.pid');
    writeFileSync(pidfile, String(pid));
    const first = await lookOnce(processKind, `pidfile: ${pidfile}`, { host });
    expect(readingOf(first).pid).toBe(pid);
    const identity = host.processes.identify(pid);
    if (!identity) throw new Error('it does not run');
    const told = new Promise<void>((resolve) => host.deaths.watch(identity, resolve));
    process.kill(pid, 'SIGKILL');
    await told;
    const second = await lookOnce(processKind, `pidfile: ${pidfile}`, { host, carry: first.carry });
    expect(second).toMatchObject({ outcome: 'failed', reading: { running: false } });
  });
});

describe('this machine', () => {
  it('is measured within what is possible', async () => {
    const wanted = new Set(['cpu']);
    const reading = readingOf(await lookOnce(system, '{}', { host, wanted }));
    expect(reading.cpu).toBeGreaterThanOrEqual(0);
    expect(reading.cpu).toBeLessThanOrEqual(100);
    expect(reading.memory).toBeGreaterThan(0);
    expect(readingOf(await lookOnce(filesystem, '/', { host }))).toMatchObject({ mounted: true });
  });
});
