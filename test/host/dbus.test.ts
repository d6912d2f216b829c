import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBus } from '../../src/host/dbus/connection.ts';
import { busReader } from '../../src/host/dbus/decode.ts';
import { busWriter } from '../../src/host/dbus/encode.ts';
import { decodeMessage, encodeCall, messageLength } from '../../src/host/dbus/message.ts';
import { parseSignature } from '../../src/host/dbus/signature.ts';
import type { BusConnection } from '../../src/host/dbus.ts';

function roundTrip(signature: string, ...values: readonly unknown[]): readonly unknown[] {
  const writer = busWriter();
  const types = parseSignature(signature);
  types.forEach((type, index) => {
    writer.write(type, values[index]);
  });
  const reader = busReader(writer.bytes(), 0, true);
  return types.map((type) => reader.read(type));
}

describe('marshalling', () => {
  it('gives back what it wrote, with alignment', () => {
    expect(roundTrip('ysubo', 7, 'grüße', 42, true, '/a/b')).toEqual([7, 'grüße', 42, true, '/a/b']);
    expect(roundTrip('yasau', 1, ['a', 'bc'], [1, 2, 3])).toEqual([1, ['a', 'bc'], [1, 2, 3]]);
    const properties = [
      ['PIDs', { signature: 'au', value: [1, 2] }],
      ['Description', { signature: 's', value: 'x' }],
    ];
    expect(roundTrip('sa(sv)a(sa(sv))', 'n', properties, [])).toEqual([
      'n',
      [
        ['PIDs', [1, 2]],
        ['Description', 'x'],
      ],
      [],
    ]);
  });

  it('reads 64-bit numbers, the largest as infinity, and maps', () => {
    const bytes = Buffer.alloc(16);
    bytes.writeBigUInt64LE(1_795_225_288_000_000n, 0);
    bytes.writeBigUInt64LE(0xffff_ffff_ffff_ffffn, 8);
    const reader = busReader(bytes, 0, true);
    const [type] = parseSignature('t');
    expect(type && [reader.read(type), reader.read(type)]).toEqual([1_795_225_288_000_000, Infinity]);
  });

  it('reads of a dictionary only what is wanted, and passes over everything else', () => {
    const values: readonly (readonly [string, unknown])[] = [
      ['y', 7],
      ['b', true],
      ['u', 42],
      ['s', 'grüße'],
      ['o', '/a/b'],
      ['g', 'a{sv}'],
      ['as', ['a', 'bc']],
      ['as', []],
      ['(sbu)', ['x', false, 3]],
      ['a(ss)', [['a', 'b']]],
      ['v', { signature: 's', value: 'inner' }],
      ['a(sv)', [['k', { signature: 'u', value: 9 }]]],
    ];
    // Every value once before and once after every other one, so that each is passed over at each alignment.
    const entries = values.flatMap((one) => values.map((other) => [one, other] as const)).flat();
    const writer = busWriter();
    const [written] = parseSignature('a(sv)');
    const [read] = parseSignature('a{sv}');
    if (written === undefined || read === undefined) throw new Error('a signature without a type');
    // Entries and structs are laid out alike.
    writer.write(
      written,
      entries.map(([signature, value], at) => [`k${at}`, { signature, value }]),
    );
    const all = busReader(writer.bytes(), 0, true).read(read) as Record<string, unknown>;
    expect(Object.keys(all)).toHaveLength(entries.length);
    for (const step of [1, 2, 3, 7]) {
      const wanted = new Set(Object.keys(all).filter((_, at) => at % step === 0));
      const reader = busReader(writer.bytes(), 0, true);
      expect(reader.read(read, wanted)).toEqual(
        Object.fromEntries(Object.entries(all).filter(([name]) => wanted.has(name))),
      );
      expect(reader.at).toBe(writer.bytes().length);
    }
  });

  it('reads big-endian messages', () => {
    const bytes = Buffer.from([0, 0, 0, 42, 0, 0, 0, 2, 0x68, 0x69, 0]);
    const reader = busReader(bytes, 0, false);
    expect(parseSignature('us').map((type) => reader.read(type))).toEqual([42, 'hi']);
  });

  it('refuses signatures that are none and lengths that lie', () => {
    expect(() => parseSignature('a{sv')).toThrow('not valid');
    expect(() => parseSignature('z')).toThrow('not valid');
    const reader = busReader(Buffer.from([255, 255, 0, 0]), 0, true);
    const [text] = parseSignature('s');
    expect(() => text && reader.read(text)).toThrow('longer inside');
    expect(() => messageLength(Buffer.alloc(16, 'x'))).toThrow('no D-Bus message');
  });

  it('encodes a call that decodes again', () => {
    const call = encodeCall(
      {
        destination: 'org.x',
        path: '/x',
        interface: 'org.x.I',
        member: 'Do',
        signature: 'ss',
        arguments: ['a', 'b'],
      },
      9,
    );
    expect(messageLength(call)).toBe(call.length);
    expect(messageLength(call.subarray(0, 10))).toBeUndefined();
    const message = decodeMessage(call);
    expect(message).toMatchObject({
      type: 'call',
      serial: 9,
      path: '/x',
      interface: 'org.x.I',
      member: 'Do',
    });
    expect(message.body()).toEqual(['a', 'b']);
  });
});

