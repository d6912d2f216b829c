import type { ReadingValue } from '../../model/reading.ts';

/**
 * A short text that tells values apart: numbers and flags themselves, else the length of the value and 106 bits of hash, as
 * texts may be secret and this is kept. It only has to notice changes, so a fast hash will do (cyrb53, public domain,
 * twice with different seeds).
 */
export function fingerprint(value: ReadingValue): string {
  const text = JSON.stringify(value) ?? 'null';
  const plain = typeof value === 'number' || typeof value === 'boolean';
  return plain ? text : `${text.length}:${hash(text, 1)}${hash(text, 2)}`;
}

function hash(text: string, seed: number): string {
  let a = 0xdeadbeef ^ seed;
  let b = 0x41c6ce57 ^ seed;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
}
