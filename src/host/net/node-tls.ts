import type { TLSSocket } from 'node:tls';
import type { Tls, TlsOutcome, TlsTarget } from '../tls.ts';
import { distrustSentence, readCertificate } from './certificate.ts';
import { placeOf } from './connection-reason.ts';
import { createNameLookup, type LookUpName } from './name-lookup.ts';
import { openConnection } from './open-connection.ts';
import { followScript } from './socket-script.ts';
import { starttlsScripts } from './starttls-scripts.ts';

/** Real TLS inspection: shakes hands without trusting, so that a bad certificate can still be read and explained. */
export function createTls(lookUp: LookUpName = createNameLookup()): Tls {
  return {
    inspect: (target, timeoutMs, signal) =>
      target.starttls === undefined
        ? inspectAtOnce(lookUp, target, timeoutMs, signal)
        : inspectLater(lookUp, target, starttlsScripts[target.starttls], timeoutMs, signal),
  };
}

const unverified = ({ ca, serverName }: TlsTarget) => ({ verify: false, ca, serverName });

async function inspectAtOnce(
  lookUp: LookUpName,
  target: TlsTarget,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<TlsOutcome> {
  const opened = await openConnection(
    { target: bare(target), tls: unverified(target), timeoutMs, signal },
    lookUp,
  );
  if (!opened.ok) {
    const { phase, code, reason } = opened;
    return { ok: false, phase, code, reason };
  }
  try {
    const { tls = 0, connect = 0 } = opened.marks;
    return describe(target, opened.secure, opened.distrust, tls - connect);
  } finally {
    opened.socket.destroy();
  }
}

async function inspectLater(
  lookUp: LookUpName,
  target: TlsTarget,
  script: (typeof starttlsScripts)['smtp'],
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<TlsOutcome> {
  const opened = await openConnection({ target: bare(target), timeoutMs, signal }, lookUp);
  if (!opened.ok) {
    const { phase, code, reason } = opened;
    return { ok: false, phase, code, reason };
  }
  const startedAt = performance.now();
  const connectMs = opened.marks.connect ?? 0;
  let seen: TlsOutcome | undefined;
  const { failure } = await followScript(opened.socket, [...script, { startTls: true }], {
    target: bare(target),
    tls: unverified(target),
    timeoutMs: Math.max(0, timeoutMs - connectMs),
    limitMs: timeoutMs,
    connectMs,
    signal,
    onSecure: (socket, distrust) => {
      seen = describe(target, socket, distrust, performance.now() - startedAt);
    },
  });
  if (seen !== undefined) return seen;
  const { code = 'UNKNOWN', reason = 'there was no TLS' } = failure ?? {};
  return { ok: false, phase: failure?.phase === 'aborted' ? 'aborted' : 'tls', code, reason };
}

function bare({ host, port }: TlsTarget): { readonly host: string; readonly port: number } {
  return { host, port };
}

function describe(
  target: TlsTarget,
  socket: TLSSocket | undefined,
  distrust: string | undefined,
  handshakeMs: number,
): TlsOutcome {
  const certificate = socket === undefined ? undefined : readCertificate(socket);
  if (socket === undefined || certificate === undefined) {
    const reason = `connected to ${placeOf(target)}, but it showed no certificate`;
    return { ok: false, phase: 'tls', code: 'NO_CERTIFICATE', reason };
  }
  const name = target.serverName ?? target.host;
  return {
    ok: true,
    ...certificate,
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().name,
    handshakeMs,
    ...(distrust === undefined ? {} : { distrust: distrustSentence(distrust, certificate, name) }),
  };
}