describe('a connection', () => {
  let folder: string;
  let path: string;
  let server: Server;
  let open: BusConnection | undefined;
  const sockets = new Set<Socket>();

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'watcher-dbus-'));
    path = join(folder, 'bus');
  });
  afterEach(() => {
    open?.close();
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  });

  /**
   * A peer that greets as systemd does, and answers every call by `answer`. What it reads together with BEGIN once the greeting is
   * out stays in its buffer until more comes.
   */
  async function peer(
    answer: (serial: number, member: string, socket: Socket) => void,
    greeting = 'OK 1234deadbeef',
  ): Promise<void> {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      let bytes = Buffer.alloc(0);
      let greeted = false;
      let begun = false;
      socket.on('data', (chunk) => {
        bytes = Buffer.concat([bytes, chunk]);
        if (!greeted && /^\0AUTH EXTERNAL \w+\r\n/.test(bytes.toString('latin1'))) {
          greeted = true;
          socket.write(`${greeting}\r\n`);
        }
        if (!begun) {
          const begin = bytes.indexOf('BEGIN\r\n');
          if (begin < 0) return;
          begun = true;
          bytes = bytes.subarray(begin + 7);
          return;
        }
        for (
          let length = messageLength(bytes);
          length !== undefined && bytes.length >= length;
          length = messageLength(bytes)
        ) {
          const message = decodeMessage(bytes.subarray(0, length));
          bytes = bytes.subarray(length);
          answer(message.serial, message.member ?? '', socket);
        }
      });
    });
    server.listen(path);
    await once(server, 'listening');
  }

  /** A reply, an error or a signal, little-endian. */
  function message(
    type: number,
    fields: readonly (readonly [number, string, unknown])[],
    signature = '',
    ...body: readonly unknown[]
  ): Buffer {
    const content = busWriter();
    parseSignature(signature).forEach((kind, index) => {
      content.write(kind, body[index]);
    });
    const header = busWriter();
    const all = signature === '' ? fields : [...fields, [8, 'g', signature] as const];
    const values = [
      0x6c,
      type,
      0,
      1,
      content.bytes().length,
      77,
      all.map(([code, kind, value]) => [code, { signature: kind, value }]),
    ];
    parseSignature('yyyyuua(yv)').forEach((kind, index) => {
      header.write(kind, values[index]);
    });
    header.pad(8);
    return Buffer.concat([header.bytes(), content.bytes()]);
  }

  const call = { destination: 'org.x', path: '/x', interface: 'org.x.I', member: 'Do' };

  it('greets a bus, calls, hears signals, and takes answers in pieces', async () => {
    await peer((serial, member, socket) => {
      if (member === 'Hello') return void socket.write(message(2, [[5, 'u', serial]], 's', ':1.1'));
      const bytes = Buffer.concat([
        message(
          4,
          [
            [1, 'o', '/x'],
            [2, 's', 'org.x.I'],
            [3, 's', 'Changed'],
          ],
          's',
          'now',
        ),
        message(2, [[5, 'u', serial]], 'as', ['one', 'two']),
      ]);
      for (let at = 0; at < bytes.length; at += 7) socket.write(bytes.subarray(at, at + 7));
    });
    const opened = await openBus({ path, bus: true }, 2_000);
    expect(opened.ok).toBe(true);
    open = opened.ok ? opened.connection : undefined;
    const signals: unknown[] = [];
    open?.onSignal((signal) => signals.push([signal.member, ...signal.body()]));
    expect(await open?.call(call, 2_000)).toMatchObject({ ok: true, body: [['one', 'two']] });
    expect(signals).toEqual([['Changed', 'now']]);
  });

  it('names errors, deadlines and the end of the connection', async () => {
    await peer((serial, _, socket) => {
      if (serial === 1)
        socket.write(
          message(
            3,
            [
              [5, 'u', serial],
              [4, 's', 'org.freedesktop.systemd1.NoSuchUnit'],
            ],
            's',
            'Unit x not found.',
          ),
        );
      if (serial === 3) socket.end();
    });
    const opened = await openBus({ path, bus: false }, 2_000);
    open = opened.ok ? opened.connection : undefined;
    expect(await open?.call(call, 2_000)).toEqual({
      ok: false,
      error: 'NoSuchUnit',
      reason: 'Unit x not found.',
    });
    expect(await open?.call(call, 30)).toMatchObject({ ok: false, error: 'NoReply' });
    let closed = '';
    open?.onClose((reason) => {
      closed = reason;
    });
    expect(await open?.call(call, 2_000)).toMatchObject({ ok: false, error: 'Disconnected' });
    expect(closed).toContain('closed');
    expect(await open?.call(call, 2_000)).toMatchObject({ ok: false, error: 'Disconnected' });
  });

  it('says why it could not be opened', async () => {
    expect(await openBus({ path: join(folder, 'none'), bus: true }, 500)).toMatchObject({
      ok: false,
      code: 'ENOENT',
    });
    await peer(() => undefined, 'REJECTED EXTERNAL');
    expect(await openBus({ path, bus: true }, 500)).toMatchObject({ ok: false, code: 'EACCES' });
  });

  it('does not wait for a bus that never answers', async () => {
    await peer(() => undefined);
    expect(await openBus({ path, bus: true }, 50)).toMatchObject({ ok: false });
  });

  it('ends on garbage instead of guessing', async () => {
    await peer((_, __, socket) => void socket.write(Buffer.alloc(64, 'x')));
    const opened = await openBus({ path, bus: false }, 2_000);
    open = opened.ok ? opened.connection : undefined;
    expect(await open?.call(call, 2_000)).toMatchObject({
      ok: false,
      reason: 'what came is no D-Bus message',
    });
  });
});
