import { alignmentOf, type BusType, parseSignature } from './signature.ts';

/** Little-endian bytes of a growing message. */
export interface BusWriter {
  write(type: BusType, value: unknown): void;
  pad(boundary: number): void;
  bytes(): Buffer;
}

/** A writer for the types that calls need: numbers up to 32 bits, flags, text, paths, signatures, variants of text, arrays and structs of them. */
export function busWriter(): BusWriter {
  let buffer = Buffer.alloc(256);
  let at = 0;

  function room(size: number): void {
    if (at + size <= buffer.length) return;
    const larger = Buffer.alloc(Math.max(buffer.length * 2, at + size));
    buffer.copy(larger);
    buffer = larger;
  }

  function pad(boundary: number): void {
    const next = Math.ceil(at / boundary) * boundary;
    room(next - at);
    at = next;
  }

  function number32(value: number): void {
    room(4);
    buffer.writeUInt32LE(value >>> 0, at);
    at += 4;
  }

  function byte(value: number): void {
    room(1);
    buffer[at++] = value;
  }

  function text(value: string, lengthIn: 'byte' | 'number'): void {
    const size = Buffer.byteLength(value);
    if (lengthIn === 'byte') byte(size);
    else number32(size);
    room(size + 1);
    at += buffer.write(value, at);
    buffer[at++] = 0;
  }

  function write(type: BusType, value: unknown): void {
    pad(alignmentOf(type.code));
    switch (type.code) {
      case 'y':
        byte(Number(value));
        return;
      case 'b':
        number32(value === true ? 1 : 0);
        return;
      case 'u':
      case 'i':
        number32(Number(value));
        return;
      case 's':
      case 'o':
        text(String(value), 'number');
        return;
      case 'g':
        text(String(value), 'byte');
        return;
      case 'v': {
        const { signature, value: inner } = value as Variant;
        text(signature, 'byte');
        write(only(signature), inner);
        return;
      }
      case 'a': {
        const element = type.inner[0];
        if (element === undefined) break;
        number32(0);
        const lengthAt = at - 4;
        pad(alignmentOf(element.code));
        const begin = at;
        for (const item of value as readonly unknown[]) write(element, item);
        buffer.writeUInt32LE(at - begin, lengthAt);
        return;
      }
      case '(':
        type.inner.forEach((inner, index) => {
          write(inner, (value as readonly unknown[])[index]);
        });
        return;
    }
    throw new Error(`D-Bus type '${type.code}' is not written by this client`);
  }

  return { write, pad, bytes: () => buffer.subarray(0, at) };
}

/** A value that carries its own type. */
export interface Variant {
  readonly signature: string;
  readonly value: unknown;
}

function only(signature: string): BusType {
  const [type] = parseSignature(signature);
  if (type === undefined) throw new Error('a D-Bus variant has no type');
  return type;
}
