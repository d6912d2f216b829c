import { describe, expect, it } from 'vitest';
import { directory } from '../../src/checks/directory.ts';
import { file } from '../../src/checks/file.ts';
import { createFakeHost } from '../fakes/fake-host.ts';
import { lookOnce, readingOf } from './look-once.ts';

describe('a file', () => {
  it('is measured', async () => {
    const host = createFakeHost();
    host.files.put('/etc/app.conf', 'abc', { mode: 0o640, gid: 33, modifiedAt: 5000, changedAt: 7000 });
    expect(readingOf(await lookOnce(file, '/etc/app.conf', { host }))).toMatchObject({
      present: true,
      type: 'file',
      size: 3,
      mode: '0640',
      owner: 'root',
      group: 'web',
      modified: 5000,
      touched: 7000,
    });
  });

  it('that is missing or something else has failed; one that may not be seen is unknown', async () => {
    const host = createFakeHost();
    expect(await lookOnce(file, '/none', { host })).toMatchObject({
      outcome: 'failed',
      reason: '/none does not exist',
      reading: { present: false },
    });
    host.files.put('/run/app.sock', '', { type: 'socket' });
    expect(await lookOnce(file, '/run/app.sock', { host })).toMatchObject({
      outcome: 'failed',
      reason: '/run/app.sock is a socket, not a file',
    });
    expect((await lookOnce(file, '{ path: /run/app.sock, type: socket }', { host })).outcome).toBe('read');
    host.files.refuse('/secret', 'EACCES');
    expect((await lookOnce(file, '/secret', { host })).outcome).toBe('unknown');
  });

  it('is hashed once for each content', async () => {
    const host = createFakeHost();
    host.files.put('/f', 'abc', { modifiedAt: 1 });
    const yaml = '{ path: /f, hash: sha256 }';
    const first = await lookOnce(file, yaml, { host });
    const hash = readingOf(first).hash;
    expect(hash).toMatch(/^ba7816bf/);
    host.files.put('/f', 'xyz', { modifiedAt: 1 });
    const same = await lookOnce(file, yaml, { host, carry: first.carry });
    expect(readingOf(same).hash).toBe(hash);
    host.files.put('/f', 'xyz', { modifiedAt: 2 });
    expect(readingOf(await lookOnce(file, yaml, { host, carry: same.carry })).hash).not.toBe(hash);
  });
});

describe('new lines of a file', () => {
  const yaml = '{ path: /log, lines: "ERROR", ignore: "harmless" }';

  it('are counted from the first look on, complete ones only, each once', async () => {
    const host = createFakeHost();
    host.files.put('/log', 'ERROR old\n');
    let carry: unknown;
    const look = async () => {
      const result = await lookOnce(file, yaml, { host, carry });
      carry = result.carry;
      return readingOf(result);
    };
    expect(await look()).toMatchObject({ hits: 0 });
    host.files.put('/log', 'ERROR old\nfine\nERROR ä one\nERROR harmless\nERROR unfin');
    expect(await look()).toMatchObject({ hits: 1, last_hit: 'ERROR ä one' });
    expect(await look()).toMatchObject({ hits: 0 });
    host.files.put('/log', 'ERROR old\nfine\nERROR ä one\nERROR harmless\nERROR unfinished\n');
    expect(await look()).toMatchObject({ hits: 1, last_hit: 'ERROR unfinished' });
  });

  it('are read from the beginning after a rotation or a truncation', async () => {
    const host = createFakeHost();
    host.files.put('/log', 'many lines that were there before\n');
    const first = await lookOnce(file, yaml, { host });
    host.files.put('/log', 'ERROR cut\n');
    const cut = await lookOnce(file, yaml, { host, carry: first.carry });
    expect(readingOf(cut)).toMatchObject({ hits: 1 });
    host.files.put('/log', 'ERROR a new file, and a longer one\nERROR two\n', { inode: 4711 });
    expect(readingOf(await lookOnce(file, yaml, { host, carry: cut.carry }))).toMatchObject({ hits: 2 });
  });

  it('are counted again when the file comes back after it was gone', async () => {
    const host = createFakeHost();
    host.files.put('/log', 'x\n');
    const first = await lookOnce(file, yaml, { host });
    host.files.remove('/log');
    const gone = await lookOnce(file, yaml, { host, carry: first.carry });
    expect(gone.outcome).toBe('failed');
    host.files.put('/log', 'ERROR back\n');
    expect(readingOf(await lookOnce(file, yaml, { host, carry: gone.carry }))).toMatchObject({ hits: 1 });
  });

  it('that are longer than a chunk do not stop it', async () => {
    const host = createFakeHost();
    host.files.put('/log', '');
    const first = await lookOnce(file, yaml, { host });
    host.files.put('/log', `${'x'.repeat(600_000)}\nERROR after\n`);
    expect(readingOf(await lookOnce(file, yaml, { host, carry: first.carry }))).toMatchObject({ hits: 1 });
  });
});

describe('a folder', () => {
  const folder = () => {
    const host = createFakeHost();
    host.files.put('/backup/mon.dump', 'aaaa', { modifiedAt: 1000 });
    host.files.put('/backup/tue.dump', 'bb', { modifiedAt: 2000 });
    host.files.put('/backup/notes.txt', 'c', { modifiedAt: 9000 });
    return host;
  };

  it('is measured with its newest and oldest entry', async () => {
    expect(readingOf(await lookOnce(directory, '/backup', { host: folder() }))).toMatchObject({
      present: true,
      entries: 3,
      total_size: 7,
      newest_name: 'notes.txt',
      oldest: 1000,
      mode: '0755',
    });
  });

  it('counts only what matches', async () => {
    const reading = await lookOnce(directory, '{ path: /backup, match: "[.]dump$" }', { host: folder() });
    expect(readingOf(reading)).toMatchObject({
      entries: 2,
      newest: 2000,
      newest_name: 'tue.dump',
      newest_size: 2,
    });
  });

  it('that is empty of matches has no newest one', async () => {
    const reading = readingOf(
      await lookOnce(directory, '{ path: /backup, match: none }', { host: folder() }),
    );
    expect(reading).toMatchObject({ entries: 0, total_size: 0 });
    expect(reading).not.toHaveProperty('newest');
  });

  it('that is missing or a file has failed', async () => {
    const host = folder();
    expect(await lookOnce(directory, '/none', { host })).toMatchObject({
      outcome: 'failed',
      reading: { present: false },
    });
    expect(await lookOnce(directory, '/backup/notes.txt', { host })).toMatchObject({
      outcome: 'failed',
      reason: '/backup/notes.txt is a file, not a folder',
    });
  });
});
