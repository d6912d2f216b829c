import { formatDuration } from '../../lib/duration.ts';
import { formatSize } from '../../lib/size.ts';

/** How far an exchange had come. Times in milliseconds from its start. */
export interface Progress {
  readonly where: string;
  readonly connectMs: number;
  readonly status: number | undefined;
  readonly firstByte: number | undefined;
  /** Bytes of the body so far. */
  readonly received: number;
}

/** A deadline of `limitMs` passed: says what had been reached by then. */
export function lateReason(progress: Progress, limitMs: number): string {
  const within = formatDuration(limitMs);
  return progress.status === undefined
    ? `${connected(progress)}, but no answer within ${within}`
    : `${answered(progress)}, but the body did not end within ${within} (${formatSize(progress.received)} came)`;
}

/** The connection broke, or what came is not HTTP. Codes of undici (docs/api/Errors.md) and of llhttp (`HPE_…`). */
export function brokenReason(progress: Progress, error: NodeJS.ErrnoException): string {
  const code = brokenCode(error);
  const before = progress.status === undefined ? connected(progress) : answered(progress);
  switch (code) {
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
    case 'EPIPE':
      return progress.status === undefined
        ? `${before}, but it closed the connection without an answer`
        : `${before}, but the connection broke after ${formatSize(progress.received)} of the body`;
    case 'UND_ERR_HEADERS_OVERFLOW':
    case 'HPE_HEADER_OVERFLOW':
      return `${before}, but the headers of the answer are too large`;
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return `${before}, but the body has not the length that the headers say`;
    case 'UND_ERR_INVALID_ARG':
    case 'UND_ERR_NOT_SUPPORTED':
    case 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH':
      return `the request cannot be sent: ${error.message}; mend its method, path or headers`;
    default:
      return error.name === 'HTTPParserError'
        ? `${before}, but what came back is not HTTP (${code})`
        : `${before}, but the exchange failed: ${error.message} (${code})`;
  }
}

/** undici's parser leaves the code out where the very first bytes are not HTTP. */
export function brokenCode(error: NodeJS.ErrnoException): string {
  return error.code ?? (error.name === 'HTTPParserError' ? 'HPE_INVALID' : 'UNKNOWN');
}

function connected({ where, connectMs }: Progress): string {
  return `connected to ${where} in ${formatDuration(connectMs)}`;
}

function answered({ where, status, firstByte }: Progress): string {
  return `${where} answered ${status} after ${formatDuration(firstByte ?? 0)}`;
}
