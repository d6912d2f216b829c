import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { managerKinds } from '../../src/managers/registry.ts';

it('every kind has a name of its own', () => {
  expect(new Set(managerKinds.map(({ kind }) => kind)).size).toBe(managerKinds.length);
});

it.each(managerKinds.map((kind) => [kind.kind, kind] as const))('%s explains itself', (name, kind) => {
  const example = parse(kind.example) as { readonly manager: Readonly<Record<string, unknown>> };
  expect(Object.keys(example.manager)).toEqual([name]);
  for (const note of Object.values(kind.notes)) expect(note).toMatch(/^[A-Za-z].*\.$/s);
  if (kind.main !== undefined) expect(Object.keys(kind.options)).toContain(kind.main);
});
