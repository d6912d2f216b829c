import { describe, expect, it } from 'vitest';
import type { Field } from '../../src/schema/field.ts';
import {
  anything,
  choice,
  command,
  duration,
  either,
  fileMode,
  flag,
  group,
  hostPort,
  integer,
  list,
  number,
  path,
  pattern,
  percent,
  record,
  secretText,
  size,
  text,
  url,
} from '../../src/schema/fields.ts';
import type { MapNode } from '../../src/schema/node.ts';
import type { Problem } from '../../src/schema/problem.ts';
import { readFields, readOptions } from '../../src/schema/read-fields.ts';
import { parseYaml } from '../../src/schema/yaml.ts';

const s = { summary: 'It.' };

function read<T>(field: Field<T>, yaml: string) {
  const problems: Problem[] = [];
  const secrets: string[] = [];
  const [node] = parseYaml(`x: ${yaml}`, 'f.yaml').documents;
  const value = readFields({ x: field }, node as MapNode, {
    report: (problem) => problems.push(problem),
    secret: (secret) => secrets.push(secret),
    home: '/home/me',
  });
  return {
    value: value?.x,
    problems: problems.map(({ code, hint }) => (hint === undefined ? code : `${code}: ${hint}`)),
    secrets,
  };
}

describe('what fields take, and how they print it', () => {
  it.each<[Field<unknown>, string, unknown, string]>([
    [text(s), 'hello', 'hello', 'hello'],
    [text(s), '1.10', '1.10', '"1.10"'],
    [duration(s), '1h30m', 5_400_000, '90m'],
    [duration(s), '0s', 0, '0ms'],
    [size(s), '64 KiB', 65_536, '64 kB'],
    [size(s), '500MB', 524_288_000, '500 MB'],
    [percent(s), '12.5 %', 12.5, '12.5%'],
    [integer(s), '42', 42, '42'],
    [number(s), '0.5', 0.5, '0.5'],
    [flag(s), 'true', true, 'true'],
    [choice(['a', 'true'], s), 'true', 'true', '"true"'],
    [path(s), '/run/x.pid', '/run/x.pid', '/run/x.pid'],
    [path(s), '~/x', '/home/me/x', '/home/me/x'],
    [fileMode(s), '"0644"', 0o644, '"0644"'],
    [
      hostPort({ ...s, defaultPort: 443 }),
      'example.com',
      { host: 'example.com', port: 443 },
      'example.com:443',
    ],
    [hostPort(s), '"[::1]:53"', { host: '::1', port: 53 }, '"[::1]:53"'],
    [hostPort(s), '6379', { host: '127.0.0.1', port: 6379 }, '127.0.0.1:6379'],
    [hostPort({ ...s, defaultPort: 1 }), '"fe80::1"', { host: 'fe80::1', port: 1 }, '"[fe80::1]:1"'],
    [url({ ...s, schemes: ['smtp'] }), 'smtp://u:pw12@h', 'smtp://u:pw12@h', 'smtp://u:***@h'],
    [secretText(s), 'hunter2', 'hunter2', '***'],
    [list(duration(), s), '[1s, 2m]', [1000, 120_000], '[1s, 2m]'],
    [list(text(), { ...s, single: true }), 'one', ['one'], '[one]'],
    [record(size(), s), '{ a: 1 kB }', { a: 1024 }, '{ a: 1 kB }'],
    [group({ a: duration({ ...s, default: '5s' }) }, s), '{}', { a: 5000 }, '{ a: 5s }'],
    [either([path(), hostPort()], s), '/run/x.sock', '/run/x.sock', '/run/x.sock'],
    [either([path(), hostPort()], s), 'h:1', { host: 'h', port: 1 }, 'h:1'],
    [
      command(s),
      '[/bin/x, 1]',
      { argv: ['/bin/x', '1'], shell: false, env: {}, timeout: 30_000 },
      '[/bin/x, "1"]',
    ],
    [
      command({ ...s, timeout: '5s' }),
      '{ run: [/bin/x], user: me, env: { A: b } }',
      { argv: ['/bin/x'], shell: false, env: { A: 'b' }, timeout: 5000, user: 'me' },
      '{ run: [/bin/x], user: me, env: { A: b } }',
    ],
    [
      command(s),
      '{ run: "a | b", shell: true }',
      { argv: ['a | b'], shell: true, env: {}, timeout: 30_000 },
      '{ run: "a | b", shell: true }',
    ],
    [anything(s), '{ a: [1, x] }', { a: [1, 'x'] }, '{"a":[1,"x"]}'],
  ])('%# %s', (field, yaml, value, printed) => {
    const result = read(field, yaml);
    expect(result.problems).toEqual([]);
    expect(result.value).toEqual(value);
    expect(field.print(result.value)).toBe(printed);
  });

  it.each<[Field<unknown>, string, string]>([
    [fileMode(s), '0644', 'unquoted-mode: put it in quotes: "0644"'],
    [fileMode(s), '"0999"', 'wrong-type'],
    [duration(s), '5', 'missing-unit: give it a unit: 5s, 5ms or 5m'],
    [size(s), '5', 'missing-unit: give it a unit: 5 B, 5 kB or 5 MB'],
    [percent(s), '80', 'missing-unit: write 80%'],
    [percent(s), '-5%', 'wrong-type'],
    [flag(s), 'off', 'wrong-type: write false'],
    [integer(s), '.inf', 'wrong-type'],
    [number(s), '.nan', 'wrong-type'],
    [hostPort(s), 'example.com', 'bad-address'],
    [hostPort(s), 'h:0', 'bad-address'],
    [path(s), '"/a\\0b"', 'bad-path'],
    [text(s), 'null', 'wrong-type'],
    [command(s), 'systemctl restart x', 'command-text: write it as a list: [systemctl, restart, x]'],
    [command(s), '["", x]', 'empty-text'],
    [pattern(s), '"(a"', 'bad-pattern'],
    [pattern(s), '"a(?=b)"', 'bad-pattern'],
    [list(text(), { ...s, min: 1 }), '[]', 'too-few'],
  ])('%# %s: %s', (field, yaml, problem) => {
    const result = read(field, yaml);
    expect(result.value).toBeUndefined();
    expect(result.problems).toEqual([problem]);
  });

  it('tell of secrets', () => {
    expect(read(secretText(s), 'hunter2').secrets).toEqual(['hunter2']);
    expect(read(url({ ...s, schemes: ['smtp'] }), 'smtp://u:p%40ss@h').secrets).toEqual(['p%40ss', 'p@ss']);
    expect(read(url({ ...s, schemes: ['https'], secret: true }), 'https://h/tok').secrets).toEqual([
      'https://h/tok',
    ]);
  });

  it('do not take a wrong default', () => {
    expect(() => duration({ ...s, default: '5' })).toThrow("'5' in a declaration");
  });
});

describe('the options of a kind', () => {
  const kind = {
    kind: 'http',
    options: { url: text(s), retries: integer({ ...s, default: 2 }) },
    main: 'url',
  } as const;

  function readKind(yaml: string) {
    const problems: Problem[] = [];
    const [node] = parseYaml(yaml, 'f.yaml').documents;
    const entry = node?.kind === 'map' ? node.entries[0] : undefined;
    if (entry === undefined) throw new Error('no entry');
    const value = readOptions(kind, entry, { report: (problem) => problems.push(problem) });
    return { value, problems: problems.map(({ message }) => message) };
  }

  it('may be one plain value', () => {
    expect(readKind('http: here')).toEqual({ value: { url: 'here', retries: 2 }, problems: [] });
    expect(readKind('http: { url: here, retries: 0 }')).toEqual({
      value: { url: 'here', retries: 0 },
      problems: [],
    });
  });

  it('are all looked at', () => {
    expect(readKind('http: { retries: x, utl: y }').problems).toEqual([
      "unknown key 'utl' in 'http'",
      "'http': 'url' is missing (text)",
      "'retries' must be a whole number, found 'x'",
    ]);
    expect(readKind('http:').problems).toEqual(["'http': 'url' is missing (text)"]);
  });
});
