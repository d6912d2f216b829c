import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { Deadline, Over } from '../time/deadline.ts';
import { distrustSentence, readCertificate } from './certificate.ts';
import { handshakeReason } from './connection-reason.ts';

export interface TlsOrder {
  /** Refuse a certificate that is not trusted, before a byte of the exchange is sent. */
  readonly verify: boolean;
  /** Texts (PEM) of the authorities to trust instead of the known ones, of our certificate and of its key. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Asked for and verified instead of the host of the connection. */
  readonly serverName?: string | undefined;
  /** Application protocols to offer: `http/1.1` (RFC 7301). */
  readonly alpn?: readonly string[] | undefined;
}

export type Secured =
  | { readonly ok: true; readonly socket: TLSSocket; readonly distrust?: string }
  | { readonly ok: false; readonly phase: 'tls'; readonly code: string; readonly reason: string }
  | Over;

/**
 * Shakes hands on a connected stream. Always a full handshake: a resumed session would skip the certificate.
 * The chain is looked at here and not by Node, so that the reason can name what is wrong with the certificate.
 */
export function startTls(
  stream: Socket,
  about: { readonly where: string; readonly host: string; readonly order: TlsOrder },
  deadline: Deadline,
): Promise<Secured> {
  const { order, where } = about;
  const name = order.serverName ?? about.host;
  return new Promise((resolve) => {
    const fail = (code: string, reason: string) => {
      stop();
      stream.destroy();
      resolve({ ok: false, phase: 'tls', code, reason });
    };
    const stop = deadline.whenOver((over) => {
      stream.destroy();
      resolve(over);
    });
    if (deadline.over() !== undefined) return;
    let socket: TLSSocket;
    try {
      socket = connect({
        socket: stream,
        host: name,
        // A name, never an address (RFC 6066, section 3).
        ...(isIP(name) === 0 ? { servername: name } : {}),
        rejectUnauthorized: false,
        ...(order.ca === undefined ? {} : { ca: order.ca }),
        ...(order.cert === undefined ? {} : { cert: order.cert }),
        ...(order.key === undefined ? {} : { key: order.key }),
        ...(order.alpn === undefined ? {} : { ALPNProtocols: [...order.alpn] }),
      });
    } catch (error) {
      // Texts that are no certificates are found out here.
      fail('BAD_CERTIFICATE_FILE', `the given ca, cert or key cannot be used: ${messageOf(error)}`);
      return;
    }
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? 'UNKNOWN';
      fail(code, handshakeReason(where, code, error.message));
    });
    socket.once('secureConnect', () => {
      const distrust = socket.authorized ? undefined : String(socket.authorizationError);
      if (distrust !== undefined && order.verify) {
        const why = distrustSentence(distrust, readCertificate(socket), name);
        fail(distrust, `connected to ${where}, but ${why}`);
        return;
      }
      stop();
      resolve({ ok: true, socket, ...(distrust === undefined ? {} : { distrust }) });
    });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
