import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadClient } from '../../../src/host/http/load-undici.ts';
import { loadPackage } from '../../../src/host/packages/load-package.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watcher-package-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('a package that could not be loaded', () => {
  const isFunction = (loaded: unknown): boolean => typeof loaded === 'function';

  it('because it could not be read is loaded by the next call', () => {
    const path = join(folder, 'late.cjs');
    expect(() => loadPackage(path, isFunction)).toThrow(/Cannot find/);
    writeFileSync(path, 'module.exports = () => 7;');
    expect(loadPackage<() => number>(path, isFunction)()).toBe(7);
  });

  it('because it came empty is loaded by the next call, and never used before', () => {
    const path = join(folder, 'empty.cjs');
    writeFileSync(path, '');
    expect(() => loadPackage(path, isFunction)).toThrow(/could not be loaded whole/);
    writeFileSync(path, 'module.exports = () => 8;');
    expect(loadPackage<() => number>(path, isFunction)()).toBe(8);
  });
});

describe('the client of undici', () => {
  it('is a class, the same for everybody', () => {
    expect(loadClient()).toBe(loadClient());
    expect(loadClient().name).toBe('Client');
  });
});
