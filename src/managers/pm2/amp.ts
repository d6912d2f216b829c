/**
 * The message format of PM2's sockets (npm amp 0.3 and amp-message 0.1): a byte with the version (1) and the number of
 * arguments, then per argument its length (4 bytes, big-endian) and its bytes: `s:` text, `j:` JSON, else a blob.
 */
export function encodeAmp(values: readonly unknown[]): Buffer {
  const parts: Buffer[] = [Buffer.from([(1 << 4) | values.length])];
  for (const value of values) {
    const bytes = Buffer.from(
      typeof value === 'string' ? `s:${value}` : `j:${JSON.stringify(value ?? null)}`,
    );
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts);
}

/** The first whole message in the bytes and what follows it; nothing while it has not come whole. */
export function decodeAmp(
  bytes: Buffer,
): { readonly values: readonly unknown[]; readonly rest: Buffer } | undefined {
  const count = (bytes[0] ?? 0) & 0xf;
  if (bytes.length === 0) return undefined;
  const values: unknown[] = [];
  let at = 1;
  for (let index = 0; index < count; index++) {
    if (at + 4 > bytes.length) return undefined;
    const length = bytes.readUInt32BE(at);
    at += 4;
    if (at + length > bytes.length) return undefined;
    values.push(unpack(bytes.subarray(at, at + length)));
    at += length;
  }
  return { values, rest: bytes.subarray(at) };
}

function unpack(bytes: Buffer): unknown {
  const kind = bytes.toString('latin1', 0, 2);
  if (kind === 'j:') return JSON.parse(bytes.toString('utf8', 2)) as unknown;
  return bytes.toString('utf8', kind === 's:' ? 2 : 0);
}
