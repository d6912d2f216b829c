import type { SocketTarget, SocketTurn } from '../host/sockets.ts';
import { isLoopback } from '../lib/loopback.ts';
import { choice, either, flag, group, hostPort, list, path, pattern, text } from '../schema/fields.ts';
import { defineCheck } from './check-kind.ts';
import { networkFailure } from './network-failure.ts';
import { readTlsFiles, type TlsTexts, tlsOptions } from './tls-options.ts';

/** Longest part of what came that is kept as `banner`. */
const MOST_BANNER = 1024;

/** A TCP or unix-socket connection, with a conversation where one is given. */
export const tcp = defineCheck({
  kind: 'tcp',
  summary: 'Connects to a TCP port or a unix socket, and talks to it where told what to say.',
  options: {
    address: either([hostPort(), path()], {
      summary: '`host:port`, a port of this machine, or the path of a unix socket.',
    }),
    send: text({ summary: 'Text to send once connected.', optional: true }),
    expect: pattern({
      summary: 'Regular expression that the answer must match (the banner, when nothing is sent).',
      optional: true,
      validate: patternTrouble,
    }),
    talk: list(
      group({
        send: text({ summary: 'Text to send.', optional: true }),
        expect: pattern({
          summary: 'Regular expression to wait for.',
          optional: true,
          validate: patternTrouble,
        }),
      }),
      { summary: 'A longer conversation, turn by turn.', default: [] },
    ),
    secure: flag({ summary: 'Whether to speak TLS.', default: false }),
    tls: group(tlsOptions, { summary: 'How certificates are treated.', default: {} }),
    family: choice(['any', '4', '6'], { summary: 'IP version to use.', default: 'any' }),
  },
  main: 'address',
  readings: {
    connected: { type: 'flag', meaning: 'Whether there was a connection.' },
    latency: { type: 'number', quantity: 'duration', meaning: 'Time until connected.', min: 0 },
    response_time: {
      type: 'number',
      quantity: 'duration',
      meaning: 'Time until the conversation was over.',
      min: 0,
    },
    banner: { type: 'text', meaning: 'What the other side sent.' },
  },
  expects: ['connected'],
  failAfter: 3,
  timeout: 5000,
  remote: ({ address }) => typeof address !== 'string' && !isLoopback(address.host),
  headline: ['latency'],
  example: `
tcp: { address: "127.0.0.1:6379", send: "PING\\r\\n", expect: "^[+]PONG" }
`,
  async probe({ options, host, timeout, signal }) {
    const files = options.secure ? await readTlsFiles(options.tls, host.files) : undefined;
    if (files?.ok === false) return networkFailure(files);
    const target = targetOf(options, files?.tls);
    const outcome = await host.sockets.converse(target, turnsOf(options), timeout, signal);
    if (!outcome.ok) return networkFailure(outcome);
    return {
      outcome: 'read',
      reading: {
        connected: true,
        latency: outcome.connectMs,
        response_time: outcome.totalMs,
        banner: outcome.received.slice(0, MOST_BANNER),
      },
    };
  },
});

function targetOf(
  { address, family }: { readonly address: string | { host: string; port: number }; readonly family: string },
  tls: TlsTexts | undefined,
): SocketTarget {
  if (typeof address === 'string') return { path: address };
  return {
    ...address,
    ...(family === 'any' ? {} : { family: family === '4' ? 4 : 6 }),
    ...(tls === undefined ? {} : { ...tls, tls: true }),
  };
}

interface Turn {
  readonly send?: string;
  readonly expect?: string;
}

function turnsOf(options: Turn & { readonly talk: readonly Turn[] }): readonly SocketTurn[] {
  return [options, ...options.talk].flatMap(({ send, expect }) => [
    ...(send === undefined ? [] : [{ send }]),
    ...(expect === undefined ? [] : [{ expect: new RegExp(expect, 'm') }]),
  ]);
}

function patternTrouble(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'm');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
