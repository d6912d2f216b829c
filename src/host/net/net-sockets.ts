import type { SocketOutcome, Sockets, SocketTarget, SocketTurn } from '../sockets.ts';
import { exchangeDatagram } from './datagram.ts';
import { createNameLookup, type LookUpName } from './name-lookup.ts';
import { openConnection } from './open-connection.ts';
import { followScript } from './socket-script.ts';
import type { TlsOrder } from './start-tls.ts';

/** Real sockets: TCP and unix streams (with TLS where asked) and UDP. */
export function createSockets(lookUp: LookUpName = createNameLookup()): Sockets {
  return {
    connect: (target, timeoutMs, signal) => converse(lookUp, target, [], timeoutMs, signal),
    converse: (...given) => converse(lookUp, ...given),
    exchange: (...given) => exchangeDatagram(lookUp, ...given),
  };
}

async function converse(
  lookUp: LookUpName,
  target: SocketTarget,
  script: readonly SocketTurn[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<SocketOutcome> {
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  const order = tlsOrder(target);
  const secured = 'host' in target && target.tls === true ? { tls: order } : {};
  const opened = await openConnection({ target, timeoutMs, signal, ...secured }, lookUp);
  const { connect } = opened.marks;
  if (!opened.ok) {
    const { phase, code, reason } = opened;
    return { ok: false, phase, code, reason, totalMs: elapsed(), ...(connect ? { connectMs: connect } : {}) };
  }
  const connectMs = connect ?? 0;
  const result = await followScript(opened.socket, script, {
    target,
    tls: order,
    timeoutMs: Math.max(0, timeoutMs - elapsed()),
    limitMs: timeoutMs,
    connectMs,
    signal,
  });
  const totalMs = elapsed();
  const received = result.bytes.toString('utf8');
  if (result.failure !== undefined) return { ok: false, ...result.failure, received, connectMs, totalMs };
  const address = opened.address === undefined ? {} : { address: opened.address };
  return { ok: true, connectMs, totalMs, received, bytes: result.bytes, ...address };
}

function tlsOrder(target: SocketTarget): TlsOrder {
  if ('path' in target) return { verify: true };
  return { verify: target.verify !== false, ca: target.ca, serverName: target.serverName };
}
