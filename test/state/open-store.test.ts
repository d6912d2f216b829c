import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diskStore } from '../../src/state/disk-store.ts';
import { openStore } from '../../src/state/open-store.ts';
import type { DiskStore } from '../../src/state/store.ts';

let folder: string;
const open: DiskStore[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watcher-store-'));
});

afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function opened(path = join(folder, 'state')): Promise<DiskStore> {
  const result = await openStore(path);
  if (!result.ok) throw new Error(result.failure.message);
  open.push(result.store);
  return result.store;
}

describe('a store', () => {
  it('gives back after a restart what was put, and not what was deleted', async () => {
    const first = await opened();
    first.put('a', { n: 1 });
    first.put('b', 'two');
    first.batch([['c', [3]], ['a', { n: 2 }], ['b']]);
    await first.close();
    const second = await opened();
    expect(second.get('a')).toEqual({ n: 2 });
    expect(second.get('b')).toBeUndefined();
    expect(second.entries('')).toEqual([
      ['a', { n: 2 }],
      ['c', [3]],
    ]);
    expect(second.notes).toEqual([]);
  });

  it('keeps its folder and its file from others', async () => {
    const path = join(folder, 'state');
    await opened(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, 'state.log')).mode & 0o777).toBe(0o600);
  });

  it('narrows a folder that others could read', async () => {
    const path = join(folder, 'state');
    mkdirSync(path, { mode: 0o755 });
    await opened(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it('leaves a folder alone in which others keep something, and refuses one where everybody may write', async () => {
    const path = join(folder, 'shared');
    mkdirSync(path);
    writeFileSync(join(path, 'notes.txt'), '');
    chmodSync(path, 0o755);
    await opened(path);
    expect(statSync(path).mode & 0o777).toBe(0o755);
    for (const mode of [0o1777, 0o777]) {
      const open = join(folder, `like-tmp-${mode}`);
      mkdirSync(open);
      writeFileSync(join(open, 'notes.txt'), '');
      chmodSync(open, mode);
      const refused = await openStore(open);
      expect(refused).toMatchObject({ ok: false, failure: { code: 'unusable' } });
      if (!refused.ok) expect(refused.failure.message).toContain('everybody may write there');
      expect(statSync(open).mode & 0o7777).toBe(mode);
    }
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    chmodSync(empty, 0o777);
    await opened(empty);
    expect(statSync(empty).mode & 0o777).toBe(0o700);
  });

  it('opens though somebody else has taken the name of its lock, and is locked all the same', async () => {
    const path = join(folder, 'state');
    mkdirSync(path);
    const { dev, ino } = statSync(path);
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(`\0watcher-state-${dev}-${ino}`, () => resolve()));
    try {
      const store = await opened(path);
      rmSync(join(path, 'agent.pid'));
      expect(await openStore(path)).toMatchObject({ ok: false, failure: { code: 'locked' } });
      await store.close();
      // What a killed one leaves is replaced.
      const left = spawn(process.execPath, [
        '-e',
        `require('net').createServer().listen(${JSON.stringify(join(path, 'agent.lock'))},()=>console.log('held'))`,
      ]);
      await new Promise((resolve) => left.stdout.once('data', resolve));
      const ended = new Promise((resolve) => left.once('exit', resolve));
      left.kill('SIGKILL');
      await ended;
      expect(existsSync(join(path, 'agent.lock'))).toBe(true);
      await opened(path);
    } finally {
      await new Promise((resolve) => squatter.close(resolve));
    }
  });

  it('refuses a second agent on the same folder, also by another path', async () => {
    await opened();
    const second = await openStore(join(folder, 'state', '..', 'state'));
    expect(second).toMatchObject({ ok: false, failure: { code: 'locked' } });
  });

  it('refuses while another process holds the lock, names it, and opens once that one is killed', async () => {
    const path = join(folder, 'state');
    const holder = spawn(process.execPath, [
      '-e',
      `const {statSync,mkdirSync,writeFileSync}=require('fs');const path=${JSON.stringify(path)};
       mkdirSync(path,{recursive:true});const {dev,ino}=statSync(path);
       require('net').createServer().listen('\\0watcher-state-'+dev+'-'+ino,()=>{
         writeFileSync(path+'/agent.pid',JSON.stringify({pid:process.pid,start:0}));console.log('held')});`,
    ]);
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    const refused = await openStore(path);
    expect(refused).toMatchObject({ ok: false, failure: { code: 'locked' } });
    if (!refused.ok) expect(refused.failure.message).toContain(`PID ${holder.pid}`);
    const ended = new Promise((resolve) => holder.once('exit', resolve));
    holder.kill('SIGKILL');
    await ended;
    await opened(path);
  });

  it('says which folder it cannot use and what to do', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const result = await openStore(join(file, 'state'));
    expect(result).toMatchObject({ ok: false, failure: { code: 'unusable' } });
    if (!result.ok) expect(result.failure.hint).toContain('state_dir');
  });
});

