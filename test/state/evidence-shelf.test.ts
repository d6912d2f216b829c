import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryEvidenceShelf, openEvidenceShelf } from '../../src/state/evidence-shelf.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watcher-shelf-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the shelf of evidence', () => {
  it('gives a pack while it is still on its way to the disk, with what is added meanwhile', async () => {
    const shelf = openEvidenceShelf(folder);
    const written = shelf.write('a', 'one\n');
    expect(await shelf.read('a')).toBe('one\n');
    await shelf.append('a', 'two\n');
    expect(await written).toBeUndefined();
    await shelf.append('a', 'three\n');
    expect(await openEvidenceShelf(folder).read('a')).toBe('one\ntwo\nthree\n');
    expect(readdirSync(join(folder, 'evidence'))).toEqual(['a.txt']);
  });

  it('keeps the last of what is written under one name', async () => {
    const shelf = openEvidenceShelf(folder);
    await Promise.all([shelf.write('a', 'old'), shelf.write('a', 'new')]);
    expect(await openEvidenceShelf(folder).read('a')).toBe('new');
  });

  it('takes only so many packs at once: a disk that does not answer must not fill the memory', async () => {
    const shelf = openEvidenceShelf(folder);
    const all = await Promise.all(Array.from({ length: 30 }, (_, n) => shelf.write(`p${n}`, 'text')));
    expect(all.filter((trouble) => trouble?.includes('wait for the disk')).length).toBe(10);
    expect(await shelf.write('later', 'text')).toBeUndefined();
  });

  it('removes the oldest', async () => {
    const shelf = openEvidenceShelf(folder);
    await shelf.prune(2);
    for (const [index, name] of ['c', 'a', 'b'].entries()) {
      await shelf.write(name, name);
      utimesSync(join(folder, `evidence/${name}.txt`), index, index);
    }
    await shelf.prune(2);
    expect(readdirSync(join(folder, 'evidence')).sort()).toEqual(['a.txt', 'b.txt']);
  });

  it('says why it cannot write, and adds nothing to what is not there', async () => {
    mkdirSync(join(folder, 'evidence/a.txt'), { recursive: true });
    const shelf = openEvidenceShelf(folder);
    expect(await shelf.write('a', 'text')).toContain('cannot write');
    await shelf.append('none', 'text');
    expect(await shelf.read('none')).toBeUndefined();
    expect(readdirSync(join(folder, 'evidence'))).toEqual(['a.txt']);
  });
});

it('a shelf in memory keeps the newest packs', async () => {
  const shelf = memoryEvidenceShelf();
  for (const name of ['a', 'b', 'c']) await shelf.write(name, name);
  await shelf.append('c', '!');
  await shelf.prune(2);
  expect(await Promise.all(['a', 'b', 'c'].map((name) => shelf.read(name)))).toEqual([undefined, 'b', 'c!']);
});
