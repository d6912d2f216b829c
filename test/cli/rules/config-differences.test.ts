import { describe, expect, it } from 'vitest';
import { configDifferences } from '../../../src/cli/rules/config-differences.ts';

describe('configDifferences', () => {
  it('finds nothing where nothing differs', () => {
    expect(configDifferences({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([]);
  });

  it('names the value that differs', () => {
    expect(configDifferences({ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } })).toEqual([
      { path: 'a.c', running: 2, files: 3 },
    ]);
  });

  it('compares lists of named things by name', () => {
    const running = {
      services: [
        { name: 'api', every: 1 },
        { name: 'old', every: 1 },
      ],
    };
    const files = {
      services: [
        { name: 'new', every: 1 },
        { name: 'api', every: 2 },
      ],
    };
    expect(configDifferences(running, files)).toEqual([
      { path: 'services.api.every', running: 1, files: 2 },
      { path: 'services.old', running: { name: 'old', every: 1 } },
      { path: 'services.new', files: { name: 'new', every: 1 } },
    ]);
  });

  it('compares plain lists whole', () => {
    expect(configDifferences({ groups: ['a'] }, { groups: ['a', 'b'] })).toEqual([
      { path: 'groups', running: ['a'], files: ['a', 'b'] },
    ]);
  });
});
