import { alignmentOf, type BusType, parseSignature } from './signature.ts';

/** Reads values out of a message. Offsets count from the start of the message, as alignment does. */
export interface BusReader {
  read(type: BusType): unknown;
  skipTo(boundary: number): void;
  readonly at: number;
}

/**
 * A reader over a whole message. Arrays of entries become plain objects, structs and other arrays become arrays,
 * variants become their bare value. 64-bit numbers beyond 2^53 become Infinity: systemd's "not set" and "infinity".
 */
export function busReader(bytes: Buffer, start: number, littleEndian: boolean): BusReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;

  function align(boundary: number): void {
    at = Math.ceil(at / boundary) * boundary;
  }

  function length32(): number {
    const value = view.getUint32(at, littleEndian);
    at += 4;
    if (at + value > bytes.length) throw new Error('a D-Bus message is longer inside than outside');
    return value;
  }

  function text(length: number): string {
    const value = bytes.toString('utf8', at, at + length);
    at += length + 1;
    return value;
  }

  function fixed(size: number, read: (offset: number) => number): number {
    const value = read(at);
    at += size;
    return value;
  }

  function read(type: BusType): unknown {
    align(alignmentOf(type.code));
    switch (type.code) {
      case 'y':
        return fixed(1, (offset) => view.getUint8(offset));
      case 'b':
        return fixed(4, (offset) => view.getUint32(offset, littleEndian)) !== 0;
      case 'n':
        return fixed(2, (offset) => view.getInt16(offset, littleEndian));
      case 'q':
        return fixed(2, (offset) => view.getUint16(offset, littleEndian));
      case 'i':
        return fixed(4, (offset) => view.getInt32(offset, littleEndian));
      case 'u':
      case 'h':
        return fixed(4, (offset) => view.getUint32(offset, littleEndian));
      case 'x':
        return fixed(8, (offset) => safe(view.getBigInt64(offset, littleEndian)));
      case 't':
        return fixed(8, (offset) => safe(view.getBigUint64(offset, littleEndian)));
      case 'd':
        return fixed(8, (offset) => view.getFloat64(offset, littleEndian));
      case 's':
      case 'o':
        return text(length32());
      case 'g':
        return text(fixed(1, (offset) => view.getUint8(offset)));
      case 'v': {
        const [inner] = parseSignature(text(fixed(1, (offset) => view.getUint8(offset))));
        if (inner === undefined) throw new Error('a D-Bus variant has no type');
        return read(inner);
      }
      case 'a':
        return array(type.inner[0]);
      default:
        return type.inner.map(read);
    }
  }

  function array(element: BusType | undefined): unknown {
    if (element === undefined) throw new Error('a D-Bus array has no element type');
    const size = length32();
    align(alignmentOf(element.code));
    const end = at + size;
    const items: unknown[] = [];
    while (at < end) items.push(read(element));
    return element.code === '{' ? Object.fromEntries(items as [string, unknown][]) : items;
  }

  return {
    read,
    skipTo: align,
    get at() {
      return at;
    },
  };
}

function safe(value: bigint): number {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : number < 0 ? -Infinity : Infinity;
}
