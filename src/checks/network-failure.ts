import type { ProbeResult } from '../model/reading.ts';

/** What the host's network interfaces say when something went wrong. */
interface NetworkFailure {
  readonly phase?: string;
  readonly code: string;
  readonly reason: string;
}

/**
 * Troubles of the watcher and not of what it looks at: descriptors, memory or ports used up, no permission, a request
 * that cannot be sent or certificates that cannot be read. They must never restart a healthy service.
 */
const OWN_TROUBLES = new Set([
  'ABORTED',
  'BAD_CERTIFICATE_FILE',
  'BAD_URL',
  'EACCES',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EPERM',
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UNREADABLE_FILE',
]);

/** `failed` for what the other side did or did not do, `unknown` for what keeps the watcher from looking. */
export function networkFailure(failure: NetworkFailure): ProbeResult {
  const own = OWN_TROUBLES.has(failure.code) || failure.phase === 'aborted';
  return { outcome: own ? 'unknown' : 'failed', reason: failure.reason };
}
