import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describeConfig } from '../../src/config/describe/describe-config.ts';
import { registeredKinds } from '../../src/config/registered-kinds.ts';
import { renderProblems } from '../../src/schema/frame.ts';
import { loadTexts } from './memory-files.ts';

const kinds = registeredKinds();

/** The example below a key, each line further in. */
function below(key: string, example: string, depth: number): string {
  const lines = example.trim().split('\n');
  return `${key}:\n${lines.map((line) => ' '.repeat(depth) + line).join('\n')}`;
}

async function errorsOf(text: string): Promise<string> {
  const env = new Proxy({}, { get: () => 'value-of-the-environment' }) as Record<string, string>;
  const result = await loadTexts(
    { '/etc/watcher/example.yaml': text },
    { kinds, env, pure: true, lint: ['/etc/watcher/example.yaml'] },
  );
  const printed = describeConfig(result, { kinds }) ?? '';
  expect(printed).not.toContain('undefined');
  expect(printed).not.toContain('[object');
  return renderProblems(
    result.problems.filter(({ level }) => level === 'error'),
    result.sources,
  );
}

describe('the examples of the kinds are good rules', () => {
  it.each(Object.values(kinds.checks).map((kind) => [kind.kind, kind.example]))(
    'check %s',
    async (_, example) => {
      const text = `service: x\nmanager: { systemd: x }\nchecks:\n  ${below('example', example, 4)}\n`;
      expect(await errorsOf(text)).toBe('');
    },
  );

  it.each(Object.values(kinds.managers).map((kind) => [kind.kind, kind.example]))(
    'manager %s',
    async (_, example) => {
      const written = /^\s*manager:/.test(example) ? example.trim() : below('manager', example, 2);
      const text = `service: x\n${written}\nchecks:\n  alive: { process: { match: { command: x } } }\n`;
      expect(await errorsOf(text)).toBe('');
    },
  );

  it.each(Object.values(kinds.notifiers).map((kind) => [kind.kind, kind.example]))(
    'notifier %s',
    async (_, example) => {
      expect(await errorsOf(`notifiers:\n  ${below('example', example, 4)}\n`)).toBe('');
    },
  );

  it.each(Object.values(kinds.repairs).map((kind) => [kind.kind, kind.example]))(
    'repair %s',
    async (_, example) => {
      const lines = example
        .trim()
        .split('\n')
        .map((line) => `    ${line}\n`);
      const text = `service: x\nmanager: { systemd: x }\nchecks:\n  alive:\n    process: {}\n${lines.join('')}`;
      expect(await errorsOf(text)).toBe('');
    },
  );
});

describe('the ready-made rules', () => {
  const folder = fileURLToPath(new URL('../../rules/', import.meta.url));
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

  it.each(files)('%s is good', async (name) => {
    expect(await errorsOf(readFileSync(folder + name, 'utf8'))).toBe('');
  });
});

describe('the kinds', () => {
  it('do not share a word with the settings that stand beside them', () => {
    const words = [
      'use',
      'with',
      'every',
      'timeout',
      'expect',
      'warn',
      'repair',
      'notify',
      'labels',
      'severity',
    ];
    for (const word of words) expect(Object.keys(kinds.checks)).not.toContain(word);
  });
});
