import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describeKinds, type KindDescription } from '../src/cli/rules/describe-kinds.ts';
import { loadRules } from '../src/cli/rules/load-rules.ts';
import type { LoadResult } from '../src/config/load-config.ts';
import { renderProblems } from '../src/schema/frame.ts';
import { conditionTables } from './docs/conditions.ts';
import { exitCodesTable } from './docs/exit-codes.ts';
import { kindChapters, settingsTables } from './docs/reference.ts';

/** Generated parts of the documentation: file, name between the markers, and what must stand there. */
const parts = [
  { file: 'README.md', name: 'exit codes', render: exitCodesTable },
  { file: 'rules/README.md', name: 'condition operators', render: conditionTables.operators },
  { file: 'rules/README.md', name: 'condition functions', render: conditionTables.functions },
  { file: 'rules/README.md', name: 'condition units', render: conditionTables.units },
  { file: 'rules/README.md', name: 'condition rules', render: conditionTables.rules },
  { file: 'rules/README.md', name: 'agent settings', render: settingsTables.agent },
  { file: 'rules/README.md', name: 'service settings', render: settingsTables.service },
  { file: 'rules/README.md', name: 'check settings', render: settingsTables.check },
  { file: 'rules/README.md', name: 'notifier settings', render: settingsTables.notifier },
  { file: 'rules/README.md', name: 'checks', render: () => kindChapters('check') },
  { file: 'rules/README.md', name: 'managers', render: () => kindChapters('manager') },
  { file: 'rules/README.md', name: 'repairs', render: () => kindChapters('repair') },
  { file: 'rules/README.md', name: 'notifiers', render: () => kindChapters('notifier') },
];

const root = fileURLToPath(new URL('..', import.meta.url));

describe('generated documentation', () => {
  it.each(parts)('$file: $name (write it again: npm run docs)', ({ file, name, render }) => {
    const path = `${root}${file}`;
    const text = readFileSync(path, 'utf8');
    const expected = replacePart(text, name, render());
    if (process.env['WATCHER_DOCS'] === 'write') writeFileSync(path, expected);
    else expect(text).toBe(expected);
  });
});

describe('examples of templates in the documentation', () => {
  it('can be used, as long as they are shown', async () => {
    const text = readFileSync(`${root}rules/README.md`, 'utf8');
    const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
    const [tutorial, whole] = blocks.filter((block) => block.includes('templates:'));
    const used = await load(
      `${tutorial}services: { api: { use: node-service, with: { port: 3000 } } }\n`,
      'tutorial',
    );
    expect(errorsOf(used)).toBe('');
    expect(used.config?.services[0]?.manager?.options).toMatchObject({ unit: 'api.service' });
    const shop = await load(whole ?? '', 'reference');
    expect(errorsOf(shop)).toBe('');
    expect(shop.config?.services[0]?.checks.map(({ name, kind }) => `${name}: ${kind}`)).toEqual([
      'alive: process',
      'responds: http',
      'www: tls',
    ]);
  });
});

describe('examples in the documentation', () => {
  const pages = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !/(^|\/)(node_modules|dist|\.\w+)\//.test(name))
    .sort();
  const blocks = pages.flatMap((file) => {
    const text = readFileSync(`${root}${file}`, 'utf8');
    return [...text.matchAll(/^```ya?ml\n([\s\S]*?)^```/gm)].map((match) => ({
      file,
      line: text.slice(0, match.index).split('\n').length + 1,
      text: match[1] ?? '',
    }));
  });

  it('are found', () => {
    expect([...new Set(blocks.map(({ file }) => file))]).toEqual(
      expect.arrayContaining(['README.md', 'rules/README.md']),
    );
    expect(blocks.length).toBeGreaterThan(40);
  });

  it.each(blocks)('$file:$line loads', async ({ file, line, text }) => {
    const loaded = await load(wholeOf(text), `${file}:${line}`);
    expect(errorsOf(loaded)).toBe('');
  });

  it.each(describeKinds())('the example of $family $kind loads', async ({ family, example }) => {
    const loaded = await load(within[family](example), `${family} example`);
    expect(errorsOf(loaded)).toBe('');
  });
});

const managed =
  'service: it\nmanager: { commands: { pidfile: /run/it.pid, start: [/bin/it], stop: [/bin/it], reload: [/bin/it] } }\n';

/** Examples of a kind as what stands around them makes them a file. */
const within: Readonly<Record<KindDescription['family'], (example: string) => string>> = {
  check: (example) => `${managed}checks:\n  it:\n${indented(example)}\n`,
  manager: (example) => `service: it\n${example}\nchecks: { alive: { process: {} } }\n`,
  repair: (example) => `${managed}checks:\n  it:\n    process: {}\n${indented(example)}\n`,
  notifier: (example) => `notifiers:\n  it:\n${indented(example)}\n`,
};

/** A block as a file: as it stands, or as the part of one that its first key makes it. */
function wholeOf(text: string): string {
  const [, key = ''] = /^(\w+):/m.exec(text) ?? [];
  const family = describeKinds().find(({ kind, family: of }) => kind === key && of !== 'repair')?.family;
  if (key === 'manager' || key === 'repair') return within[key](text);
  return family === undefined ? text : within[family](text);
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '    ');
}

/** An example on its own may rightly be warned about: nobody is told of anything in it. */
function errorsOf({ problems, sources }: LoadResult): string {
  const errors = problems.filter(({ level }) => level === 'error');
  return renderProblems(errors, sources);
}

/** As an editor would check it: without asking this machine. */
function load(text: string, file: string) {
  const surroundings = { env: {}, cwd: '/', home: homedir(), uid: 0 };
  const alone = text.replace(/^rules:.*\n/m, '');
  return loadRules({ embedded: [{ file, text: alone }], title: file }, surroundings, { pure: true });
}

function replacePart(text: string, name: string, content: string): string {
  const begin = `<!-- begin ${name}: npm run docs -->\n`;
  const end = `<!-- end ${name} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`no markers for '${name}'`);
  return text.slice(0, from + begin.length) + content + text.slice(to);
}
