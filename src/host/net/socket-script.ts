import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { formatDuration } from '../../lib/duration.ts';
import type { SocketTarget, SocketTurn } from '../sockets.ts';
import { type Deadline, type Over, startDeadline } from '../time/deadline.ts';
import { placeOf, timeoutReason } from './connection-reason.ts';
import { openInbox } from './socket-inbox.ts';
import { startTls, type TlsOrder } from './start-tls.ts';

interface Talk {
  readonly target: SocketTarget;
  readonly tls: TlsOrder;
  /** What is left of the time, and the whole of it for messages. */
  readonly timeoutMs: number;
  readonly limitMs: number;
  readonly connectMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called once TLS has begun, with OpenSSL's code when the certificate is not trusted (and need not be). */
  readonly onSecure?: (socket: TLSSocket, distrust: string | undefined) => void;
}

interface ScriptResult {
  /** Everything that came. */
  readonly bytes: Buffer;
  readonly failure?: {
    readonly phase: 'tls' | 'send' | 'expect' | 'aborted';
    readonly code: string;
    readonly reason: string;
  };
}

type Failure = NonNullable<ScriptResult['failure']>;

/** Most bytes of one answer unless the turn says otherwise: a server that pours must not fill the memory. */
const MOST_BYTES = 64 * 1024;

/** Takes the turns of a script on an open socket and ends the socket, whatever happens. */
export async function followScript(
  first: Socket,
  script: readonly SocketTurn[],
  talk: Talk,
): Promise<ScriptResult> {
  const where = placeOf(talk.target);
  const before = `connected to ${where} in ${formatDuration(talk.connectMs)}`;
  const deadline = startDeadline(talk.timeoutMs, talk.signal);
  const over = (why: Over, phase: 'send' | 'expect', what: string): Failure =>
    why === 'aborted'
      ? { phase: 'aborted', code: 'ABORTED', reason: `${where}: the look was called off` }
      : { phase, code: 'TIMEOUT', reason: `${before}, but ${what} within ${formatDuration(talk.limitMs)}` };

  let socket = first;
  let inbox = openInbox(socket);
  const earlier: Buffer[] = [];
  try {
    for (const turn of script) {
      if ('send' in turn) {
        const sent = await send(socket, turn.send, deadline);
        if (sent === 'timed-out' || sent === 'aborted') {
          return end(over(sent, 'send', 'it took nothing in'));
        }
        if (sent !== undefined) {
          const reason = `${before}, but the connection broke while sending (${sent})`;
          return end({ phase: 'send', code: sent, reason });
        }
      } else if ('startTls' in turn) {
        earlier.push(inbox.close());
        const host = 'host' in talk.target ? talk.target.host : 'localhost';
        const secured = await startTls(socket, { where, host, order: talk.tls }, deadline);
        if (secured === 'aborted') return end(over(secured, 'send', ''));
        if (secured === 'timed-out') {
          const reason = timeoutReason('tls', where, talk.limitMs, talk.connectMs);
          return end({ phase: 'tls', code: 'TIMEOUT', reason });
        }
        if (!secured.ok) return end({ phase: 'tls', code: secured.code, reason: secured.reason });
        socket = secured.socket;
        talk.onSecure?.(secured.socket, secured.distrust);
        inbox = openInbox(socket);
      } else {
        const failure = await expectTurn(turn);
        if (failure !== undefined) return end(failure);
      }
    }
    return end();
  } finally {
    deadline.clear();
    socket.destroy();
    first.destroy();
  }

  function end(failure?: Failure): ScriptResult {
    const bytes = Buffer.concat([...earlier, inbox.close()]);
    return failure === undefined ? { bytes } : { bytes, failure };
  }

  async function expectTurn(turn: Extract<SocketTurn, { expect: unknown }>): Promise<Failure | undefined> {
    const got = await inbox.until({ most: MOST_BYTES, ...turn, deadline });
    if (got === 'matched') return undefined;
    const wanted = `'${printable(typeof turn.expect === 'string' ? turn.expect : turn.expect.source)}'`;
    const rest = inbox.unread();
    const sent = rest === '' ? 'nothing' : `'${excerpt(rest)}'`;
    if (got === 'timed-out' || got === 'aborted') {
      const what = rest === '' ? 'no answer' : `only ${sent} came, and not ${wanted},`;
      return over(got, 'expect', what);
    }
    if (got === 'full' || got === 'refused') {
      return { phase: 'expect', code: 'MISMATCH', reason: `${before}: expected ${wanted}, got ${sent}` };
    }
    const reason = `${before}, but it closed the connection: expected ${wanted}, got ${sent}`;
    return { phase: 'expect', code: got === 'ended' ? 'CLOSED' : got, reason };
  }
}

/** Resolves to the reason why nothing could be sent, or to nothing. */
function send(socket: Socket, data: string | Uint8Array, deadline: Deadline): Promise<string | undefined> {
  return new Promise((resolve) => {
    const stop = deadline.whenOver(resolve);
    socket.write(data, (error) => {
      stop();
      resolve(error ? ((error as NodeJS.ErrnoException).code ?? 'UNKNOWN') : undefined);
    });
  });
}

/** One line of at most 80 characters, what cannot be printed as dots. */
function excerpt(text: string): string {
  const line = printable(text.trim());
  return line.length <= 80 ? line : `${line.slice(0, 79)}…`;
}

function printable(text: string): string {
  return text.replace(/\r?\n/g, '\\n').replace(/\p{C}/gu, '.');
}
