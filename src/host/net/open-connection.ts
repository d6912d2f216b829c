import { createConnection, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Deadline, type Over, startDeadline } from '../time/deadline.ts';
import { connectReason, lookupReason, placeOf, timeoutReason } from './connection-reason.ts';
import type { LookUpName, NameLookup, NetworkAddress } from './name-lookup.ts';
import { startTls, type TlsOrder } from './start-tls.ts';

export interface ConnectionOrder {
  readonly target:
    | { readonly host: string; readonly port: number; readonly family?: 4 | 6 | undefined }
    | { readonly path: string };
  readonly tls?: TlsOrder | undefined;
  /** For name, connection and TLS handshake together. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** When each phase ended, in milliseconds from the start. */
export interface ConnectionMarks {
  readonly dns?: number;
  readonly connect?: number;
  readonly tls?: number;
}

export interface ConnectionFailure {
  readonly ok: false;
  readonly phase: 'dns' | 'connect' | 'tls' | 'aborted';
  /** The system's or OpenSSL's code, `TIMEOUT` or `ABORTED`. */
  readonly code: string;
  readonly reason: string;
  readonly marks: ConnectionMarks;
}

export interface OpenConnection {
  readonly ok: true;
  readonly socket: Socket;
  /** The same socket when it speaks TLS. */
  readonly secure?: TLSSocket;
  /** OpenSSL's code when the certificate is not trusted and was not asked to be. */
  readonly distrust?: string;
  readonly address?: string;
  readonly marks: ConnectionMarks;
}

/**
 * Opens one fresh stream: looks the name up, tries all its addresses (both families, RFC 8305), shakes hands. Never
 * throws and never outlives its deadline. The caller ends the socket and gets its later errors.
 */
export async function openConnection(
  order: ConnectionOrder,
  lookUp: LookUpName,
): Promise<OpenConnection | ConnectionFailure> {
  const deadline = startDeadline(order.timeoutMs, order.signal);
  try {
    return await open(order, lookUp, deadline);
  } finally {
    deadline.clear();
  }
}

async function open(
  order: ConnectionOrder,
  lookUp: LookUpName,
  deadline: Deadline,
): Promise<OpenConnection | ConnectionFailure> {
  const { target } = order;
  const where = placeOf(target);
  const giveUp = (over: Over, phase: 'dns' | 'connect' | 'tls', marks: ConnectionMarks): ConnectionFailure =>
    over === 'aborted'
      ? { ok: false, phase: 'aborted', code: 'ABORTED', reason: `${where}: the look was called off`, marks }
      : {
          ok: false,
          phase,
          code: 'TIMEOUT',
          reason: timeoutReason(phase, where, deadline.limit, marks.connect),
          marks,
        };

  let marks: ConnectionMarks = {};
  let addresses: readonly NetworkAddress[] = [];
  if ('host' in target) {
    const found = await awaitLookup(lookUp(target.host, target.family), deadline);
    if (typeof found === 'string') return giveUp(found, 'dns', marks);
    if (!found.ok) {
      const reason = lookupReason(target.host, found.code);
      return { ok: false, phase: 'dns', code: found.code, reason, marks };
    }
    addresses = found.addresses;
    marks = { dns: deadline.elapsed() };
  }

  const connected = await connectSocket(target, addresses, deadline);
  if (typeof connected === 'string') return giveUp(connected, 'connect', marks);
  if ('code' in connected) {
    const reason = connectReason(where, connected.code, connected.tried);
    return { ok: false, phase: 'connect', code: connected.code, reason, marks };
  }
  const { socket } = connected;
  marks = { ...marks, connect: deadline.elapsed() };
  const address = socket.remoteAddress;
  const base = { ok: true, marks, ...(address === undefined ? {} : { address }) } as const;
  if (order.tls === undefined) return { ...base, socket };

  const host = 'host' in target ? target.host : 'localhost';
  const secured = await startTls(socket, { where, host, order: order.tls }, deadline);
  if (typeof secured === 'string') return giveUp(secured, 'tls', marks);
  if (!secured.ok) return { ...secured, marks };
  marks = { ...marks, tls: deadline.elapsed() };
  const distrust = secured.distrust === undefined ? {} : { distrust: secured.distrust };
  return { ...base, marks, socket: secured.socket, secure: secured.socket, ...distrust };
}

function awaitLookup(
  asked: NameLookup | Promise<NameLookup>,
  deadline: Deadline,
): Promise<NameLookup | Over> | NameLookup | Over {
  if (!(asked instanceof Promise)) return deadline.over() ?? asked;
  return new Promise((resolve) => {
    const stop = deadline.whenOver(resolve);
    void asked.then((found) => {
      stop();
      resolve(found);
    });
  });
}

type Connected =
  | { readonly socket: Socket }
  | { readonly code: string; readonly tried: readonly string[] }
  | Over;

/** The first attempt at each address but the last gets a fair share of the time, and never less than this. */
const SHORTEST_ATTEMPT = 250;

function connectSocket(
  target: ConnectionOrder['target'],
  addresses: readonly NetworkAddress[],
  deadline: Deadline,
): Promise<Connected> {
  return new Promise((resolve) => {
    const [first] = addresses;
    const socket =
      'path' in target
        ? createConnection({ path: target.path })
        : addresses.length === 1 && first !== undefined
          ? createConnection({ host: first.address, port: target.port, noDelay: true })
          : createConnection({
              host: target.host,
              port: target.port,
              noDelay: true,
              autoSelectFamily: true,
              autoSelectFamilyAttemptTimeout: Math.max(
                SHORTEST_ATTEMPT,
                Math.floor(deadline.limit / (addresses.length + 1)),
              ),
              lookup: (_host, _options, done) => done(null, [...addresses]),
            });
    const stop = deadline.whenOver((over) => {
      socket.destroy();
      resolve(over);
    });
    // Stays for the life of the socket: a reset after the exchange must not bring the agent down.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      stop();
      socket.destroy();
      resolve({ code: codeOf(error), tried: addresses.map((one) => one.address) });
    });
    socket.once('connect', () => {
      stop();
      resolve({ socket });
    });
  });
}

/** Of several failed addresses the refusal tells most: something answered for the host. */
function codeOf(error: NodeJS.ErrnoException): string {
  if (!(error instanceof AggregateError)) return error.code ?? 'UNKNOWN';
  const codes = error.errors.map((one: NodeJS.ErrnoException) => one.code ?? 'UNKNOWN');
  return codes.find((code) => code === 'ECONNREFUSED') ?? codes[0] ?? 'UNKNOWN';
}
