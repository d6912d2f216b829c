import { describe, expect, it } from 'vitest';
import { globBase, globMatcher } from '../../../src/config/files/glob-pattern.ts';

describe('patterns of files', () => {
  it.each([
    ['/a/x.yaml', '/a/*.yaml', true],
    ['/a/.x.yaml', '/a/*.yaml', false],
    ['/a/.x.yaml', '/a/.*.yaml', true],
    ['/a/b/x.yaml', '/a/*.yaml', false],
    ['/a/b/c/x.yaml', '/a/**/*.yaml', true],
    ['/a/x.yaml', '/a/**/*.yaml', true],
    ['/a/.git/x.yaml', '/a/**/*.yaml', false],
    ['/a/x1.yaml', '/a/x?.yaml', true],
    ['/a/x.yaml', '/a/x?.yaml', false],
    ['/a/xb.yaml', '/a/x[!a].yaml', true],
    ['/a/xa.yaml', '/a/x[!a].yaml', false],
    ['/a/x.yml', '/a/*.{yaml,yml}', true],
    ['/a/aaaa.b', '/a/*a*a*.b', true],
    ['/a/x.yaml.bak', '/a/*.yaml', false],
  ])('%s %s %s', (path, pattern, matches) => expect(globMatcher(pattern)(path)).toBe(matches));

  it('take no time for a hostile pattern', () => {
    expect(globMatcher(`/${'*a'.repeat(500)}b`)(`/${'a'.repeat(5000)}`)).toBe(false);
  });

  it('begin in a folder', () => {
    expect(globBase('/etc/watcher/rules/*.yaml')).toEqual({ folder: '/etc/watcher/rules', wild: true });
    expect(globBase('/etc/*/x.yaml')).toEqual({ folder: '/etc', wild: true });
    expect(globBase('/etc/x.yaml')).toEqual({ folder: '/etc', wild: false });
  });
});
