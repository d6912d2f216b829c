import { describe, expect, it } from 'vitest';
import { nearestWord } from '../../src/lib/nearest.ts';

describe('the nearest word', () => {
  const words = ['memory', 'memory_tree', 'cpu', 'status', 'expires_in', 'latency'];

  it('forgives slips, swaps, case and dashes', () => {
    expect(nearestWord('memroy', words)).toBe('memory');
    expect(nearestWord('statsu', words)).toBe('status');
    expect(nearestWord('Latency', words)).toBe('latency');
    expect(nearestWord('memory-tree', words)).toBe('memory_tree');
    expect(nearestWord('expiresIn', words)).toBe('expires_in');
  });

  it('takes the beginning or the end of a word', () => {
    expect(nearestWord('mem', words)).toBe('memory');
    expect(nearestWord('tree', words)).toBe('memory_tree');
  });

  it('says nothing when nothing is near', () => {
    expect(nearestWord('zebra', words)).toBeUndefined();
    expect(nearestWord('x', words)).toBeUndefined();
    expect(nearestWord('', words)).toBeUndefined();
    expect(nearestWord('a'.repeat(10_000), words)).toBeUndefined();
    expect(nearestWord('time', ['read_time', 'write_time'])).toBeUndefined();
  });
});
