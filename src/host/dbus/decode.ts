import { alignmentOf, type BusType, parseSignature } from './signature.ts';

/** Reads values out of a message. Offsets count from the start of the message, as alignment does. */
export interface BusReader {
  /** Of entries (`a{s*}`) only those called one of `wanted` are read; without it all are. */
  read(type: BusType, wanted?: ReadonlySet<string>): unknown;
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

  /** Boundaries are powers of two. */
  function align(boundary: number): void {
    at = (at + boundary - 1) & -boundary;
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

  /** Moves on, and returns where it was. */
  function step(size: number): number {
    at += size;
    return at - size;
  }

  /** Values nobody asked for cost no more than their length. */
  function skip(type: BusType): void {
    align(alignmentOf(type.code));
    switch (type.code) {
      case 's':
      case 'o':
        step(length32());
        step(1);
        return;
      case 'g':
        step(view.getUint8(step(1)));
        step(1);
        return;
      case 'v':
        skip(variantType());
        return;
      case 'a': {
        const size = length32();
        align(alignmentOf(type.inner[0]?.code ?? 'y'));
        step(size);
        return;
      }
      case '(':
      case '{':
        for (const inner of type.inner) skip(inner);
        return;
      default:
        read(type);
    }
  }

  function variantType(): BusType {
    const [inner] = parseSignature(text(view.getUint8(step(1))));
    if (inner === undefined) throw new Error('a D-Bus variant has no type');
    return inner;
  }

  function read(type: BusType, wanted?: ReadonlySet<string>): unknown {
    align(alignmentOf(type.code));
    switch (type.code) {
      case 'y':
        return view.getUint8(step(1));
      case 'b':
        return view.getUint32(step(4), littleEndian) !== 0;
      case 'n':
        return view.getInt16(step(2), littleEndian);
      case 'q':
        return view.getUint16(step(2), littleEndian);
      case 'i':
        return view.getInt32(step(4), littleEndian);
      case 'u':
      case 'h':
        return view.getUint32(step(4), littleEndian);
      case 'x':
        return safe(view.getBigInt64(step(8), littleEndian));
      case 't':
        return safe(view.getBigUint64(step(8), littleEndian));
      case 'd':
        return view.getFloat64(step(8), littleEndian);
      case 's':
      case 'o':
        return text(length32());
      case 'g':
        return text(view.getUint8(step(1)));
      case 'v':
        return read(variantType());
      case 'a':
        return array(type.inner[0], wanted);
      default:
        return type.inner.map((inner) => read(inner));
    }
  }

  function array(element: BusType | undefined, wanted: ReadonlySet<string> | undefined): unknown {
    if (element === undefined) throw new Error('a D-Bus array has no element type');
    const size = length32();
    align(alignmentOf(element.code));
    const end = at + size;
    const [key, value] = element.inner;
    if (element.code === '{' && key !== undefined && value !== undefined) {
      const entries: Record<string, unknown> = {};
      while (at < end) {
        align(8);
        const name = String(read(key));
        if (wanted === undefined || wanted.has(name)) entries[name] = read(value);
        else skip(value);
      }
      return entries;
    }
    const items: unknown[] = [];
    while (at < end) items.push(read(element));
    return items;
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
