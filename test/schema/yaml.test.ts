import { describe, expect, it } from 'vitest';
import { plainData } from '../../src/schema/fields/collections.ts';
import type { Node } from '../../src/schema/node.ts';
import { parseYaml } from '../../src/schema/yaml.ts';

function read(text: string): unknown[] {
  const { documents, problems } = parseYaml(text, 'f.yaml');
  expect(problems).toEqual([]);
  return documents.map(plainData);
}

function scalarAt(node: Node | undefined, ...path: readonly string[]) {
  let at = node;
  for (const key of path)
    at = at?.kind === 'map' ? at.entries.find((entry) => entry.key === key)?.value : undefined;
  return at?.kind === 'scalar' ? at : undefined;
}

describe('reading YAML', () => {
  it('gives values', () => {
    expect(read('a: 1\nb: [x, true, ~, 1.5]\nc: { d: "e" }')).toEqual([
      { a: 1, b: ['x', true, null, 1.5], c: { d: 'e' } },
    ]);
  });

  it('knows the difference between text and what only looks like another type in older YAML', () => {
    expect(read('a: yes\nb: 0644\nc: 12:30\nd: 2024-01-01\ne: off')).toEqual([
      { a: 'yes', b: 644, c: '12:30', d: '2024-01-01', e: 'off' },
    ]);
  });

  it('keeps what was written, and where', () => {
    const [node] = parseYaml('a:\n  b: "x\\ty"\n  c: 1.10\n', 'f.yaml').documents;
    expect(scalarAt(node, 'a', 'b')).toMatchObject({ value: 'x\ty', quoted: true, computed: true });
    expect(scalarAt(node, 'a', 'b')?.place).toEqual({ file: 'f.yaml', line: 2, column: 6, length: 6 });
    expect(scalarAt(node, 'a', 'c')).toMatchObject({ value: 1.1, source: '1.10' });
  });

  it('merges', () => {
    const text = 'base: &base { a: 1, b: 2 }\nother: &other { b: 3, c: 4 }\nx: { <<: [*base, *other], a: 5 }';
    expect(read(text)[0]).toMatchObject({ x: { a: 5, b: 2, c: 4 } });
  });

  it('reads several documents and leaves out empty ones', () => {
    expect(read('---\n---\na: 1\n---\n# nothing\n---\nb: 2\n')).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it('keeps strange keys harmless', () => {
    const [value] = read('__proto__: { x: 1 }\nconstructor: 2');
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('takes what would exhaust a parser as a problem', () => {
    expect(parseYaml('['.repeat(20_000), 'f').problems[0]?.code).toMatch(/too-deep|yaml-syntax/);
    expect(parseYaml('a: 1\n'.repeat(1_000_000), 'f').problems[0]?.code).toBe('too-large');
    expect(parseYaml('a: \0', 'f').problems[0]?.code).toBe('not-text');
  });
});
