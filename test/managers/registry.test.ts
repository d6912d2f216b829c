import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { findManager, managerKinds } from '../../src/managers/registry.ts';

it('every kind is found by its name, once', () => {
  expect(new Set(managerKinds.map(({ kind }) => kind)).size).toBe(managerKinds.length);
  for (const kind of managerKinds) expect(findManager(kind.kind)).toBe(kind);
  expect(findManager('nonesuch')).toBeUndefined();
});

it.each(managerKinds.map((kind) => [kind.kind, kind] as const))('%s explains itself', (name, kind) => {
  const example = parse(kind.example) as { readonly manager: Readonly<Record<string, unknown>> };
  expect(Object.keys(example.manager)).toEqual([name]);
  for (const note of Object.values(kind.notes)) expect(note).toMatch(/^[A-Za-z].*\.$/s);
  if (kind.main !== undefined) expect(Object.keys(kind.options)).toContain(kind.main);
});
