/** FNV-1a over UTF-16 units, 32 bits, with a final mix so that similar texts land far apart. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** A number in [0, 1) that is always the same for the same text: jitter without randomness. */
export function fractionOf(text: string): number {
  return hashText(text) / 0x1_0000_0000;
}
