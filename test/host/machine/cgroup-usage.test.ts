import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { groupUsage } from '../../../src/host/machine/cgroup-usage.ts';

let mount: string;
beforeEach(() => {
  mount = mkdtempSync(join(tmpdir(), 'watcher-cgroup-'));
});
afterEach(() => rmSync(mount, { recursive: true }));

function put(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(mount, path)), { recursive: true });
    writeFileSync(join(mount, path), text);
  }
}

it('version 2', () => {
  put({
    'a/memory.current': '4096\n',
    'a/memory.max': '8192\n',
    'a/memory.events': 'low 0\noom 1\noom_kill 2\noom_group_kill 0\n',
    'a/cpu.stat': 'usage_usec 1500\nuser_usec 1000\n',
  });
  expect(groupUsage(mount, mount, '/a')).toEqual({
    memory: 4096,
    memoryLimit: 8192,
    cpuMs: 1.5,
    oomKills: 2,
  });
});

it('without a limit, and without a group', () => {
  put({ 'a/memory.current': '4096\n', 'a/memory.max': 'max\n' });
  expect(groupUsage(mount, mount, '/a')).toEqual({ memory: 4096 });
  expect(groupUsage(mount, mount, '/b')).toEqual({});
});

it('version 1 beside a unified hierarchy that counts only processor time, or nothing', () => {
  put({
    'unified/a/cpu.stat': 'usage_usec 2000\n',
    'memory/a/memory.usage_in_bytes': '4096\n',
    'memory/a/memory.limit_in_bytes': '9223372036854771712\n',
    'memory/a/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n',
    'cpuacct/b/cpuacct.usage': '3000000\n',
  });
  expect(groupUsage(mount, `${mount}/unified`, '/a')).toEqual({ memory: 4096, cpuMs: 2, oomKills: 3 });
  expect(groupUsage(mount, `${mount}/unified`, '/b')).toEqual({ cpuMs: 3 });
});
