import { statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { BusAddress, BusConnection, BusOutcome, BusReply, Dbus } from '../dbus.ts';
import { type BusCall, type BusMessage, decodeMessage, encodeCall, messageLength } from './message.ts';

const busCall = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
};

/**
 * Opens a connection and introduces itself (SASL EXTERNAL with the own user number, D-Bus Specification 0.42,
 * "Authentication Protocol"); on a bus it also says Hello, without which a bus hangs up.
 */
export function openBus(address: BusAddress, timeoutMs: number): Promise<BusOutcome> {
  if (isMissing(address.path)) {
    const reason = `D-Bus at ${address.path}: there is no such socket`;
    return Promise.resolve({ ok: false, code: 'ENOENT', reason });
  }
  return new Promise((resolve) => {
    const socket = connect({ path: address.path });
    const refuse = (code: string, reason: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ok: false, code, reason: `D-Bus at ${address.path}: ${reason}` });
    };
    const timer = setTimeout(() => refuse('ETIMEDOUT', 'no answer in time'), timeoutMs);
    socket.once('error', (error: NodeJS.ErrnoException) => refuse(error.code ?? 'ERROR', error.message));
    socket.once('close', () => refuse('EPIPE', 'it hung up during the greeting'));
    socket.once('connect', () => {
      const uid = Buffer.from(String(process.getuid?.() ?? 0)).toString('hex');
      // All at once: systemd leaves a message alone that it happens to read together with BEGIN, until another one comes.
      socket.write(`\0AUTH EXTERNAL ${uid}\r\nBEGIN\r\n`);
    });
    let greeting = Buffer.alloc(0);
    const onGreeting = (chunk: Buffer) => {
      greeting = Buffer.concat([greeting, chunk]);
      const end = greeting.indexOf('\r\n');
      if (end < 0) {
        if (greeting.length > 4096) refuse('EPROTO', 'what answers does not speak D-Bus');
        return;
      }
      const line = greeting.toString('latin1', 0, end);
      socket.off('data', onGreeting);
      if (!line.startsWith('OK')) return refuse('EACCES', `it refused this user (${line})`);
      socket.removeAllListeners('error');
      socket.removeAllListeners('close');
      const connection = serve(socket, greeting.subarray(end + 2));
      if (!address.bus) {
        clearTimeout(timer);
        return resolve({ ok: true, connection });
      }
      connection.call({ ...busCall, member: 'Hello' }, timeoutMs).then(
        (reply) => {
          clearTimeout(timer);
          if (reply.ok) return resolve({ ok: true, connection });
          connection.close();
          resolve({ ok: false, code: reply.error, reason: `D-Bus at ${address.path}: ${reply.reason}` });
        },
        () => {},
      );
    };
    socket.on('data', onGreeting);
  });
}

/** Repairs wait for this where there is no systemd: looking costs a tenth of a connection that fails. */
function isMissing(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    // Connecting says best what is wrong.
    return false;
  }
}

interface Waiting {
  readonly answer: (reply: BusReply) => void;
  readonly timer: NodeJS.Timeout;
  readonly entries: ReadonlySet<string> | undefined;
}

function serve(socket: Socket, first: Buffer): BusConnection {
  const waiting = new Map<number, Waiting>();
  const listeners = new Set<(signal: BusMessage) => void>();
  const closers = new Set<(reason: string) => void>();
  let serial = 0;
  let gone: string | undefined;
  let chunks: Buffer[] = [];
  let received = 0;
  let needed = 16;

  function end(reason: string): void {
    if (gone !== undefined) return;
    gone = reason;
    socket.destroy();
    for (const { answer, timer } of waiting.values()) {
      clearTimeout(timer);
      answer({ ok: false, error: 'Disconnected', reason });
    }
    waiting.clear();
    for (const closer of closers) closer(reason);
  }

  /** Bytes are joined only once a whole message is there: a large reply comes in many pieces. */
  function take(chunk: Buffer): void {
    chunks.push(chunk);
    received += chunk.length;
    if (received < needed) return;
    let bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks, received);
    try {
      for (;;) {
        const length = messageLength(bytes);
        needed = length ?? 16;
        if (length === undefined || bytes.length < length) break;
        handle(decodeMessage(bytes.subarray(0, length)));
        bytes = bytes.subarray(length);
      }
    } catch (error) {
      end(error instanceof Error ? error.message : String(error));
      return;
    }
    chunks = bytes.length === 0 ? [] : [bytes];
    received = bytes.length;
  }

  function handle(message: BusMessage): void {
    if (message.type === 'signal') {
      for (const listener of listeners) listener(message);
      return;
    }
    const waiter = waiting.get(message.replySerial ?? 0);
    if (waiter === undefined) return;
    waiting.delete(message.replySerial ?? 0);
    clearTimeout(waiter.timer);
    const body = message.body(waiter.entries);
    if (message.type === 'return') {
      waiter.answer({ ok: true, body, serial: message.serial });
      return;
    }
    const name = message.errorName ?? 'Error';
    const reason = typeof body[0] === 'string' ? body[0] : name;
    waiter.answer({ ok: false, error: name.slice(name.lastIndexOf('.') + 1), reason });
  }

  function call(request: BusCall, timeoutMs: number): Promise<BusReply> {
    const reason = gone;
    if (reason !== undefined) return Promise.resolve({ ok: false, error: 'Disconnected', reason });
    serial = (serial % 0xffff_fffe) + 1;
    const mine = serial;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        waiting.delete(mine);
        const waited = `no answer to ${request.member} within ${timeoutMs} ms`;
        resolve({ ok: false, error: 'NoReply', reason: waited });
      }, timeoutMs);
      waiting.set(mine, { answer: resolve, timer, entries: request.entries });
      socket.write(encodeCall(request, mine));
    });
  }

  socket.on('data', take);
  socket.on('error', (error) => end(error.message));
  // At once, and not only when the socket is closed: whoever hears of something else in the same moment knows of it.
  socket.on('end', () => end('the connection was closed by the other side'));
  socket.on('close', () => end('the connection was closed by the other side'));
  if (first.length > 0) take(first);
  return {
    call,
    onSignal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onClose(listener) {
      if (gone === undefined) closers.add(listener);
      else listener(gone);
    },
    close: () => end('closed'),
  };
}

/** The real buses of this machine. */
export function createDbus(): Dbus {
  const opened = new Map<string, Set<BusConnection>>();
  return {
    async open(address, timeoutMs) {
      const outcome = await openBus(address, timeoutMs);
      if (!outcome.ok) return outcome;
      const { connection } = outcome;
      const others = opened.get(address.path) ?? new Set();
      opened.set(address.path, others.add(connection));
      connection.onClose(() => others.delete(connection));
      return outcome;
    },
    opened: (path) => opened.get(path)?.values().next().value,
  };
}
