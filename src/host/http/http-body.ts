import { brotliDecompressSync, constants, gunzipSync, inflateSync, type ZlibOptions } from 'node:zlib';

/**
 * The text of a body: unpacked where the server packs it (RFC 9110, section 8.4) and decoded by the character set of
 * its content type (UTF-8 when it names none). Never more than `limit` bytes unpacked; what cannot be unpacked stays as it is.
 */
export function decodeBody(bytes: Buffer, headers: Readonly<Record<string, string>>, limit: number): string {
  const unpacked = unpack(bytes, headers['content-encoding'] ?? 'identity', limit);
  const charset = /charset="?([^\s;"]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  return decode(unpacked, charset);
}

function unpack(bytes: Buffer, encoding: string, limit: number): Buffer {
  if (bytes.length === 0) return bytes;
  // A body that was cut off ends without its checksum: take what is there.
  const options: ZlibOptions = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: Math.max(1, limit) };
  try {
    switch (encoding.trim().toLowerCase()) {
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(bytes, options);
      case 'deflate':
        return inflateSync(bytes, options);
      case 'br':
        return brotliDecompressSync(bytes, {
          finishFlush: constants.BROTLI_OPERATION_FLUSH,
          maxOutputLength: Math.max(1, limit),
        });
      default:
        return bytes;
    }
  } catch {
    return bytes;
  }
}

function decode(bytes: Buffer, charset: string): string {
  // Skips the byte order mark and the loading of the decoder for what almost every body is.
  if (/^utf-?8$/i.test(charset)) return bytes.toString('utf8').replace(/^\uFEFF/, '');
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}
