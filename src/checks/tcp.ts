import type { SocketTurn } from '../host/sockets.ts';
import { regexOf } from '../lib/regex/regex.ts';
import { group, list, pattern, text } from '../schema/fields.ts';
import { defineCheck } from './check-kind.ts';
import { networkFailure } from './network-failure.ts';
import {
  converse,
  streamAddress,
  streamOptions,
  streamReading,
  streamReadings,
  streamTarget,
} from './stream.ts';

/** Longest part of what came that is kept as `banner`. */
const MOST_BANNER = 1024;

/** A TCP or unix-socket connection, with a conversation where one is given. */
export const tcp = defineCheck({
  kind: 'tcp',
  summary: 'Connects to a TCP port or a unix socket, and talks to it where told what to say.',
  options: {
    address: streamAddress(),
    send: text({ summary: 'Text to send once connected.', optional: true }),
    expect: pattern({
      summary: 'Regular expression that the answer must match (the banner, when nothing is sent).',
      optional: true,
    }),
    talk: list(
      group({
        send: text({ summary: 'Text to send.', optional: true }),
        expect: pattern({
          summary: 'Regular expression to wait for.',
          optional: true,
        }),
      }),
      { summary: 'A longer conversation, turn by turn.', default: [] },
    ),
    ...streamOptions,
  },
  main: 'address',
  readings: { ...streamReadings, banner: { type: 'text', meaning: 'What the other side sent.' } },
  expects: ['connected'],
  failAfter: 3,
  timeout: 5000,
  target: streamTarget,
  headline: ['latency'],
  example: `
tcp: { address: "127.0.0.1:6379", send: "PING\\r\\n", expect: "^[+]PONG" }
`,
  async probe(look) {
    const outcome = await converse(look, turnsOf(look.options));
    if (!outcome.ok) return networkFailure(outcome);
    return {
      outcome: 'read',
      reading: { ...streamReading(outcome), banner: outcome.received.slice(0, MOST_BANNER) },
    };
  },
});

interface Turn {
  readonly send?: string;
  readonly expect?: string;
}

function turnsOf(options: Turn & { readonly talk: readonly Turn[] }): readonly SocketTurn[] {
  return [options, ...options.talk].flatMap(({ send, expect }) => [
    ...(send === undefined ? [] : [{ send }]),
    ...(expect === undefined ? [] : [{ expect: regexOf(expect, 'm') }]),
  ]);
}
