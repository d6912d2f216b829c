import { describe, expect, it } from 'vitest';
import { registeredKinds } from '../../src/config/registered-kinds.ts';
import type { Fields } from '../../src/schema/field.ts';
import { renderProblems } from '../../src/schema/frame.ts';
import { isSecretKey } from '../../src/schema/frame-excerpt.ts';
import type { Problem } from '../../src/schema/problem.ts';
import {
  problemLine,
  problemsAsGithub,
  problemsAsJson,
  problemsAsSarif,
} from '../../src/schema/problem-formats.ts';

const sources = new Map([['a.yaml', 'service: api\nevery: 10\n\ttoken: abcdef, x: 1\n']]);
const second: Problem = {
  level: 'error',
  code: 'missing-unit',
  message: "'every' must be a duration",
  place: { file: 'a.yaml', line: 2, column: 8, length: 2 },
  hint: 'write 10s',
  related: [{ place: { file: 'a.yaml', line: 1, column: 1, length: 7 }, message: 'of this service' }],
};
const first: Problem = { level: 'warning', code: 'told-to-nobody', message: '100% of it: a, b\nc' };

describe('frames', () => {
  it('are sorted, with caret, related places and the fix', () => {
    expect(renderProblems([second, first], sources)).toBe(`warning: 100% of it: a, b
c [told-to-nobody]

a.yaml:2:8 error: 'every' must be a duration [missing-unit]
   2 | every: 10
     |        ^^
  a.yaml:1:1 of this service
   1 | service: api
     | ^^^^^^^
  fix: write 10s

1 error, 1 warning
`);
  });

  it('are coloured when asked', () => {
    expect(renderProblems([second], sources, { colour: true })).toContain('\u001B[31;1m^^\u001B[0m');
  });

  it('hide what looks like a secret and what is known as one, and keep the caret where it was', () => {
    const place = { file: 'a.yaml', line: 3, column: 17, length: 1 };
    const printed = renderProblems([{ ...second, place, related: [] }], sources, {
      secrets: [{ text: 'service' }],
    });
    expect(printed).toContain('   3 |  token: ******, x: 1\n     |                 ^\n');
  });

  it('are left out where there is no text', () => {
    const place = { file: 'gone.yaml', line: 9, column: 1, length: 1 };
    expect(renderProblems([{ ...first, place }], sources)).toContain('gone.yaml:9:1 warning:');
  });

  it('are nothing when there are no problems', () => expect(renderProblems([], sources)).toBe(''));
});

describe('problems for programs', () => {
  it('are JSON', () => {
    const { version, problems } = JSON.parse(problemsAsJson([second]));
    expect(version).toBe(1);
    expect(problems).toMatchObject([
      { code: 'missing-unit', file: 'a.yaml', line: 2, related: [{ line: 1 }] },
    ]);
  });

  it('are workflow commands', () => {
    expect(problemsAsGithub([second, first])).toBe(
      "::warning title=told-to-nobody::100%25 of it: a, b%0Ac\n::error file=a.yaml,line=2,col=8,endColumn=10,title=missing-unit::'every' must be a duration (write 10s)%0Aa.yaml:1:1 of this service\n",
    );
  });

  it('are SARIF', () => {
    const odd = { ...second, place: { file: 'a b#é.yaml', line: 1, column: 1, length: 1 } };
    expect(problemsAsSarif([odd], '1')).toContain('"uri": "a%20b%23%C3%A9.yaml"');
    const { version, runs } = JSON.parse(problemsAsSarif([second], '1.2.3'));
    expect(version).toBe('2.1.0');
    expect(runs[0].tool.driver).toMatchObject({
      name: 'watcher',
      version: '1.2.3',
      rules: [{ id: 'missing-unit' }],
    });
    expect(runs[0].results[0].locations[0].physicalLocation.region).toMatchObject({
      startLine: 2,
      startColumn: 8,
    });
  });

  it('are one line', () => {
    expect(problemLine(second)).toBe("a.yaml:2:8 error: 'every' must be a duration (write 10s)");
  });
});

describe('keys of secrets', () => {
  const { checks, notifiers, managers } = registeredKinds();
  const kinds = [checks, notifiers, managers].flatMap((all) => Object.values(all));

  it('are all that a declaration calls secret, but addresses', () => {
    const names = kinds.flatMap(({ options }) => secretsIn(options));
    expect(names).toContain('password');
    expect(names.filter((name) => name !== 'url' && !isSecretKey(name))).toEqual([]);
  });

  it('are misspelt ones too, and no other options', () => {
    expect(
      ['pasword', 'baerer', 'pwd', 'passwd', 'tokn', 'X-Auth-Key'].filter((key) => !isSecretKey(key)),
    ).toEqual([]);
    const open = kinds.flatMap(({ options }) =>
      Object.keys(options).filter((name) => options[name]?.secret !== true),
    );
    expect(open.filter(isSecretKey)).toEqual([]);
  });
});

function secretsIn(fields: Fields): readonly string[] {
  return Object.entries(fields).flatMap(([name, field]) => [
    ...(field.secret === true ? [name] : []),
    ...secretsIn(field.fields ?? {}),
  ]);
}
