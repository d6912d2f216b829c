import { describe, expect, it } from 'vitest';
import { splitReferences } from '../../../src/config/values/references.ts';

describe('references in a text', () => {
  it.each([
    ['plain', [{ literal: 'plain' }]],
    ['a $ b$', [{ literal: 'a $ b$' }]],
    ['$$', [{ literal: '$' }]],
    ['$${x}', [{ literal: '$' }, { literal: '{x}' }]],
    ['a${x}', [{ literal: 'a' }, { reference: { type: 'name', name: 'x' }, at: 1, length: 4 }]],
    ['${env:A}', [{ reference: { type: 'env', name: 'A' }, at: 0, length: 8 }]],
    ['${env:A:-}', [{ reference: { type: 'env', name: 'A', fallback: '' }, at: 0, length: 10 }]],
    ['${env:A:-b:c}', [{ reference: { type: 'env', name: 'A', fallback: 'b:c' }, at: 0, length: 13 }]],
    ['${file:/a b}', [{ reference: { type: 'file', path: '/a b' }, at: 0, length: 12 }]],
    ['${credential:k}', [{ reference: { type: 'credential', name: 'k' }, at: 0, length: 15 }]],
    ['${vault:k}', [{ reference: { type: 'unknown', word: 'vault:k' }, at: 0, length: 10 }]],
    ['x ${', [{ unclosed: true, at: 2 }]],
  ])('%s', (text, pieces) => expect(splitReferences(text)).toEqual(pieces));
});