describe('a journal that was cut off or damaged', () => {
  it('loses no whole batch at whatever byte a kill cut it', async () => {
    const path = join(folder, 'state');
    const store = await opened(path);
    store.put('n', 0);
    for (let n = 1; n <= 5; n += 1)
      store.batch([
        ['n', n],
        [`twin`, n],
        [`long-${n}`, 'x'.repeat(20)],
      ]);
    await store.close();
    const whole = readFileSync(join(path, 'state.log'));
    const header = whole.indexOf(0x0a) + 1;
    for (let cut = whole.length; cut > header + 20; cut -= 7) {
      const copy = join(folder, `cut-${cut}`);
      mkdirSync(copy);
      writeFileSync(join(copy, 'state.log'), whole.subarray(0, cut));
      const again = await opened(copy);
      expect(again.notes).toEqual([]);
      expect(again.get('twin') ?? 0).toBe(again.get('n') ?? 0);
      again.put('after', cut);
      await again.close();
      const third = await opened(copy);
      expect(third.get('after')).toBe(cut);
      await third.close();
    }
  });

  it('keeps a damaged file aside, tells, and takes over what its checksums vouch for', async () => {
    const path = join(folder, 'state');
    const store = await opened(path);
    store.put('first', 1);
    store.put('second', 2);
    store.put('third', 3);
    await store.close();
    const bytes = readFileSync(join(path, 'state.log'));
    bytes[bytes.indexOf('second')] = 0x58;
    writeFileSync(join(path, 'state.log'), bytes);
    const again = await opened(path);
    expect(again.notes.join()).toContain('state.log.corrupt-1');
    expect(again.get('first')).toBe(1);
    expect(again.get('second')).toBeUndefined();
    expect(again.get('third')).toBe(3);
    expect(readFileSync(join(path, 'state.log.corrupt-1'))).toEqual(bytes);
    again.put('fourth', 4);
    await again.close();
    const third = await opened(path);
    expect(third.notes).toEqual([]);
    expect(third.get('third')).toBe(3);
    expect(third.get('fourth')).toBe(4);
  });

  it.each([
    ['text that is no journal', 'hello\nworld\n'],
    ['a file without a line', 'xxxx'],
    ['binary rubbish', '\u0000\u0001\u0002\n\u0000'],
    ['a newer format', undefined],
  ])('starts fresh beside %s and never overwrites an earlier one kept aside', async (_name, text) => {
    const path = join(folder, 'state');
    mkdirSync(path);
    const { crc32 } = await import('node:zlib');
    const newer = JSON.stringify({ watcher: 'state', format: 99 });
    const content = text ?? `${crc32(newer).toString(16).padStart(8, '0')} ${newer}\n`;
    writeFileSync(join(path, 'state.log'), content);
    writeFileSync(join(path, 'state.log.corrupt-1'), 'earlier');
    const store = await opened(path);
    expect(store.entries('')).toEqual([]);
    expect(store.notes.join()).toContain('state.log.corrupt-2');
    expect(readFileSync(join(path, 'state.log.corrupt-1'), 'utf8')).toBe('earlier');
    expect(readFileSync(join(path, 'state.log.corrupt-2'), 'utf8')).toBe(content);
  });

  it('starts fresh over an empty file without a word', async () => {
    const path = join(folder, 'state');
    mkdirSync(path);
    writeFileSync(join(path, 'state.log'), '');
    const store = await opened(path);
    expect(store.notes).toEqual([]);
    store.put('a', 1);
    await store.close();
    expect((await opened(path)).get('a')).toBe(1);
  });
});

