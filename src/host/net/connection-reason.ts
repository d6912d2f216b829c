import { formatDuration } from '../../lib/duration.ts';

/** Address of a stream for people: `127.0.0.1:80`, `[::1]:80`, `/run/x.sock`. */
export function placeOf(
  target: { readonly host: string; readonly port: number } | { readonly path: string },
): string {
  if ('path' in target) return target.path;
  return target.host.includes(':') ? `[${target.host}]:${target.port}` : `${target.host}:${target.port}`;
}

/** Why a name has no address, from the codes of getaddrinfo(3) and of c-ares. */
export function lookupReason(host: string, code: string): string {
  switch (code) {
    case 'ENOTFOUND':
    case 'ENODATA':
    case 'EAI_NONAME':
    case 'EAI_NODATA':
      return `no address is known for '${host}' (${code})`;
    case 'EAI_AGAIN':
    case 'ETIMEOUT':
    case 'ESERVFAIL':
    case 'EREFUSED':
      return `the name server could not say the address of '${host}' (${code})`;
    default:
      return `cannot look up '${host}' (${code})`;
  }
}

/** Why there is no connection, from the codes of connect(2). `where` as `placeOf` gives it. */
export function connectReason(where: string, code: string, tried: readonly string[] = []): string {
  const also = tried.length > 1 ? ` (tried ${tried.join(' and ')})` : '';
  switch (code) {
    case 'ECONNREFUSED':
      return `connection to ${where} refused: nothing listens there${also}`;
    case 'ENOENT':
      return `no such socket: ${where}`;
    case 'EACCES':
    case 'EPERM':
      return `no permission to connect to ${where}: the watcher's user must be allowed to, or a firewall forbids it`;
    case 'ETIMEDOUT':
      return `no connection to ${where}: it did not answer${also}`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return `no way to ${where} from this machine (${code})${also}`;
    case 'ENOTSOCK':
    case 'EPROTOTYPE':
      return `${where} is not a stream socket`;
    case 'EMFILE':
    case 'ENFILE':
      return `the watcher has no free file descriptors to connect to ${where} (${code})`;
    default:
      return `cannot connect to ${where} (${code})${also}`;
  }
}

/** Why the TLS handshake ended, from the codes of OpenSSL as Node gives them. */
export function handshakeReason(where: string, code: string, message: string): string {
  switch (code) {
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
    case 'ERR_SSL_HTTP_REQUEST':
      return `connected to ${where}, but it does not speak TLS there`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `connected to ${where}, but it closed the connection during the TLS handshake`;
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
    case 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION':
      return `connected to ${where}, but it offers only outdated versions of TLS (${code})`;
    default:
      return `connected to ${where}, but the TLS handshake failed: ${sslMessage(message)} (${code})`;
  }
}

/** OpenSSL's messages carry source places (`error:0A000410:SSL routines::sslv3 alert handshake failure:../x.c:1:`). */
function sslMessage(message: string): string {
  const parts = /error:[0-9A-F]+:[^:]*:[^:]*:([^:]+)/.exec(message);
  return (parts?.[1] ?? message.split('\n')[0] ?? '').trim();
}

/** `within 2 s` for a deadline that passed, for the phase it passed in. */
export function timeoutReason(
  phase: 'dns' | 'connect' | 'tls',
  where: string,
  limitMs: number,
  connectMs?: number,
): string {
  const within = `within ${formatDuration(limitMs)}`;
  if (phase === 'dns') return `no answer about the address of ${where} ${within}`;
  if (phase === 'connect') return `no connection to ${where} ${within}`;
  const after = connectMs === undefined ? '' : ` in ${formatDuration(connectMs)}`;
  return `connected to ${where}${after}, but the TLS handshake did not end ${within}`;
}
