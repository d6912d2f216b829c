import type { Host } from '../host/host.ts';
import type { SocketOutcome, SocketTarget, SocketTurn } from '../host/sockets.ts';
import { otherHost } from '../lib/loopback.ts';
import { choice, either, flag, group, type HostPort, hostPort, path } from '../schema/fields.ts';
import { readTlsFiles, type TlsChoice, type TlsTexts, tlsOptions } from './tls-options.ts';

/** Where a check connects to: the same words in every kind that opens a stream. */
export function streamAddress(defaultPort?: number) {
  const standard = defaultPort === undefined ? '' : `; port ${defaultPort} if left out`;
  return either(
    [hostPort(defaultPort === undefined ? { summary: '' } : { summary: '', defaultPort }), path()],
    {
      summary: `\`host:port\`, a port of this machine, or the path of a unix socket${standard}.`,
    },
  );
}

/** How it connects. */
export const streamOptions = {
  secure: flag({ summary: 'Whether to speak TLS from the start.', default: false }),
  tls: group(tlsOptions, { summary: 'How certificates are treated.', default: {} }),
  family: choice(['any', '4', '6'], { summary: 'IP version to use.', default: 'any' }),
};

export interface StreamChoice {
  readonly address: HostPort | string;
  readonly secure: boolean;
  readonly tls: TlsChoice;
  readonly family: 'any' | '4' | '6';
}

interface StreamLook {
  readonly options: StreamChoice;
  readonly host: Host;
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** The other end's machine where it is not this one. */
export function streamTarget({ address }: Pick<StreamChoice, 'address'>): string | undefined {
  return typeof address === 'string' ? undefined : otherHost(address.host);
}

/** Connects as the options say and follows the script; files of certificates that cannot be read are a failure too. */
export async function converse(
  { options, host, timeout, signal }: StreamLook,
  script: readonly SocketTurn[],
): Promise<SocketOutcome | { readonly ok: false; readonly code: string; readonly reason: string }> {
  const starts = script.some((turn) => 'startTls' in turn);
  const files = options.secure || starts ? await readTlsFiles(options.tls, host.files) : undefined;
  if (files?.ok === false) return files;
  return host.sockets.converse(targetOf(options, files?.tls), script, timeout, signal);
}

function targetOf({ address, family, secure }: StreamChoice, tls: TlsTexts | undefined): SocketTarget {
  if (typeof address === 'string') return { path: address };
  return {
    ...address,
    ...(family === 'any' ? {} : { family: family === '4' ? 4 : 6 }),
    ...(tls === undefined ? {} : { ...tls, tls: secure }),
  };
}

/** Readings that every conversation has. */
export const streamReadings = {
  connected: { type: 'flag', meaning: 'Whether there was a connection.' },
  latency: { type: 'number', quantity: 'duration', meaning: 'Time until connected.', min: 0 },
  response_time: {
    type: 'number',
    quantity: 'duration',
    meaning: 'Time until the conversation was over.',
    min: 0,
  },
} as const;

/** The values of `streamReadings`. */
export function streamReading(outcome: Extract<SocketOutcome, { ok: true }>) {
  return { connected: true, latency: outcome.connectMs, response_time: outcome.totalMs };
}
