import { busReader } from './decode.ts';
import { busWriter } from './encode.ts';
import { type BusType, parseSignature } from './signature.ts';

/** Message types and header fields: D-Bus Specification 0.42, "Message Format". */
const types = { call: 1, return: 2, error: 3, signal: 4 } as const;
const fields = [
  'path',
  'interface',
  'member',
  'errorName',
  'replySerial',
  'destination',
  'sender',
  'signature',
] as const;
const headerTypes = parseSignature('yyyyuua(yv)');
const protocolVersion = 1;
/** A message is at most 128 MiB (D-Bus Specification, "Message Format"). */
const largestMessage = 134_217_728;
/** From the first byte to the end of the length of the header fields. */
const fixedPart = 16;

/** A method call as its caller gives it. */
export interface BusCall {
  /** Bus name of who is called; absent on a connection that has no bus in between. */
  readonly destination?: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly arguments?: readonly unknown[];
  /** Names of the entries of the reply that are wanted, where it is a dictionary with many more. */
  readonly entries?: ReadonlySet<string>;
}

/** A message from the other side. The body is decoded when it is asked for: most signals are for nobody here. */
export interface BusMessage {
  readonly type: 'call' | 'return' | 'error' | 'signal' | 'other';
  readonly serial: number;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly errorName?: string;
  readonly replySerial?: number;
  readonly sender?: string;
  body(entries?: ReadonlySet<string>): readonly unknown[];
}

/** Bytes of a method call. */
export function encodeCall(call: BusCall, serial: number): Buffer {
  const body = busWriter();
  const bodyTypes = parseSignature(call.signature ?? '');
  bodyTypes.forEach((type, index) => {
    body.write(type, call.arguments?.[index]);
  });
  const named: readonly (readonly [number, string, string | undefined])[] = [
    [1, 'o', call.path],
    [2, 's', call.interface],
    [3, 's', call.member],
    [6, 's', call.destination],
    [8, 'g', call.signature],
  ];
  const header = busWriter();
  const values = [
    'l'.charCodeAt(0),
    types.call,
    0,
    protocolVersion,
    body.bytes().length,
    serial,
    named
      .filter(([, , value]) => value !== undefined)
      .map(([code, signature, value]) => [code, { signature, value }]),
  ];
  headerTypes.forEach((type, index) => {
    header.write(type, values[index]);
  });
  header.pad(8);
  return Buffer.concat([header.bytes(), body.bytes()]);
}

/** Length in bytes of the message at the start of `bytes`; undefined while too little has come. Throws on garbage. */
export function messageLength(bytes: Buffer): number | undefined {
  if (bytes.length < fixedPart) return undefined;
  const little = bytes[0] === 'l'.charCodeAt(0);
  if (!little && bytes[0] !== 'B'.charCodeAt(0)) throw new Error('what came is no D-Bus message');
  const view = new DataView(bytes.buffer, bytes.byteOffset, fixedPart);
  const length = Math.ceil((fixedPart + view.getUint32(12, little)) / 8) * 8 + view.getUint32(4, little);
  if (length > largestMessage) throw new Error('a D-Bus message is longer than the protocol allows');
  return length;
}

/** The message in exactly these bytes. */
export function decodeMessage(bytes: Buffer): BusMessage {
  const little = bytes[0] === 'l'.charCodeAt(0);
  const reader = busReader(bytes, 0, little);
  const values = headerTypes.map((type) => reader.read(type));
  reader.skipTo(8);
  const bodyAt = reader.at;
  const named: Record<string, unknown> = {};
  for (const [code, value] of values[6] as readonly (readonly [number, unknown])[]) {
    const name = fields[code - 1];
    if (name !== undefined) named[name] = value;
  }
  const bodyTypes: readonly BusType[] = parseSignature(String(named.signature ?? ''));
  // A signal has many listeners, and each of them asks.
  let decoded: readonly unknown[] | undefined;
  const type = (Object.keys(types) as (keyof typeof types)[]).find((name) => types[name] === values[1]);
  const { signature: _, ...known } = named;
  return {
    type: type ?? 'other',
    serial: Number(values[5]),
    ...known,
    body(entries) {
      if (decoded === undefined) {
        const body = busReader(bytes, bodyAt, little);
        decoded = bodyTypes.map((bodyType) => body.read(bodyType, entries));
      }
      return decoded;
    },
  };
}
