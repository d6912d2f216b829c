import { readdirSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openNowhere } from '../../src/state/journal-file.ts';
import {
  decodeLine,
  encodeLine,
  formatOf,
  JOURNAL_FORMAT,
  JOURNAL_HEADER,
} from '../../src/state/journal-line.ts';
import type { StoreChange } from '../../src/state/store.ts';

const read = (line: Buffer) => {
  expect(line.at(-1)).toBe(0x0a);
  return decodeLine(line.subarray(0, -1));
};
const changes: readonly StoreChange[] = [['service/api', { text: 'žluťoučký kůň 🐎' }], ['incident/api-1']];

describe('a line of the journal', () => {
  it('is a checksum and the changes, of any length and in any script', () => {
    for (const repeat of [1, 1000, 20_000]) {
      const long: readonly StoreChange[] = [['service/api', { text: 'ŽŽ🐎x'.repeat(repeat) }]];
      expect(read(encodeLine(long))).toEqual(long);
      expect(read(encodeLine(long, 'keep'))).toEqual(long);
    }
  });

  it('holds until the next one is made, or for good where that is asked for', () => {
    const kept = encodeLine(changes, 'keep');
    const first = encodeLine(changes);
    const copy = Buffer.from(first);
    encodeLine([['service/other', { text: 'something else' }]], 'keep');
    expect(first.equals(copy)).toBe(true);
    encodeLine([['service/other', { text: 'something else' }]]);
    expect(read(kept)).toEqual(changes);
    expect(read(copy)).toEqual(changes);
  });

  it('of which a byte is damaged says nothing', () => {
    for (const at of [0, 8, 9, 20]) {
      const line = encodeLine(changes, 'keep');
      line[at] = (line[at] ?? 0) ^ 1;
      expect(read(line)).toBeUndefined();
    }
  });

  it('at the top names the format', () => {
    expect(formatOf(JOURNAL_HEADER.subarray(0, -1))).toBe(JOURNAL_FORMAT);
  });
});

it('a journal that nobody reads leaves its device as it is, and no descriptor behind', () => {
  const before = readdirSync('/proc/self/fd').length;
  const journal = openNowhere();
  journal?.append(changes);
  expect(journal?.size).toBe(JOURNAL_HEADER.length + encodeLine(changes).length);
  journal?.close();
  const device = statSync('/dev/null');
  expect([device.isCharacterDevice(), device.mode & 0o777, device.size]).toEqual([true, 0o666, 0]);
  expect(readdirSync('/proc/self/fd').length).toBe(before);
});
