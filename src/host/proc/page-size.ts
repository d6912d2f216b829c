import { readFileSync } from 'node:fs';

const AT_NULL = 0n;
const AT_PAGESZ = 6n;

/** Bytes per page: 4096 nearly everywhere, 16 or 64 KiB on some arm64 and ppc64. From our own auxiliary vector, getauxval(3). */
export function pageSize(): number {
  try {
    const vector = readFileSync('/proc/self/auxv');
    for (let at = 0; at + 16 <= vector.length; at += 16) {
      const key = vector.readBigUInt64LE(at);
      if (key === AT_PAGESZ) return Number(vector.readBigUInt64LE(at + 8));
      if (key === AT_NULL) break;
    }
  } catch {
    // Hidden /proc entries: the usual size is the best guess.
  }
  return 4096;
}
