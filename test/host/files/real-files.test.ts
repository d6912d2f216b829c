import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRealFiles } from '../../../src/host/files/real-files.ts';
import { createRealClock } from '../../../src/host/time/real-clock.ts';
import { until } from '../until.ts';

const files = createRealFiles(createRealClock());
let folder = '';
const at = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'watcher-files-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('reading', () => {
  it('gives the beginning, the end and a part', async () => {
    writeFileSync(at('text'), 'one\ntwo\nthree\n');
    expect(await files.read(at('text'))).toEqual({ ok: true, value: 'one\ntwo\nthree\n' });
    expect(await files.read(at('text'), 3)).toEqual({ ok: true, value: 'one' });
    expect(await files.tail(at('text'), 6)).toEqual({ ok: true, value: 'three\n' });
    expect(await files.range(at('text'), 4, 3)).toEqual({ ok: true, value: { text: 'two', bytes: 3 } });
    expect(await files.range(at('text'), 100, 3)).toEqual({ ok: true, value: { text: '', bytes: 0 } });
  });

  it('reads what the kernel makes up, whose size says 0', async () => {
    const read = await files.read('/proc/self/status');
    expect(read.ok && read.value.startsWith('Name:')).toBe(true);
    expect(await files.read('/proc/self/status', 5)).toEqual({ ok: true, value: 'Name:' });
  });

  it('says what is wrong in words', async () => {
    expect(await files.read(at('none'))).toEqual({
      ok: false,
      code: 'ENOENT',
      reason: `${at('none')} does not exist`,
    });
    expect(await files.read(folder)).toMatchObject({ ok: false, code: 'EISDIR' });
    expect(await files.read('/run/nowhere/x.pid')).toMatchObject({ ok: false, code: 'ENOENT' });
    expect(await files.read('/run')).toMatchObject({ ok: false, code: 'EISDIR' });
    expect(await files.stat(at('text/below'))).toMatchObject({ ok: false, code: 'ENOTDIR' });
  });

  it('never waits for a fifo or a device', async () => {
    execFileSync('mkfifo', [at('fifo')]);
    expect(await files.read(at('fifo'))).toMatchObject({ ok: false, code: 'EINVAL' });
    expect(await files.tail('/dev/zero')).toMatchObject({ ok: false, code: 'EINVAL' });
    expect(await files.hash(at('fifo'), 'md5')).toMatchObject({ ok: false });
  });

  it('reads at once what lies in memory, and nothing else', () => {
    const memory = mkdtempSync('/dev/shm/watcher-files-');
    const inMemory = (name: string) => join(memory, name);
    try {
      writeFileSync(inMemory('text'), 'one\ntwo\n');
      writeFileSync(at('elsewhere'), 'one\ntwo\n');
      symlinkSync(at('elsewhere'), inMemory('link'));
      expect(files.readNow(inMemory('text'), 5)).toEqual({ ok: true, value: 'one\nt' });
      expect(files.readNow(inMemory('none'), 5)).toMatchObject({ ok: false, code: 'ENOENT' });
      expect(files.readNow(inMemory('link'), 5)).toBeUndefined();
      expect(files.readNow(memory, 5)).toBeUndefined();
      expect(files.readNow('/usr/bin/env', 5)).toBeUndefined();
      expect(files.existsNow(inMemory('text'))).toBe(true);
      expect(files.existsNow(inMemory('none'))).toBe(false);
      expect(files.existsNow('/usr/bin/env')).toBeUndefined();
    } finally {
      rmSync(memory, { recursive: true });
    }
  });

  it('hashes', async () => {
    expect(await files.hash(at('text'), 'md5')).toEqual({
      ok: true,
      value: 'deed54b823522e0525693b090363f9df',
    });
  });
});

describe('facts', () => {
  it('come with type, mode, owner, links and times', async () => {
    writeFileSync(at('facts'), 'x');
    chmodSync(at('facts'), 0o4640);
    linkSync(at('facts'), at('facts-2'));
    utimesSync(at('facts'), 1000, 2000);
    expect(await files.stat(at('facts'))).toMatchObject({
      ok: true,
      value: {
        type: 'file',
        size: 1,
        mode: 0o4640,
        uid: process.getuid?.(),
        links: 2,
        accessedAt: 1_000_000,
        modifiedAt: 2_000_000,
      },
    });
  });

  it('know every type', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(at('socket'), resolve));
    symlinkSync('/nowhere', at('dangling'));
    symlinkSync(at('text'), at('link'));
    const typeOf = async (path: string) => {
      const facts = await files.stat(path);
      return facts.ok ? facts.value.type : facts.code;
    };
    expect(await typeOf(folder)).toBe('directory');
    expect(await typeOf(at('socket'))).toBe('socket');
    expect(await typeOf(at('fifo'))).toBe('fifo');
    expect(await typeOf('/dev/null')).toBe('device');
    expect(await typeOf(at('dangling'))).toBe('link');
    expect(await typeOf(at('link'))).toBe('file');
    expect(await files.link(at('dangling'))).toMatchObject({ ok: true });
    expect(await files.link(at('link'))).toMatchObject({ ok: true });
    expect(await files.link(at('text'))).toMatchObject({ ok: false, code: 'EINVAL' });
    expect(await files.real(at('link'))).toEqual({ ok: true, value: at('text') });
    await new Promise((resolve) => server.close(resolve));
  });

  it('lists and says whether something is there', async () => {
    mkdirSync(at('list'));
    writeFileSync(at('list/b'), '');
    writeFileSync(at('list/a'), '');
    expect(await files.list(at('list'))).toEqual({ ok: true, value: ['a', 'b'] });
    expect(await files.exists(at('list/a'))).toBe(true);
    expect(await files.exists(at('list/c'))).toBe(false);
  });
});

describe('watching', () => {
  it('sees changes, a replacement by rename, and changes after that', async () => {
    writeFileSync(at('watched'), '1');
    let seen = 0;
    const stop = files.watch(at('watched'), () => (seen += 1));
    const change = async (act: () => void) => {
      const before = seen;
      act();
      await until(() => seen > before);
    };
    await change(() => writeFileSync(at('watched'), '2'));
    await change(() => {
      writeFileSync(at('watched.new'), '3');
      renameSync(at('watched.new'), at('watched'));
    });
    await change(() => writeFileSync(at('watched'), '4'));
    await change(() => rmSync(at('watched')));
    await change(() => writeFileSync(at('watched'), '5'));
    stop();
  });

  it('sees a path come to be whose folder did not exist', async () => {
    let seen = 0;
    const stop = files.watch(at('later/rules/a.yaml'), () => (seen += 1));
    mkdirSync(at('later'));
    await until(() => seen > 0);
    const first = seen;
    mkdirSync(at('later/rules'));
    await until(() => seen > first);
    const second = seen;
    writeFileSync(at('later/rules/a.yaml'), '');
    await until(() => seen > second);
    stop();
  });

  it('sees what happens in a folder', async () => {
    mkdirSync(at('rules'));
    let seen = 0;
    const stop = files.watch(at('rules'), () => (seen += 1));
    writeFileSync(at('rules/new.yaml'), '');
    await until(() => seen > 0);
    stop();
  });
});
