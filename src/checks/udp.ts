import { otherHost } from '../lib/loopback.ts';
import { regexOf } from '../lib/regex/regex.ts';
import { choice, hostPort, pattern, text } from '../schema/fields.ts';
import { defineCheck } from './check-kind.ts';
import { networkFailure } from './network-failure.ts';

/** One datagram: a refusal is a failure; silence only is one where an answer is expected. */
export const udp = defineCheck({
  kind: 'udp',
  summary:
    'Sends a datagram to a UDP port; fails when the port is closed, or when an expected answer does not come.',
  options: {
    address: hostPort({ summary: 'Where to send, `host:port`.' }),
    send: text({ summary: 'Text to send; one zero byte if absent.', optional: true }),
    expect: pattern({
      summary: 'Regular expression that the answer must match; without it silence is fine.',
      optional: true,
    }),
    family: choice(['any', '4', '6'], { summary: 'IP version to use.', default: 'any' }),
  },
  main: 'address',
  readings: {
    answered: { type: 'flag', meaning: 'Whether an answer came.' },
    latency: {
      type: 'number',
      quantity: 'duration',
      meaning: 'Time until the answer; absent in silence.',
      min: 0,
    },
    answer: { type: 'text', meaning: 'The answer as text.' },
  },
  expects: [],
  failAfter: 3,
  timeout: 2000,
  target: ({ address }) => otherHost(address.host),
  headline: ['answered', 'latency'],
  example: `
udp: { address: "127.0.0.1:8125", send: "watcher:1|c" }
`,
  async probe({ options, host, timeout, signal }) {
    const { address, family, expect } = options;
    const outcome = await host.sockets.exchange(
      { ...address, ...(family === 'any' ? {} : { family: family === '4' ? 4 : 6 }) },
      Buffer.from(options.send ?? '\0', 'utf8'),
      timeout,
      signal,
    );
    if (!outcome.ok) {
      const silence = outcome.phase === 'expect' && outcome.code === 'TIMEOUT' && expect === undefined;
      return silence ? { outcome: 'read', reading: { answered: false } } : networkFailure(outcome);
    }
    const answer = Buffer.from(outcome.bytes).toString('utf8').slice(0, 1024);
    if (expect !== undefined && regexOf(expect, 'm').test(answer) !== true) {
      const shown = answer.slice(0, 80).replace(/\p{C}/gu, '.');
      return {
        outcome: 'failed',
        reason: `${address.host}:${address.port} answered '${shown}', expected '${expect}'`,
      };
    }
    return { outcome: 'read', reading: { answered: true, latency: outcome.totalMs, answer } };
  },
});
