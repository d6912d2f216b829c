import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { promptRuleFiles } from '../../../src/config/files/prompt-rule-files.ts';
import { realRuleFiles } from '../../../src/config/files/real-rule-files.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'watcher-rules-'));
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  for (const name of ['z.yaml', 'a/1.yaml', 'a/2.yml', 'a/b/3.yaml', '.hidden.yaml']) {
    writeFileSync(join(folder, name), '\uFEFFservice: x\n', { mode: 0o640 });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('rule files of this machine', () => {
  it('are found by patterns, sorted', async () => {
    const glob = async (pattern: string) =>
      (await realRuleFiles.glob(join(folder, pattern))).map((path) => path.slice(folder.length + 1));
    expect(await glob('*.yaml')).toEqual(['z.yaml']);
    expect(await glob('*/*.yaml')).toEqual(['a/1.yaml']);
    expect(await glob('**/*.yaml')).toEqual(['a/1.yaml', 'a/b/3.yaml', 'z.yaml']);
    expect(await glob('a/*.{yaml,yml}')).toEqual(['a/1.yaml', 'a/2.yml']);
    expect(await glob('a/[2-9].yml')).toEqual(['a/2.yml']);
    expect(await glob('z.yaml')).toEqual(['z.yaml']);
    expect(await glob('none.yaml')).toEqual([]);
    expect(await glob('none/*.yaml')).toEqual([]);
  });

  it.each([
    ['by the agent', realRuleFiles],
    ['by commands', promptRuleFiles],
  ])('are read %s without their byte order mark, with who may touch them', async (_, files) => {
    expect(await files.read(join(folder, 'z.yaml'))).toEqual({
      ok: true,
      text: 'service: x\n',
      facts: { mode: 0o640, uid: process.getuid?.(), gid: process.getgid?.() },
    });
  });

  it.each([
    ['the agent', realRuleFiles],
    ['commands', promptRuleFiles],
  ])('say %s why they cannot be read, and never wait for a fifo', async (_, files) => {
    const fifo = join(folder, 'fifo');
    if (!existsSync(fifo)) execFileSync('mkfifo', [fifo]);
    expect(await files.read(fifo)).toMatchObject({ ok: false, code: 'ENOTFILE' });
    expect(await files.read(folder)).toMatchObject({ ok: false, reason: 'it is a folder' });
    expect(await files.read(join(folder, 'none'))).toMatchObject({ ok: false, code: 'ENOENT' });
    expect(await files.read('/dev/zero')).toMatchObject({ ok: false, code: 'ENOTFILE' });
  });

  it('say who may touch them', async () => {
    expect(await realRuleFiles.stat(join(folder, 'z.yaml'))).toMatchObject({
      mode: 0o640,
      uid: process.getuid?.(),
    });
    expect(await realRuleFiles.stat(join(folder, 'none'))).toBeUndefined();
  });
});