describe('rewriting', () => {
  it('keeps the file in proportion to what lives in it, and loses nothing that changes meanwhile', async () => {
    const path = join(folder, 'state');
    const store = await opened(path);
    const big = 'x'.repeat(1000);
    for (let n = 0; n < 3000; n += 1) store.put(`k${n % 300}`, { n, big });
    expect(statSync(join(path, 'state.log')).size).toBeGreaterThan(2_900_000);
    const tending = store.tend();
    store.put('k0', 'changed meanwhile');
    store.delete('k1');
    await tending;
    store.put('k2', 'changed after');
    expect(statSync(join(path, 'state.log')).size).toBeLessThan(500_000);
    await store.close();
    expect(readdirSync(path)).toEqual(['state.log']);
    const again = await opened(path);
    expect(again.get('k0')).toBe('changed meanwhile');
    expect(again.get('k1')).toBeUndefined();
    expect(again.get('k2')).toBe('changed after');
    expect(again.get('k299')).toEqual({ n: 2999, big });
    expect(again.entries('').length).toBe(299);
  });

  it('writes everything again when somebody removed or cut its file', async () => {
    const path = join(folder, 'state');
    const store = await opened(path);
    store.put('a', 1);
    rmSync(join(path, 'state.log'));
    await store.tend();
    store.put('b', 2);
    expect(existsSync(join(path, 'state.log'))).toBe(true);
    truncateSync(join(path, 'state.log'), 10);
    await store.tend();
    appendFileSync(join(path, 'state.log'), 'rubbish');
    await store.tend();
    await store.close();
    const again = await opened(path);
    expect(again.notes).toEqual([]);
    expect(again.entries('')).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });
});

const root = process.getuid?.() === 0 && mountable();

describe.runIf(root)('a disk that is full or read-only', () => {
  let disk: string;

  beforeEach(() => {
    disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=0700', 'watcher-test', disk]);
  });

  afterEach(async () => {
    for (const store of open.splice(0)) await store.close();
    execFileSync('umount', [disk]);
  });

  it('goes on in memory while the disk is full, says so once, and writes all of it when there is room', async () => {
    const store = await opened(disk);
    const told: string[] = [];
    store.onHealth((health) => told.push(health.durable ? 'durable' : health.reason));
    store.put('before', 1);
    fill(disk);
    for (let n = 0; n < 50; n += 1) store.put(`during-${n}`, 'y'.repeat(500));
    expect(store.get('during-49')).toBe('y'.repeat(500));
    expect(store.health()).toEqual({ durable: false, reason: 'no space left on the disk (ENOSPC)' });
    await store.tend();
    await store.sync();
    expect(store.health().durable).toBe(false);
    rmSync(join(disk, 'filler'));
    await store.tend();
    expect(told).toEqual(['no space left on the disk (ENOSPC)', 'durable']);
    await store.close();
    const again = await opened(disk);
    expect(again.notes).toEqual([]);
    expect(again.get('before')).toBe(1);
    expect(again.get('during-0')).toBe('y'.repeat(500));
    expect(again.get('during-49')).toBe('y'.repeat(500));
  });

  it('writes its file anew after the disk could not keep what it had taken', async () => {
    const path = join(folder, 'journal');
    const appended: unknown[] = [];
    const store = diskStore({
      path,
      entries: new Map([['old', 1]]),
      file: {
        size: 100,
        append: (changes) => void appended.push(...changes),
        sync: async () => {
          throw Object.assign(new Error('i/o error'), { code: 'EIO' });
        },
        close: () => {},
        intact: () => true,
      },
    });
    open.push(store);
    store.put('a', 1);
    expect(appended).toEqual([['a', 1]]);
    await store.sync();
    expect(store.health()).toMatchObject({ durable: false });
    store.put('b', 2);
    await store.tend();
    expect(store.health()).toEqual({ durable: true });
    const text = readFileSync(path, 'utf8');
    for (const key of ['old', 'a', 'b']) expect(text).toContain(`"${key}"`);
    expect(appended.length).toBe(1);
  });

  it('opens on a disk that is already full', async () => {
    fill(disk);
    const store = await opened(disk);
    expect(store.health().durable).toBe(false);
    store.put('a', 1);
    rmSync(join(disk, 'filler'));
    await store.close();
    expect((await opened(disk)).get('a')).toBe(1);
  });

  it('opens on a read-only disk with what is there, and writes when it may', async () => {
    const store = await opened(disk);
    store.put('a', 1);
    await store.close();
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const second = await opened(disk);
    expect(second.get('a')).toBe(1);
    second.put('b', 2);
    expect(second.health()).toEqual({ durable: false, reason: 'the file system is read-only (EROFS)' });
    expect(await openStore(disk)).toMatchObject({ ok: false, failure: { code: 'locked' } });
    execFileSync('mount', ['-o', 'remount,rw', disk]);
    await second.tend();
    expect(second.health()).toEqual({ durable: true });
    await second.close();
    expect((await opened(disk)).get('b')).toBe(2);
  });

  function fill(path: string): void {
    try {
      for (;;) appendFileSync(join(path, 'filler'), 'x'.repeat(1024));
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
    }
  }
});

function mountable(): boolean {
  const probe = mkdtempSync(join(tmpdir(), 'watcher-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'watcher-test', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}
