/** Keeps the end of what a program prints, however much it is. */
export interface OutputTail {
  add(chunk: Uint8Array): void;
  text(): string;
}

/** `keep`: most bytes kept. */
export function createOutputTail(keep: number): OutputTail {
  let chunks: Uint8Array[] = [];
  let size = 0;
  let cut = false;
  return {
    add(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      // Joined rarely, so that a flood of small lines costs no more than its bytes.
      if (size > keep * 2 + 65_536) {
        chunks = [endOf(Buffer.concat(chunks), keep)];
        size = keep;
        cut = true;
      }
    },
    text() {
      const all = Buffer.concat(chunks);
      const end = all.length > keep ? endOf(all, keep) : all;
      const text = Buffer.from(end).toString('utf8');
      // The cut may have gone through a character.
      return cut || end.length < all.length ? text.replace(/^\uFFFD{1,3}/, '') : text;
    },
  };
}

function endOf(bytes: Uint8Array, keep: number): Uint8Array {
  return bytes.slice(Math.max(0, bytes.length - keep));
}
