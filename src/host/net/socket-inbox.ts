import type { Socket } from 'node:net';
import type { SocketTurn } from '../sockets.ts';
import type { Deadline } from '../time/deadline.ts';

type Expected = Extract<SocketTurn, { readonly expect: unknown }>['expect'];

export interface Wish {
  readonly expect: Expected;
  readonly unless?: RegExp;
  readonly maxBytes?: number;
  /** Bytes at most where the turn does not say. */
  readonly most: number;
  readonly deadline: Deadline;
}

export interface Inbox {
  /** `matched`, `refused`, `full`, `ended`, `timed-out`, `aborted` or the code of an error. */
  until(wish: Wish): Promise<string>;
  /** What came and was not matched yet. */
  unread(): string;
  /** Stops listening; everything that came. */
  close(): Buffer;
}

/** Collects what comes on a socket from now on; nothing is read from the network unless somebody waits for it. */
export function openInbox(socket: Socket): Inbox {
  const chunks: Buffer[] = [];
  let text = '';
  let ended: string | undefined;
  let look = () => {};
  const onData = (chunk: Buffer) => {
    chunks.push(chunk);
    // Latin-1 keeps bytes and characters in step, so that half a character never spoils a match.
    text += chunk.toString('latin1');
    look();
  };
  const onEnd = () => {
    ended ??= 'ended';
    look();
  };
  const onError = (error: NodeJS.ErrnoException) => {
    ended = error.code ?? 'UNKNOWN';
    look();
  };
  socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError);
  socket.pause();
  return {
    unread: () => Buffer.from(text, 'latin1').toString('utf8'),
    close() {
      socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError);
      return Buffer.concat(chunks);
    },
    until({ expect, unless, maxBytes, most, deadline }) {
      socket.resume();
      return new Promise((resolve) => {
        let stop = () => {};
        const done = (how: string) => {
          stop();
          look = () => {};
          socket.pause();
          resolve(how);
        };
        look = () => {
          const at = endOfMatch(text, expect);
          if (at !== undefined) {
            text = text.slice(at);
            done('matched');
          } else if (unless !== undefined && endOfMatch(text, unless) !== undefined) done('refused');
          else if (text.length >= (maxBytes ?? most)) done('full');
          else if (ended !== undefined) done(ended);
        };
        stop = deadline.whenOver(done);
        if (deadline.over() === undefined) look();
      });
    },
  };
}

function endOfMatch(text: string, wanted: Expected): number | undefined {
  if (typeof wanted === 'string') {
    const bytes = Buffer.from(wanted, 'utf8').toString('latin1');
    const at = text.indexOf(bytes);
    return at < 0 ? undefined : at + bytes.length;
  }
  if (!(wanted instanceof RegExp)) return wanted.end(text);
  const plain = new RegExp(wanted.source, wanted.flags.replace(/[gy]/g, ''));
  const match = plain.exec(text);
  return match === null ? undefined : match.index + match[0].length;
}
