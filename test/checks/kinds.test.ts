import { describe, expect, it } from 'vitest';
import { checkKinds } from '../../src/checks/registry.ts';
import { compileCondition } from '../../src/conditions/compile.ts';
import { keywords } from '../../src/conditions/parse/words.ts';
import { parseYaml } from '../../src/schema/yaml.ts';
import { readOptions } from '../fakes/read-options.ts';

const place = { file: 'kind', line: 1, column: 1, length: 1 };

describe.each(checkKinds.map((kind) => [kind.kind, kind] as const))('the kind %s', (name, kind) => {
  it('has a name of its own', () => {
    expect(checkKinds.filter((other) => other.kind === name)).toEqual([kind]);
  });

  it('declares readings that conditions can name, and headlines among them', () => {
    expect(Object.keys(kind.readings).filter((reading) => keywords.has(reading))).toEqual([]);
    expect(Object.keys(kind.readings).every((reading) => /^[a-z][a-z0-9_]*$/.test(reading))).toBe(true);
    expect(kind.headline.filter((reading) => !(reading in kind.readings))).toEqual([]);
    expect(kind.headline.length).toBeLessThanOrEqual(3);
  });

  it('names totals and forecasts that exist', () => {
    for (const reading of Object.values(kind.readings)) {
      if (reading.type !== 'number') continue;
      const named = [reading.total, reading.forecast?.of, reading.forecast?.reaches];
      expect(named.filter((other) => other !== undefined && !(other in kind.readings))).toEqual([]);
    }
  });

  it('declares conditions that hold water', () => {
    for (const text of [...kind.expects, ...(kind.warns ?? [])]) {
      expect(compileCondition(text, kind.readings, place).problems).toEqual([]);
    }
  });

  it('has an example whose options and conditions can be used', () => {
    const { documents, problems } = parseYaml(kind.example, 'example.yaml');
    expect(problems).toEqual([]);
    const [node] = documents;
    if (node?.kind !== 'map') throw new Error('the example is no map');
    for (const { key, value } of node.entries) {
      if (key === name) continue;
      if (key !== 'expect' && key !== 'warn') continue;
      const lines = value.kind === 'list' ? value.items : [value];
      for (const line of lines) {
        const text = line.kind === 'scalar' ? String(line.value) : '';
        expect(compileCondition(text, kind.readings, place).problems).toEqual([]);
      }
    }
    const own = node.entries.find(({ key }) => key === name);
    expect(own).toBeDefined();
    const lines = kind.example.trim().split('\n');
    const first = lines.findIndex((line) => line.startsWith(`${name}:`));
    const rest = lines.slice(first + 1).findIndex((line) => /^\S/.test(line));
    const body = lines.slice(first, rest < 0 ? undefined : first + 1 + rest);
    expect(() => readOptions(kind, body.join('\n').slice(name.length + 1))).not.toThrow();
  });
});

describe('the machine that a check depends on', () => {
  const targets: readonly (readonly [kind: string, options: string, target: string | undefined])[] = [
    ['http', 'https://api.example.com/health', 'api.example.com'],
    ['http', '{ url: http://api.example.com/, unix: /run/api.sock }', undefined],
    ['http', 'http://127.0.0.1:3000/', undefined],
    ['websocket', 'wss://push.example.com/', 'push.example.com'],
    ['tcp', 'db.example.com:5432', 'db.example.com'],
    ['tcp', '/run/api.sock', undefined],
    ['tls', 'api.example.com:443', 'api.example.com'],
    ['udp', '"[2001:db8::1]:8125"', '2001:db8::1'],
    ['ntp', 'ntp.example.com', 'ntp.example.com'],
    ['ping', '192.0.2.1', '192.0.2.1'],
    ['ssh', 'login.example.com', 'login.example.com'],
    ['smtp', 'mail.example.com', 'mail.example.com'],
    ['redis', 'cache.example.com', 'cache.example.com'],
    ['redis', 'localhost:6379', undefined],
    ['mysql', 'db.example.com', 'db.example.com'],
    ['postgres', 'db.example.com', 'db.example.com'],
    ['dns', '{ name: example.com, server: "ns.example.com:53" }', 'ns.example.com'],
    ['dns', '{ name: example.com, server: "[2001:db8::53]:53" }', '2001:db8::53'],
    ['dns', '{ name: example.com, server: "2001:db8::53" }', '2001:db8::53'],
    ['dns', '{ name: example.com, server: "127.0.0.1:53" }', undefined],
    // Its own name servers: no host name, so nothing asks the resolver about it.
    ['dns', 'example.com', '/etc/resolv.conf'],
  ];

  it.each(targets)('of %s: %s', (name, options, target) => {
    const kind = checkKinds.find((one) => one.kind === name);
    if (kind === undefined) throw new Error(`no kind ${name}`);
    expect(kind.target(readOptions(kind, options) as never)).toBe(target);
  });

  it('is told for every kind that crosses a network', () => {
    const crossing = checkKinds.filter(({ failAfter }) => failAfter === 3).map(({ kind }) => kind);
    const told = new Set(targets.filter(([, , target]) => target !== undefined).map(([kind]) => kind));
    // The machine itself fluctuates, and what a plugin looks at nobody knows.
    expect(crossing.filter((kind) => !told.has(kind) && kind !== 'nagios' && kind !== 'system')).toEqual([]);
  });

  it('is bounded as programs are where every look starts one', () => {
    const programs = checkKinds.filter(({ startsProgram }) => startsProgram).map(({ kind }) => kind);
    expect([...programs].sort()).toEqual(['command', 'nagios', 'ping']);
  });
});
