import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Completion, type Editor, openEditor } from './language-server.ts';

const modeline = '# yaml-language-server: $schema=./watcher.schema.json\n';

let folder = '';
let editor: Editor;
let files = 0;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'watcher-editor-'));
  const schema = fileURLToPath(new URL('../../rules/watcher.schema.json', import.meta.url));
  copyFileSync(schema, join(folder, 'watcher.schema.json'));
  editor = await openEditor(folder);
});
afterAll(async () => {
  await editor.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens a text in which `|` marks the cursor; line and character count from 0, the modeline included. */
async function openAt(marked: string) {
  const text = modeline + marked;
  const before = text.slice(0, text.indexOf('|')).split('\n');
  files += 1;
  const file = join(folder, `service-${files}.yaml`);
  const diagnostics = await editor.open(file, text.replace('|', ''));
  return { file, line: before.length - 1, character: before.at(-1)?.length ?? 0, diagnostics };
}

async function completionsAt(marked: string): Promise<ReadonlyMap<string, string>> {
  const { file, line, character } = await openAt(marked);
  const items = await editor.complete(file, line, character);
  return new Map(items.map((item) => [item.label, documentationOf(item)]));
}

function documentationOf({ documentation }: Completion): string {
  return typeof documentation === 'string' ? documentation : (documentation?.value ?? '');
}

async function hoverAt(marked: string): Promise<string> {
  const { file, line, character } = await openAt(marked);
  return editor.hover(file, line, character);
}

describe('an editor with the YAML language server and the modeline', () => {
  it('offers the settings and the kinds of a check, each with what it means', async () => {
    const offered = await completionsAt('service: api\nchecks:\n  up:\n    http: http://127.0.0.1/\n    |\n');
    expect([...offered.keys()]).toEqual(
      expect.arrayContaining(['timeout', 'expect', 'warn', 'fail_after', 'repair', 'severity']),
    );
    expect(offered.get('timeout')).toContain('How long one look may take.');
  });

  it('offers the options of a kind', async () => {
    const offered = await completionsAt('service: api\nchecks:\n  up:\n    http:\n      |\n');
    expect([...offered.keys()]).toEqual(expect.arrayContaining(['url', 'method', 'headers']));
    expect(offered.get('headers')).not.toBe('');
  });

  it('offers the words that a setting takes', async () => {
    const offered = await completionsAt('service: api\nchecks:\n  up:\n    severity: |\n');
    expect([...offered.keys()]).toEqual(expect.arrayContaining(['warning', 'critical']));
  });

  it('offers the repairs', async () => {
    const offered = await completionsAt('service: api\nchecks:\n  up:\n    tcp: 80\n    repair: |\n');
    expect([...offered.keys()]).toEqual(expect.arrayContaining(['restart', 'reload']));
  });

  it('offers the managers', async () => {
    const offered = await completionsAt('service: api\nmanager:\n  |\n');
    expect([...offered.keys()]).toEqual(expect.arrayContaining(['systemd', 'docker', 'pm2', 'commands']));
  });

  it('offers what watcher.yaml takes', async () => {
    const offered = await completionsAt('notifiers:\n  team:\n    |\n');
    expect([...offered.keys()]).toEqual(expect.arrayContaining(['email', 'webhook', 'pagerduty']));
  });

  it('says what a setting means where the mouse rests', async () => {
    expect(await hoverAt('service: api\nchecks:\n  up:\n    tcp: 80\n    unknown|_after: 1m\n')).toContain(
      'How long it may stay unknown',
    );
    expect(await hoverAt('service: api\nchecks:\n  up:\n    ht|tp: http://127.0.0.1/\n')).not.toBe('');
  });

  it('underlines what is misspelt, and nothing else', async () => {
    const bad = await openAt('service: api\nchecks:\n  up:\n    http: http://127.0.0.1/\n    timeuot: 2s|\n');
    expect(bad.diagnostics.map(({ message }) => message).join('\n')).toContain('timeuot');
    expect(bad.diagnostics[0]?.range.start).toMatchObject({ line: 5, character: 4 });
    const word = await openAt('service: api\nchecks:\n  up:\n    tcp: 80\n    severity: criticl|\n');
    expect(word.diagnostics[0]?.range.start).toMatchObject({ line: 5 });
    const good = await openAt(
      'service: api\nmanager: { systemd: api.service }\nchecks:\n  up:\n    http: http://127.0.0.1/\n    timeout: 2s|\n',
    );
    expect(good.diagnostics).toEqual([]);
  });
});
