import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { registeredKinds } from '../../src/config/registered-kinds.ts';
import { ruleSchema } from '../../src/config/rule-schema.ts';
import { plainData } from '../../src/schema/fields/collections.ts';
import { parseYaml } from '../../src/schema/yaml.ts';
import { violations } from './json-schema.ts';
import { parseCase, runCase } from './run-case.ts';
import { smallKinds } from './small-kinds.ts';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

function wrongIn(text: string, schema: ReturnType<typeof ruleSchema>): readonly string[] {
  return parseYaml(text, 'f').documents.flatMap((node) => violations(plainData(node), schema));
}

describe('rules/watcher.schema.json', () => {
  it('is what the declarations say (write it again: npm run docs)', () => {
    const file = path('rules/watcher.schema.json');
    const expected = `${JSON.stringify(ruleSchema(registeredKinds()), undefined, 1)}\n`;
    if (process.env['WATCHER_DOCS'] === 'write') writeFileSync(file, expected);
    else expect(readFileSync(file, 'utf8')).toBe(expected);
  });

  it('takes the ready-made rules', () => {
    const schema = ruleSchema(registeredKinds());
    for (const name of readdirSync(path('rules')).filter((one) => one.endsWith('.yaml'))) {
      expect([name, ...wrongIn(readFileSync(path(`rules/${name}`), 'utf8'), schema)]).toEqual([name]);
    }
  });

  it('takes the examples of the kinds', () => {
    const kinds = registeredKinds();
    const schema = ruleSchema(kinds);
    for (const kind of Object.values(kinds.checks)) {
      const lines = kind.example.trim().split('\n');
      const text = `service: x\nchecks:\n  x:\n${lines.map((line) => `    ${line}`).join('\n')}\n`;
      expect([kind.kind, ...wrongIn(text, schema)]).toEqual([kind.kind]);
    }
  });
});

describe('the schema and the loader', () => {
  const schema = ruleSchema(smallKinds);
  const cases = readdirSync(path('test/cases')).filter((name) => name.endsWith('.case'));

  it('agree: what loads is never underlined in an editor', async () => {
    for (const name of cases) {
      const one = parseCase(readFileSync(path(`test/cases/${name}`), 'utf8'));
      if ((await runCase(one)).includes('no configuration')) continue;
      for (const [file, text] of Object.entries(one.texts)) {
        if (file.endsWith('.yaml')) expect([name, ...wrongIn(text, schema)]).toEqual([name]);
      }
    }
  });

  it('agree on what is misspelt', () => {
    expect(wrongIn('service: api\nchecks:\n  a:\n    htpp: http://127.0.0.1/\n', schema)).toEqual([
      '$.checks.a: unknown key htpp',
    ]);
    expect(wrongIn('notifers: {}\n', schema)).toEqual(['$: unknown key notifers']);
    expect(wrongIn('service: api\nevery: 10\n', schema)).not.toEqual([]);
  });
});
